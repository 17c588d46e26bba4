import type { ModelProgress } from '../../contract/models.ts'
import { formatTransfer } from './modelFormat.ts'

/** A bar and how far it is, in words. */
export function TransferLine(props: { label: string; progress: ModelProgress | null }) {
  const { progress } = props
  const known = progress !== null && progress.total !== null
  return (
    <div className="transfer">
      <progress
        aria-label={props.label}
        {...(known && { value: progress.received, max: Math.max(1, progress.total ?? 0) })}
      />
      <span>{formatTransfer(progress)}</span>
    </div>
  )
}
