import { UserError } from '../../../contract/errors.ts'
import { figuresOf } from '../../../models/evaluation/figures.ts'
import type { JudgedPhoto } from '../../../models/evaluation/judged.ts'
import {
  commonAccuracies,
  type Evaluation,
  judge,
  type Run,
  type Task,
  taskFor,
  titlesOf,
} from './evaluation.ts'
import type { Unread } from './findPhotos.ts'
import { lookAtAll } from './lookAtAll.ts'
import type { DescribedModel } from './models.ts'
import type { RunningModel } from './runningModel.ts'
import type { LabelledPhoto } from './truth.ts'
import { someOf } from './wording.ts'

const CLASSES_TOLD = 3

/** How far one of the models is. */
export interface EvaluationProgress {
  title: string
  done: number
  total: number
  seconds: number
}

export interface EvaluationOptions {
  signal: AbortSignal
  onProgress: (progress: EvaluationProgress) => void
}

interface Prepared {
  model: DescribedModel
  title: string
  task: Task
}

interface Ran extends Prepared {
  judged: JudgedPhoto[]
  unread: Unread[]
  run: Run
}

/**
 * Has each model look at the photos whose class it knows, one model after the other. Throws
 * UserError for a model that knows none of the classes or cannot be run, and when no photo can be
 * read.
 */
export async function evaluateModels(
  running: RunningModel,
  models: readonly DescribedModel[],
  photos: readonly LabelledPhoto[],
  options: EvaluationOptions,
): Promise<Evaluation[]> {
  const titles = titlesOf(models)
  const prepared = models.map((model, index) => prepare(model, titles[index] ?? '', photos))
  const ran: Ran[] = []
  for (const each of prepared) ran.push(await runOne(running, each, options))
  const common = commonAccuracies(ran.map(({ judged }) => judged))
  return ran.map(({ model, title, task, judged, unread, run }, index) => ({
    model,
    title,
    figures: figuresOf(judged, model.loaded.manifest),
    common: common[index] ?? null,
    unknown: task.unknown,
    unread,
    run,
  }))
}

function prepare(model: DescribedModel, title: string, photos: readonly LabelledPhoto[]): Prepared {
  const task = taskFor(photos, model.loaded.manifest.labels)
  if (task.photos.length > 0) return { model, title, task }
  const { classes } = task.unknown
  throw new UserError(
    'no-known-class',
    `The model ${title} knows none of what the photos show, ${someOf(classes, CLASSES_TOLD)}: evaluate another model, or other photos.`,
  )
}

async function runOne(
  running: RunningModel,
  { model, title, task }: Prepared,
  { signal, onProgress }: EvaluationOptions,
): Promise<Ran> {
  const paths = task.photos.map(({ path }) => path)
  onProgress({ title, done: 0, total: paths.length, seconds: 0 })
  // Loading takes its time before the clock runs.
  const batchSize = await running.load(model, signal)
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  const looks = await lookAtAll(running.vision, paths, {
    batchSize,
    signal,
    onProgress: (done) => onProgress({ title, done, total: paths.length, seconds: seconds() }),
  })
  const took = seconds()
  const { judged, unread } = judge(task, looks)
  const run = { provider: running.providers(), photos: judged.length, seconds: took }
  const [first] = unread
  if (judged.length > 0) return { model, title, task, judged, unread, run }
  throw new UserError(
    'no-readable-photo',
    `No photo can be read; ${first?.path}: ${first?.reason} Check the ${paths.length > 1 ? 'paths' : 'path'}.`,
  )
}
