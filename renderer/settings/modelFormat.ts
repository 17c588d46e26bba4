import { assertNever } from '../../contract/errors.ts'
import type { ModelNumbers, ModelProgress } from '../../contract/models.ts'
import { formatBytes, formatTimeLeft } from '../app/format.ts'

/** A share in [0, 1] with one decimal: `74.8 %`. */
export const formatShare = (share: number): string => `${(100 * share).toFixed(1)} %`

export const numberNames: Record<ModelNumbers, string> = {
  qlinear: 'int8',
  qdq: 'int8',
  weights: 'int8 weights',
  'binary-weights': '1-bit weights',
  float16: 'float16',
}

/** How far a model is that is being got or added, in words. */
export function formatTransfer(progress: ModelProgress | null): string {
  if (!progress) return 'Connecting…'
  const { phase, received, total, perSecond } = progress
  const amount =
    total === null ? formatBytes(received) : `${formatBytes(received)} of ${formatBytes(total)}`
  switch (phase) {
    case 'connecting':
      return 'Connecting…'
    case 'waiting':
      return 'No connection, trying again…'
    case 'verifying':
      return 'Verifying…'
    case 'copying':
    case 'receiving': {
      const left = total !== null && perSecond > 0 && formatTimeLeft((total - received) / perSecond)
      const speed = perSecond > 0 && `${formatBytes(perSecond)}/s`
      return [amount, speed, left].filter(Boolean).join(' · ')
    }
    default:
      return assertNever(phase)
  }
}
