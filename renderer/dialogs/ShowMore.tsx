import { counted, wordFor } from '../app/format.ts'

/** Rows of a dialog's list at first. */
export const pageSize = 100
/** More than a person goes through one by one; what is left shows when some are dealt with. */
const mostRows = 1000

interface ShowMoreProps {
  /** Photos that are shown, one in a row. */
  rows: number
  /** All that there are. */
  total: number
  limit: number
  onLimit: (limit: number) => void
}

/** At the end of a list that has more than is shown. */
export function ShowMore({ rows, total, limit, onLimit }: ShowMoreProps) {
  const left = total - rows
  if (rows < limit || left <= 0) return null
  if (limit >= mostRows) {
    return (
      <p className="dialog-more" role="status">
        {counted(left, 'more photo')} {wordFor(left, 'follows', 'follow')} when some of these are
        dealt with.
      </p>
    )
  }
  return (
    <button
      type="button"
      className="button"
      onClick={() => onLimit(Math.min(mostRows, limit + pageSize * 3))}
    >
      Show more
    </button>
  )
}
