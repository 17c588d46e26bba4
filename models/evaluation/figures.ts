import type { Manifest } from '../manifest.ts'
import { type Calibration, calibrationOf } from './calibration.ts'
import {
  type ClassFigures,
  type Confusion,
  classFigures,
  confusionsOf,
  type MacroAverages,
  macroAverages,
} from './classes.ts'
import { isRight, type JudgedPhoto } from './judged.ts'
import { type Proportion, proportion } from './proportion.ts'
import { type TagFigures, tagFigures } from './tags.ts'

/** How often the best guess, or one of the five best, is right. */
export interface Accuracy {
  top1: Proportion
  top5: Proportion
}

/** All that a model's guesses about photos of known classes tell of it. */
export interface Figures extends Accuracy {
  photos: number
  macro: MacroAverages
  calibration: Calibration
  tags: TagFigures
  classes: ClassFigures[]
  confusions: Confusion[]
}

/** `photos`: at least one. */
export function accuracyOf(photos: readonly JudgedPhoto[]): Accuracy {
  const rightWithin = (top: number) => photos.filter((photo) => isRight(photo, top)).length
  return {
    top1: proportion(rightWithin(1), photos.length),
    top5: proportion(rightWithin(5), photos.length),
  }
}

/** `photos`: at least one, each judged by the model of the manifest. */
export function figuresOf(
  photos: readonly JudgedPhoto[],
  { labels, thresholds }: Pick<Manifest, 'labels' | 'thresholds'>,
): Figures {
  const names = labels.map(({ name }) => name)
  const classes = classFigures(photos)
  return {
    photos: photos.length,
    ...accuracyOf(photos),
    macro: macroAverages(classes),
    calibration: calibrationOf(photos),
    tags: tagFigures(photos, thresholds),
    classes,
    confusions: confusionsOf(photos, names),
  }
}
