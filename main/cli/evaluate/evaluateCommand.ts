import { relative, resolve } from 'node:path'
import { createVocabulary } from '../../../models/evaluation/vocabulary.ts'
import { loadTaxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { thisMachine } from '../../engine/acceleration/machine.ts'
import { processEntry } from '../../processes/entries.ts'
import { forkVision } from '../../processes/vision.ts'
import { createStatusLine, duration, type StatusLine } from '../statusLine.ts'
import { version } from '../version.ts'
import { type EvaluationProgress, evaluateModels } from './evaluateModels.ts'
import { toRecord } from './evaluation.ts'
import { type FoundPhotos, findPhotos, spread } from './findPhotos.ts'
import { inWords } from './inWords.ts'
import { loadModels, type WantedModels } from './models.ts'
import { makePictures } from './report/examples.ts'
import { reportPage } from './report/page.ts'
import { openReportFile, writeReportFile } from './report/reportFile.ts'
import { createRunningModel, type RunningModel } from './runningModel.ts'
import { labelPhotos, type Truth } from './truth.ts'
import { counted, someOf } from './wording.ts'

export interface EvaluateOptions extends WantedModels {
  json: boolean
  /** At most so many photos; `null`: all. */
  limit: number | null
  /** Where a report goes; `null`: nowhere. */
  report: string | null
}

const EXIT_INTERRUPTED = 130
const FILES_TOLD = 5

/** Measures models on the photos of `source`: a folder, or a CSV. Writes nothing but the report. */
export async function runEvaluate(source: string, options: EvaluateOptions): Promise<void> {
  const line = createStatusLine(process.stderr)
  const controller = new AbortController()
  const { signal } = controller
  const running = createRunningModel({
    start: forkVision(processEntry('vision'), (text) => {
      // A terminal's Ctrl-C ends vision as well: nothing to tell.
      if (!signal.aborted) line.log(text)
    }),
    startProbe: forkVision(processEntry('vision'), null),
    machine: thisMachine,
    log: line.log,
  })
  process.once('SIGINT', () => {
    controller.abort()
    running.vision.close()
  })
  try {
    await evaluate(source, options, { running, line, signal })
  } catch (error) {
    if (!signal.aborted) throw error
    line.log('Stopped.')
    process.exitCode = EXIT_INTERRUPTED
  } finally {
    line.end()
    running.vision.close()
  }
}

interface Parts {
  running: RunningModel
  line: StatusLine
  signal: AbortSignal
}

async function evaluate(
  source: string,
  options: EvaluateOptions,
  { running, line, signal }: Parts,
): Promise<void> {
  // What would fail in the end fails now.
  if (options.report !== null) await openReportFile(resolve(options.report))
  const found = await findPhotos(resolve(source), signal)
  const models = await loadModels(options)
  const labels = models.flatMap(({ loaded }) => loaded.manifest.labels)
  const truth = labelPhotos(found, createVocabulary(loadTaxonomy(), labels))
  const photos = spread(truth.photos, options.limit ?? truth.photos.length)
  const evaluations = await evaluateModels(running, models, photos, {
    signal,
    onProgress: (progress) => line.show(progressLine(progress)),
  })
  line.end()
  tellLeftOut(found, truth, line)
  const classes = new Set(photos.map(({ meaning }) => meaning.key)).size
  if (options.json) for (const each of evaluations) console.log(JSON.stringify(toRecord(each)))
  else {
    const asked = `${counted(photos.length, 'photo')} of ${counted(classes, 'class', 'classes')}`
    console.log(`${asked} from ${found.source}\n\n${inWords(evaluations, found.root)}`)
  }
  if (options.report === null) return
  line.show('Making the report…')
  const text = reportPage({
    evaluations,
    pictures: await makePictures(running.vision, evaluations, signal),
    source: found.source,
    root: found.root,
    photos: photos.length,
    classes,
    made: new Date(),
    version: version(),
    machine: thisMachine.processor,
  })
  const { path, replaces } = await writeReportFile(resolve(options.report), text)
  line.end()
  line.log(`Report: ${path}${replaces ? ', in place of the one before' : ''}`)
}

function progressLine({ title, done, total, seconds }: EvaluationProgress): string {
  if (done === 0) return `${title}: finding out what runs it fastest…`
  const left = duration((seconds / done) * (total - done))
  return `${title}: ${done} / ${total} photos · ${(done / seconds).toFixed(1)} a second · ${left} left`
}

/** On standard error, as it belongs to no model's figures. */
function tellLeftOut({ root, unread }: FoundPhotos, { unlabelled }: Truth, line: StatusLine): void {
  if (unlabelled.length > 0) {
    const names = unlabelled.map((path) => relative(root, path))
    const photos = counted(unlabelled.length, 'photo')
    line.log(`left out: ${photos} that nothing tells of: ${someOf(names, FILES_TOLD)}`)
  }
  for (const { path, reason } of unread) line.log(`left out: ${path}: ${reason}`)
}
