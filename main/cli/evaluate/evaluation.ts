/** What is found out about each model, out of what it said of the photos. */
import { type Accuracy, accuracyOf, type Figures } from '../../../models/evaluation/figures.ts'
import type { JudgedPhoto, TrueClass } from '../../../models/evaluation/judged.ts'
import { outputsMeant } from '../../../models/evaluation/vocabulary.ts'
import type { Label } from '../../../models/manifest.ts'
import type { Unread } from './findPhotos.ts'
import type { Look } from './lookAtAll.ts'
import type { DescribedModel } from './models.ts'
import type { LabelledPhoto } from './truth.ts'

export interface Evaluation {
  model: DescribedModel
  /** What it is called beside the other models. */
  title: string
  figures: Figures
  /** On the photos that every model judged; `null` for a single model, or where there are none. */
  common: CommonAccuracy | null
  /** What was left out, because the model has no such class. */
  unknown: UnknownPhotos
  /** What could not be looked at, and why. */
  unread: Unread[]
  run: Run
}

export interface CommonAccuracy extends Accuracy {
  photos: number
}

export interface UnknownPhotos {
  photos: number
  /** Names of their classes, sorted. */
  classes: string[]
}

/** How long looking took, from the file to the guesses, several photos at once. */
export interface Run {
  /** Execution provider of ONNX Runtime, or several where one gave up: `webgpu, then cpu`. */
  provider: string
  /** Those that were classified: what cannot be read is done with at once. */
  photos: number
  seconds: number
}

export const photosPerSecond = ({ photos, seconds }: Run): number => photos / seconds

/** The photos whose class a model knows, with the outputs that are right, and what is left out. */
export interface Task {
  photos: { path: string; truth: TrueClass }[]
  unknown: UnknownPhotos
}

export function taskFor(photos: readonly LabelledPhoto[], labels: readonly Label[]): Task {
  const truths = new Map<string, TrueClass>()
  const task: Task = { photos: [], unknown: { photos: 0, classes: [] } }
  const unknown = new Set<string>()
  for (const { path, meaning } of photos) {
    const truth = truths.get(meaning.key) ?? {
      name: meaning.name,
      outputs: outputsMeant(meaning, labels),
    }
    truths.set(meaning.key, truth)
    if (truth.outputs.size > 0) task.photos.push({ path, truth })
    else {
      unknown.add(meaning.name)
      task.unknown.photos++
    }
  }
  task.unknown.classes = [...unknown].sort()
  return task
}

/** `looks`: one for each photo of the task, in order. */
export function judge(
  { photos }: Task,
  looks: readonly Look[],
): { judged: JudgedPhoto[]; unread: Unread[] } {
  const judged: JudgedPhoto[] = []
  const unread: Unread[] = []
  for (const [index, { path, truth }] of photos.entries()) {
    const look = looks[index]
    if (look?.state === 'seen') judged.push({ path, truth, predictions: look.predictions })
    else if (look) unread.push({ path, reason: look.reason })
  }
  return { judged, unread }
}

/**
 * For each model its accuracy on the photos that all of them judged, because only there can they be
 * compared; `null` for all where there are no such photos, or one model alone.
 */
export function commonAccuracies(
  judgements: readonly (readonly JudgedPhoto[])[],
): (CommonAccuracy | null)[] {
  const paths = judgements.map((judged) => new Set(judged.map(({ path }) => path)))
  return judgements.map((judged) => {
    const photos = judged.filter(({ path }) => paths.every((each) => each.has(path)))
    if (judgements.length < 2 || photos.length === 0) return null
    return { photos: photos.length, ...accuracyOf(photos) }
  })
}

export interface Compared {
  title: string
  common: CommonAccuracy
}

/** The accuracies on common photos, where these are not simply all photos of each model. */
export function separateComparison(evaluations: readonly Evaluation[]): Compared[] {
  const same = evaluations.every(({ common, figures }) => common?.photos === figures.photos)
  if (same) return []
  return evaluations.flatMap(({ title, common }) => (common ? [{ title, common }] : []))
}

/** The models' ids, or their files where two have the same id. */
export function titlesOf(models: readonly DescribedModel[]): string[] {
  const ids = models.map(({ loaded }) => loaded.manifest.id)
  return models.map(({ loaded }) => {
    const { id } = loaded.manifest
    return ids.filter((other) => other === id).length > 1 ? loaded.file : id
  })
}

/** An evaluation as a program reads it. Paths are whole, shares are in [0, 1]. */
export function toRecord({ model, figures, common, unknown, unread, run }: Evaluation): object {
  const { loaded, description, weights, size } = model
  const { id, name, sha256, licence, resize, inputSize, accuracy } = loaded.manifest
  const { reason: _, classes, ...architecture } = description
  return {
    model: {
      id,
      name,
      file: loaded.file,
      sha256,
      licence,
      ...architecture,
      outputs: classes,
      weights,
      bytes: size,
      inputSize,
      resize,
      published: accuracy,
    },
    ...figures,
    common,
    unknown,
    unread,
    run: {
      ...run,
      photosPerSecond: photosPerSecond(run),
      millisecondsPerPhoto: (1000 * run.seconds) / run.photos,
    },
  }
}
