/** Between pixels and probabilities: what a model takes and what it answers, as plain arithmetic. */
import type { Prediction, VisionModel } from '../rpc/visionCommands.ts'

/** For each RGB channel, the float that each byte becomes: (byte / 255 - mean) / std. */
export function normalisationTables({
  mean,
  std,
}: Pick<VisionModel, 'mean' | 'std'>): Float32Array[] {
  return mean.map((offset, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - offset) / (std[channel] ?? 1)),
  )
}

/**
 * Writes one photo as [3, height, width] floats, the planes in the order of `channels`.
 * `pixels`: RGB, row-major, uint8, [height, width, 3]. `planes`: as long as `pixels`.
 */
export function fillPlanes(
  planes: Float32Array,
  pixels: Uint8Array,
  tables: Float32Array[],
  channels: VisionModel['channels'],
): void {
  const size = planes.length / 3
  const [red, green, blue] = tables
  if (!red || !green || !blue) throw new Error('three channels needed')
  const redPlane = channels === 'rgb' ? 0 : 2 * size
  const bluePlane = 2 * size - redPlane
  for (let at = 0, from = 0; at < size; at++, from += 3) {
    planes[redPlane + at] = red[pixels[from] as number] as number
    planes[size + at] = green[pixels[from + 1] as number] as number
    planes[bluePlane + at] = blue[pixels[from + 2] as number] as number
  }
}

type Answer = Pick<VisionModel, 'outputKind' | 'temperature'>

/** Probabilities of all classes out of one row of a model's outputs. */
export const probabilities = (
  row: Float32Array,
  { outputKind, temperature }: Answer,
): Float32Array | Float64Array => (outputKind === 'logits' ? softmax(row, temperature) : row)

/** The `count` best classes of one row of outputs, best first; what is no number is none. */
export function topPredictions(row: Float32Array, answer: Answer, count: number): Prediction[] {
  const scores = probabilities(row, answer)
  const best: Prediction[] = []
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] as number
    if (!Number.isFinite(score)) continue
    if (best.length === count && score <= (best[count - 1] as Prediction).score) continue
    let at = best.length
    while (at > 0 && (best[at - 1] as Prediction).score < score) at--
    best.splice(at, 0, { index, score })
    if (best.length > count) best.pop()
  }
  return best
}

function softmax(logits: Float32Array, temperature: number): Float64Array {
  let maximum = Number.NEGATIVE_INFINITY
  for (const logit of logits) if (logit > maximum) maximum = logit
  const scores = new Float64Array(logits.length)
  let sum = 0
  for (let index = 0; index < logits.length; index++) {
    const exponential = Math.exp(((logits[index] as number) - maximum) / temperature)
    scores[index] = exponential
    sum += exponential
  }
  for (let index = 0; index < scores.length; index++)
    scores[index] = (scores[index] as number) / sum
  return scores
}
