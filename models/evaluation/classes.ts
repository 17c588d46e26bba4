import { confidenceOf, isRight, type JudgedPhoto, type TrueClass } from './judged.ts'

export interface ClassFigures {
  name: string
  /** Photos that show it. */
  support: number
  /** Photos whose best guess it is. */
  predicted: number
  /** Photos that show it and whose best guess it is. */
  right: number
  /** `right / predicted`; `null` when it is no photo's best guess. */
  precision: number | null
  /** `right / support` */
  recall: number
  /** The harmonic mean of both; 0 without precision. */
  f1: number
}

/** Means over the classes, each counting the same however many photos it has. */
export interface MacroAverages {
  precision: number
  recall: number
  f1: number
}

export interface Confusion {
  truth: string
  predicted: string
  photos: number
  /** The photos, those of which the model was surest first. */
  examples: { path: string; score: number }[]
}

/** What a photo without any guess counts as. */
const NOTHING = '(nothing)'

/**
 * Says for each photo which true class its best guess is: the photo's own where the guess is right,
 * else the narrowest that contains the guess, `null` where none does. So a tabby taken for a poodle
 * is a confusion of cat and dog where the truth speaks of cats and dogs.
 */
function attributing(photos: readonly JudgedPhoto[]): (photo: JudgedPhoto) => TrueClass | null {
  const narrowest = new Map<number, TrueClass>()
  for (const truth of new Set(photos.map(({ truth }) => truth))) {
    for (const output of truth.outputs) {
      const known = narrowest.get(output)
      if (!known || truth.outputs.size < known.outputs.size) narrowest.set(output, truth)
    }
  }
  return (photo) => {
    if (isRight(photo)) return photo.truth
    const [best] = photo.predictions
    return (best && narrowest.get(best.index)) ?? null
  }
}

/**
 * Figures of each class that a photo shows, by name. They are those of scikit-learn's
 * classification_report with these classes as its labels.
 */
export function classFigures(photos: readonly JudgedPhoto[]): ClassFigures[] {
  const attributed = attributing(photos)
  const counts = new Map(photos.map(({ truth }) => [truth, { support: 0, predicted: 0, right: 0 }]))
  for (const photo of photos) {
    const shown = counts.get(photo.truth)
    const guess = attributed(photo)
    const guessed = guess && counts.get(guess)
    if (shown) shown.support++
    if (guessed) guessed.predicted++
    if (guessed && guessed === shown) guessed.right++
  }
  return [...counts]
    .map(([{ name }, { support, predicted, right }]) => ({
      name,
      support,
      predicted,
      right,
      precision: predicted > 0 ? right / predicted : null,
      recall: right / support,
      f1: (2 * right) / (support + predicted),
    }))
    .sort((a, b) => byText(a.name, b.name))
}

/** A class that is never predicted counts with a precision of 0. `classes`: at least one. */
export function macroAverages(classes: readonly ClassFigures[]): MacroAverages {
  const mean = (value: (each: ClassFigures) => number) =>
    classes.reduce((sum, each) => sum + value(each), 0) / classes.length
  return {
    precision: mean(({ precision }) => precision ?? 0),
    recall: mean(({ recall }) => recall),
    f1: mean(({ f1 }) => f1),
  }
}

/**
 * Which class is taken for which, the most frequent pair first; at equal count the surest.
 * `names`: of the model's outputs.
 */
export function confusionsOf(
  photos: readonly JudgedPhoto[],
  names: readonly string[],
): Confusion[] {
  const attributed = attributing(photos)
  const pairs = new Map<string, Confusion>()
  for (const photo of photos) {
    if (isRight(photo)) continue
    const truth = photo.truth.name
    const [best] = photo.predictions
    const predicted = attributed(photo)?.name ?? (best && names[best.index]) ?? NOTHING
    const key = JSON.stringify([truth, predicted])
    const pair = pairs.get(key) ?? { truth, predicted, photos: 0, examples: [] }
    pair.photos++
    pair.examples.push({ path: photo.path, score: confidenceOf(photo) })
    pairs.set(key, pair)
  }
  for (const { examples } of pairs.values()) examples.sort((a, b) => b.score - a.score)
  const surest = ({ examples }: Confusion) => examples[0]?.score ?? 0
  return [...pairs.values()].sort(
    (a, b) =>
      b.photos - a.photos ||
      surest(b) - surest(a) ||
      byText(a.truth, b.truth) ||
      byText(a.predicted, b.predicted),
  )
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
