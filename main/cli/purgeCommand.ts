import type { MissingPhoto } from '../../contract/domain.ts'
import { countMissing, listMissing } from '../engine/db/missing.ts'
import { purgeMissing } from '../engine/library/purge.ts'
import type { CommonOptions } from './index.ts'
import { openForChanging, openForReading } from './openLibrary.ts'
import { print, printJson } from './print.ts'

const PAGE = 1000

/** Forgets the photos of which no file is left, with all that was said of them. */
export async function runPurge(options: CommonOptions): Promise<void> {
  const { db, library } = await openForChanging(options)
  const purged = purgeMissing(db, null)
  library.close()
  await (options.json ? printJson({ purged }) : print(`Forgotten: ${inPhotos(purged)}.`))
}

/** Lists what `runPurge` would forget. */
export async function listPurge(options: CommonOptions): Promise<void> {
  const { db, library } = await openForReading(options)
  const count = countMissing(db)
  for (let offset = 0; offset < count; offset += PAGE) {
    for (const photo of listMissing(db, offset, PAGE)) {
      await (options.json ? printJson(photo) : print(`${photo.path}\t${loss(photo)}`))
    }
  }
  library.close()
  if (options.json) return
  if (count === 0) await print('No photo is missing.')
  else console.error(`${inPhotos(count)} would be forgotten: add --yes to do it.`)
}

const inPhotos = (count: number) => `${count} ${count === 1 ? 'photo' : 'photos'}`

/** What would go with a photo, beside what models said of it. */
function loss({ decisions, albums, stars }: MissingPhoto): string {
  const parts = [
    [decisions, 'tag', 'tags'],
    [albums, 'album', 'albums'],
    [stars, 'star', 'stars'],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
    .join(', ')
}
