/** A stretch of a result that is being selected: one end stays, the other is moved about. */
import type { PhotoId } from '../../contract/domain.ts'
import type { Range } from '../grid/layout.ts'

export interface Stretch {
  /** Place in the result of the first photo. */
  first: number
  ids: readonly PhotoId[]
}

/** From one place to another, whichever comes first. */
export const rangeBetween = (one: number, other: number): Range => ({
  first: Math.min(one, other),
  last: Math.max(one, other),
})

export const lengthOf = ({ first, last }: Range): number => last - first + 1

/** The part of a range whose photos are not known yet; `null` when all are. */
export function missingPart(known: Stretch | null, range: Range): Range | null {
  if (!known || known.ids.length === 0) return range
  const end = known.first + known.ids.length - 1
  const [before, after] = [range.first < known.first, range.last > end]
  const apart = range.first > end + 1 || range.last < known.first - 1
  if (apart || (before && after)) return range
  if (before) return { first: range.first, last: known.first - 1 }
  if (after) return { first: end + 1, last: range.last }
  return null
}

/** The stretch of a range, of what is known and the missing part. */
export function stretchOf(known: Stretch | null, range: Range, missing: Stretch | null): Stretch {
  if (!missing) return cut(known ?? { first: range.first, ids: [] }, range)
  if (!known || lengthOf(range) === missing.ids.length) return missing
  const [left, right] = missing.first < known.first ? [missing, known] : [known, missing]
  return cut({ first: left.first, ids: [...left.ids, ...right.ids] }, range)
}

function cut({ first, ids }: Stretch, range: Range): Stretch {
  return { first: range.first, ids: ids.slice(range.first - first, range.last - first + 1) }
}
