import { modelNameOf } from '../engine/db/predictions.ts'
import { readSetting } from '../engine/db/settings.ts'
import type { ExportPhoto } from '../engine/export/types.ts'
import { photoAtPath } from '../engine/library/folders.ts'
import { photoRecord, photoRecords } from '../engine/library/records.ts'
import { libraryStatus } from '../engine/library/status.ts'
import { noModel } from '../engine/tags/currentModel.ts'
import type { CommonOptions } from './index.ts'
import { openForReading, unknownPhoto } from './openLibrary.ts'
import { print, printJson } from './print.ts'

/** One photo as the command line tells it in JSON. */
function publicRecord({ path, id, takenAt, width, height, camera, tags }: ExportPhoto) {
  return { path, id, takenAt, width, height, camera, tags }
}

const percent = (score: number | null) => (score === null ? '' : ` ${Math.round(score * 100)} %`)

export async function runSearch(
  query: string,
  limit: number | null,
  options: CommonOptions,
): Promise<void> {
  const source = await openForReading(options)
  const found = source.search.ids(query, 'newest')
  const ids = limit === null ? found : found.slice(0, limit)
  for (const record of photoRecords(source, ids)) {
    const [best] = record.folderTags
    const text = best ? `${record.path}\t${record.folderTags.join(', ')}` : record.path
    await (options.json ? printJson(publicRecord(record)) : print(text))
  }
  source.library.close()
}

export async function runShow(file: string, options: CommonOptions): Promise<void> {
  const source = await openForReading(options)
  const id = photoAtPath(source.db, file)
  const record = id === null ? null : photoRecord(source, id)
  if (!record) throw unknownPhoto(file)
  await (options.json ? printJson(publicRecord(record)) : print(describe(record)))
  source.library.close()
}

function describe(record: ExportPhoto): string {
  const guesses = record.tags.filter(({ score }) => score !== null)
  const lines: [string, string | null][] = [
    ['File', record.path],
    ['Taken', record.takenAt?.replace('T', ' ') ?? null],
    ['Size', record.width && record.height ? `${record.width} x ${record.height} pixels` : null],
    ['Camera', record.camera],
    ['Lens', record.lens],
    [
      'Place',
      record.latitude === null
        ? null
        : `${record.latitude.toFixed(5)}, ${record.longitude?.toFixed(5)}`,
    ],
    ['Tags', record.folderTags.join(', ') || 'none'],
    ['Guesses', guesses.map(({ name, score }) => `${name}${percent(score)}`).join(', ')],
  ]
  return lines
    .filter(([, value]) => value !== null && value !== '')
    .map(([label, value]) => `${`${label}:`.padEnd(9)}${value}`)
    .join('\n')
}

export async function runStatus(options: CommonOptions): Promise<void> {
  const { db, library, modelId } = await openForReading(options)
  const {
    model: _,
    libraryPath,
    ...counts
  } = libraryStatus(db, library.directory, noModel, modelId)
  const model = modelId === null ? null : modelNameOf(db, modelId)
  const provider = readSetting(db, 'provider')
  library.close()
  if (options.json) {
    await printJson({ ...counts, model, provider })
    return
  }
  await print(
    [
      `Library:     ${libraryPath}`,
      `Folders:     ${counts.folders}`,
      `Files:       ${counts.files}`,
      `Photos:      ${counts.photos}`,
      `Classified:  ${counts.classified}`,
      `Quarantined: ${counts.quarantined}`,
      `Pending:     ${counts.pending}`,
      `Model:       ${model ?? 'none'}${provider ? ` on ${provider}` : ''}`,
      ...(model ? [] : [noModel.advice]),
    ].join('\n'),
  )
}
