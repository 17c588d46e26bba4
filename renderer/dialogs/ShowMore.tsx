/** Rows of a dialog's list at first. */
export const pageSize = 100
/** More than a person goes through one by one; what is left shows when some are dealt with. */
const mostRows = 1000

interface ShowMoreProps {
  /** Rows that are shown. */
  rows: number
  limit: number
  onLimit: (limit: number) => void
}

/** At the end of a list that has more than is shown. */
export function ShowMore({ rows, limit, onLimit }: ShowMoreProps) {
  if (rows < limit || limit >= mostRows) return null
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
