import { confidenceOf, isRight, type JudgedPhoto } from './judged.ts'

/** Photos whose best guess had a score in (from, to]; the first bin holds 0 as well. */
export interface CalibrationBin {
  from: number
  to: number
  photos: number
  right: number
  /** Means over the photos of the bin; `null` for an empty one. */
  confidence: number | null
  accuracy: number | null
}

export interface Calibration {
  /** The expected calibration error, in [0, 1]. */
  error: number
  bins: CalibrationBin[]
}

/** As in the paper below and in most since. */
const BINS = 15

/**
 * How far a model's confidence is from how often it is right: bins of equal width over the score of
 * the best guess, and the mean of |accuracy - confidence| over the photos (C. Guo et al. 2017,
 * https://arxiv.org/abs/1706.04599, equations 2 and 3). `photos`: at least one.
 */
export function calibrationOf(photos: readonly JudgedPhoto[]): Calibration {
  const sums = Array.from({ length: BINS }, () => ({ photos: 0, right: 0, confidence: 0 }))
  for (const photo of photos) {
    const confidence = confidenceOf(photo)
    const bin = sums[Math.min(BINS, Math.max(1, Math.ceil(confidence * BINS))) - 1]
    if (!bin) continue
    bin.photos++
    bin.confidence += confidence
    if (isRight(photo)) bin.right++
  }
  const gaps = sums.map(({ right, confidence }) => Math.abs(right - confidence))
  return {
    error: gaps.reduce((sum, gap) => sum + gap, 0) / photos.length,
    bins: sums.map(({ photos, right, confidence }, index) => ({
      from: index / BINS,
      to: (index + 1) / BINS,
      photos,
      right,
      confidence: photos > 0 ? confidence / photos : null,
      accuracy: photos > 0 ? right / photos : null,
    })),
  }
}
