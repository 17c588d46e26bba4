import type { ProviderCandidate } from '../../../contract/domain.ts'
import type { Provider } from '../../rpc/execution.ts'

/** How fast a model runs with a provider, at the batch size that suits it best. */
export interface Timing {
  batchSize: number
  photosPerSecond: number
}

/** The CPU with the int8 variant of a model, beside the names of execution providers. */
export const CPU_INT8 = 'cpu int8'
export type Way = Provider | typeof CPU_INT8

/** What came of trying a way to run a model. */
export type Trial =
  | { provider: Way; state: 'unavailable' | 'failed'; reason: string }
  /** `scores`: probabilities of all classes for each built-in picture. */
  | { provider: Way; state: 'ran'; scores: readonly Float32Array[]; timing: Timing }

/** A provider may differ from the CPU by so much of a probability: it rounds in another order. */
const TOLERANCE = 0.01
/** The int8 variant rounds, which a person allowed; another network differs by more than this. */
const INT8_TOLERANCE = 0.25

/** Whether two providers say the same, and the largest difference of a probability. */
export function compareScores(
  reference: readonly Float32Array[],
  scores: readonly Float32Array[],
  tolerance = TOLERANCE,
): { agrees: boolean; difference: number } {
  let difference = 0
  let agrees = scores.length > 0
  for (const [index, row] of scores.entries()) {
    const expected = reference[index]
    if (!expected || expected.length !== row.length) return { agrees: false, difference: 1 }
    for (const [at, score] of row.entries()) {
      const apart = Math.abs(score - (expected[at] as number))
      // What is no number differs altogether.
      difference = Math.max(difference, Number.isFinite(apart) ? apart : 1)
    }
    // Of classes as good as equal either may come first.
    const best = expected[indexOfLargest(row)] as number
    agrees &&= (expected[indexOfLargest(expected)] as number) - best <= tolerance
  }
  return { agrees: agrees && difference <= tolerance, difference }
}

function indexOfLargest(row: Float32Array): number {
  let largest = 0
  for (const [index, value] of row.entries()) if (value > (row[largest] as number)) largest = index
  return largest
}

/** Chooses the fastest of those that agree with the CPU, and says of every other why not. */
export function judge(
  cpu: Extract<Trial, { state: 'ran' }>,
  others: readonly Trial[],
): ProviderCandidate[] {
  const judged = others.map((trial) => {
    if (trial.state !== 'ran') return { trial, timing: null, agrees: false, difference: null }
    const tolerance = trial.provider === CPU_INT8 ? INT8_TOLERANCE : TOLERANCE
    return { trial, timing: trial.timing, ...compareScores(cpu.scores, trial.scores, tolerance) }
  })
  const eligible = judged.flatMap(({ trial, timing, agrees }) =>
    timing && agrees ? [{ provider: trial.provider, timing }] : [],
  )
  const best = [{ provider: cpu.provider, timing: cpu.timing }, ...eligible].reduce((a, b) =>
    b.timing.photosPerSecond > a.timing.photosPerSecond ? b : a,
  )
  const verdict = ({ trial, timing, agrees, difference }: (typeof judged)[number]) => {
    const common = { provider: trial.provider, ...noTiming, ...timing, difference }
    if (trial.state !== 'ran') return { ...common, outcome: trial.state, reason: trial.reason }
    if (!agrees)
      return { ...common, outcome: 'disagrees' as const, reason: disagreement(difference) }
    return trial.provider === best.provider
      ? { ...common, outcome: 'chosen' as const, reason: 'The fastest here.' }
      : { ...common, outcome: 'slower' as const, reason: slowness(timing, best) }
  }
  const onCpu = {
    ...{ provider: cpu.provider, ...cpu.timing, difference: null },
    ...(best.provider === cpu.provider
      ? { outcome: 'chosen' as const, reason: 'The fastest here.' }
      : { outcome: 'slower' as const, reason: slowness(cpu.timing, best) }),
  }
  return [onCpu, ...judged.map(verdict)]
}

const noTiming = { batchSize: null, photosPerSecond: null }

const disagreement = (difference: number | null) =>
  `Its answers differ from the CPU’s, by up to ${((difference ?? 1) * 100).toFixed(1)} % of a probability.`

const slowness = (timing: Timing | null, best: { provider: string; timing: Timing }) =>
  `${rate(timing?.photosPerSecond ?? 0)} photos a second, ${best.provider} ${rate(best.timing.photosPerSecond)}.`

const rate = (perSecond: number) => (perSecond < 10 ? perSecond.toFixed(2) : perSecond.toFixed(0))
