import type { GraphicsCard } from '../../../contract/domain.ts'
import { cpuExecution, type Execution, provider } from '../../rpc/execution.ts'
import type { StoredAcceleration } from '../db/acceleration.ts'
import { CPU_INT8 } from './judge.ts'
import type { Machine } from './machine.ts'

/** How a model is to be run, by what was measured. */
export interface ChosenWay {
  execution: Execution
  /** Whether its int8 variant takes its place. */
  int8: boolean
}

/** `null` where nothing was measured on this machine. */
export function chosenWay(stored: Pick<StoredAcceleration, 'candidates'> | null): ChosenWay | null {
  const chosen = stored?.candidates.find(({ outcome }) => outcome === 'chosen')
  if (!chosen?.batchSize) return null
  const int8 = chosen.provider === CPU_INT8
  const known = provider.safeParse(int8 ? 'cpu' : chosen.provider)
  if (!known.success) return null
  const { batchSize } = chosen
  return { execution: { ...cpuExecution, provider: known.data, batchSize }, int8 }
}

/** What was measured, if it holds for this processor and this ONNX Runtime. */
export const validFor = (
  stored: StoredAcceleration | null,
  { processor, runtime }: Machine,
): StoredAcceleration | null =>
  stored?.processor === processor && stored.runtime === runtime ? stored : null

export const sameCards = (
  before: readonly GraphicsCard[] | undefined,
  now: readonly GraphicsCard[],
): boolean => before !== undefined && JSON.stringify(before) === JSON.stringify(now)

/** Whether the int8 variant was among what was measured. */
export const triedInt8 = (stored: StoredAcceleration | null): boolean =>
  stored?.candidates.some(({ provider }) => provider === CPU_INT8) ?? false
