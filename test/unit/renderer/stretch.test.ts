import { describe, expect, it } from 'vitest'
import type { PhotoId } from '../../../contract/domain.ts'
import {
  missingPart,
  rangeBetween,
  type Stretch,
  stretchOf,
} from '../../../renderer/selection/stretch.ts'

/** In these results the photo at a place has the place, times ten, as its id. */
const stretch = (first: number, last: number): Stretch => ({
  first,
  ids: Array.from({ length: last - first + 1 }, (_, at) => ((first + at) * 10) as PhotoId),
})
const load = (known: Stretch | null, one: number, other: number) => {
  const range = rangeBetween(one, other)
  const missing = missingPart(known, range)
  return {
    asked: missing && [missing.first, missing.last],
    stretch: stretchOf(known, range, missing && stretch(missing.first, missing.last)),
  }
}

describe('a stretch that is being selected', () => {
  it('is asked for whole at first, in either direction', () => {
    expect(load(null, 3, 5)).toEqual({ asked: [3, 5], stretch: stretch(3, 5) })
    expect(load(null, 5, 3)).toEqual({ asked: [3, 5], stretch: stretch(3, 5) })
    expect(load(null, 4, 4)).toEqual({ asked: [4, 4], stretch: stretch(4, 4) })
  })

  it.each([
    ['grows at its end', 3, 7, [6, 7]],
    ['shrinks at its end', 3, 4, null],
    ['turns around the photo where it began', 3, 1, [1, 2]],
    ['stays as it is', 3, 5, null],
  ])('%s, asking for no more than is missing', (_what, anchor, to, asked) => {
    const { first, last } = rangeBetween(anchor, to)
    expect(load(stretch(3, 5), anchor, to)).toEqual({ asked, stretch: stretch(first, last) })
  })

  it.each([
    ['grows at its beginning', 5, 1, [1, 2]],
    ['shrinks at its beginning', 5, 4, null],
    ['turns around', 5, 8, [6, 8]],
  ])('%s when it began at its other end', (_what, anchor, to, asked) => {
    const { first, last } = rangeBetween(anchor, to)
    expect(load(stretch(3, 5), anchor, to)).toEqual({ asked, stretch: stretch(first, last) })
  })

  it('is asked for anew where nothing of it is known', () => {
    expect(load(stretch(3, 5), 20, 22)).toEqual({ asked: [20, 22], stretch: stretch(20, 22) })
    expect(load(stretch(3, 5), 1, 9)).toEqual({ asked: [1, 9], stretch: stretch(1, 9) })
    expect(load({ first: 3, ids: [] }, 3, 4)).toEqual({ asked: [3, 4], stretch: stretch(3, 4) })
  })
})
