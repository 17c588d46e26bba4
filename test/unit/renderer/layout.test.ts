import { describe, expect, it } from 'vitest'
import {
  type GridLayout,
  isScaled,
  keepPlace,
  layoutGrid,
  moveFocus,
  offsetOfScroll,
  offsetShowing,
  pagesOf,
  photosOfRows,
  rowTop,
  scrollCap,
  scrollOfOffset,
  visibleRows,
} from '../../../renderer/grid/layout.ts'

const layoutOf = (count: number, thumbnailSize = 168, width = 1192): GridLayout =>
  layoutGrid({ count, width, height: 822, thumbnailSize, gap: 4, padding: 12, bottom: 72 })

describe('layoutGrid', () => {
  it('fills the width with as many cells as are at least as wide as asked for', () => {
    const layout = layoutOf(100)
    expect(layout.columns).toBe(6)
    expect(layout.cell).toBeGreaterThanOrEqual(168)
    expect(6 * layout.cell + 5 * 4 + 2 * 12).toBeCloseTo(1192)
    expect(layout.rows).toBe(17)
  })

  it('keeps one column where not even one cell fits', () => {
    const layout = layoutOf(3, 320, 200)
    expect(layout.columns).toBe(1)
    expect(layout.cell).toBe(176)
  })

  it('has no height without photos', () => {
    expect(layoutOf(0)).toMatchObject({ rows: 0, totalHeight: 0, virtualHeight: 0 })
  })

  it('never asks for an element taller than browsers can draw', () => {
    for (const count of [10, 10_000, 1_000_000]) {
      for (const size of [80, 168, 320]) {
        expect(layoutOf(count, size).virtualHeight).toBeLessThanOrEqual(scrollCap)
      }
    }
  })
})

describe('scroll positions', () => {
  it('are the offsets themselves while the result is short', () => {
    const layout = layoutOf(10_000)
    expect(isScaled(layout)).toBe(false)
    expect(offsetOfScroll(layout, 12_345.5)).toBe(12_345.5)
    expect(scrollOfOffset(layout, 12_345.5)).toBe(12_345.5)
  })

  it('reach the first and the last photo of a million', () => {
    const layout = layoutOf(1_000_000)
    expect(isScaled(layout)).toBe(true)
    expect(photosOfRows(layout, visibleRows(layout, offsetOfScroll(layout, 0), 0)).first).toBe(0)
    const bottom = offsetOfScroll(layout, layout.virtualHeight - layout.viewport)
    expect(photosOfRows(layout, visibleRows(layout, bottom, 0)).last).toBe(999_999)
    expect(rowTop(layout, layout.rows - 1) + layout.cell + 72 - bottom).toBeCloseTo(822, 3)
  })

  it('lead back to the same offset in a scaled grid', () => {
    const layout = layoutOf(1_000_000)
    for (const offset of [0, 1, 1_000_003.25, layout.totalHeight - layout.viewport]) {
      expect(offsetOfScroll(layout, scrollOfOffset(layout, offset))).toBeCloseTo(offset, 3)
    }
  })

  it('beyond either end stand for that end', () => {
    const layout = layoutOf(1000)
    expect(offsetOfScroll(layout, -50)).toBe(0)
    expect(offsetOfScroll(layout, 1e9)).toBe(layout.totalHeight - layout.viewport)
    expect(scrollOfOffset(layoutOf(3), 500)).toBe(0)
  })
})

describe('visible rows', () => {
  it('are those that the view touches, with some around', () => {
    const layout = layoutOf(1000)
    const offset = rowTop(layout, 10)
    expect(visibleRows(layout, offset, 0)).toEqual({ first: 10, last: 14 })
    expect(visibleRows(layout, offset, 2)).toEqual({ first: 8, last: 16 })
  })

  it('stop at the last photo', () => {
    const layout = layoutOf(10)
    const rows = visibleRows(layout, 0, 2)
    expect(rows).toEqual({ first: 0, last: 1 })
    expect(photosOfRows(layout, rows)).toEqual({ first: 0, last: 9 })
  })

  it('are none without photos', () => {
    const layout = layoutOf(0)
    expect(pagesOf(photosOfRows(layout, visibleRows(layout, 0, 2)), 200)).toEqual([])
  })
})

describe('pagesOf', () => {
  it('names each page that holds a photo of the range once', () => {
    expect(pagesOf({ first: 0, last: 199 }, 200)).toEqual([0])
    expect(pagesOf({ first: 199, last: 400 }, 200)).toEqual([0, 200, 400])
    expect(pagesOf({ first: 999_990, last: 999_999 }, 200)).toEqual([999_800])
  })
})

describe('offsetShowing', () => {
  const layout = layoutOf(1000)

  it('does not move while the photo is wholly in view', () => {
    expect(offsetShowing(layout, 1000, 6 * 7)).toBe(1000)
  })

  it('moves just far enough up or down', () => {
    const above = offsetShowing(layout, 5000, 6 * 3)
    expect(above).toBe(rowTop(layout, 3) - 12)
    const below = offsetShowing(layout, 0, 6 * 20)
    expect(rowTop(layout, 20) + layout.cell - below).toBeCloseTo(layout.viewport - 72)
  })

  it('shows the last photo above the free space at the end', () => {
    const end = offsetShowing(layout, 0, 999)
    expect(end).toBe(layout.totalHeight - layout.viewport)
    expect(layout.totalHeight - rowTop(layout, layout.rows - 1) - layout.cell).toBeCloseTo(72)
  })
})

describe('keepPlace', () => {
  it('keeps the photo at the top in the top row when cells change their size', () => {
    const before = layoutOf(1_000_000)
    const offset = rowTop(before, 50_000) + 40
    const after = layoutOf(1_000_000, 80)
    const top = visibleRows(after, keepPlace(before, offset, after), 0).first
    const photo = 50_000 * before.columns
    expect(top).toBe(Math.floor(photo / after.columns))
  })

  it('keeps the offset when only the number of photos changes', () => {
    expect(keepPlace(layoutOf(1000), 3333, layoutOf(1100))).toBe(3333)
  })

  it('stays at the end of a result that has become shorter', () => {
    const short = layoutOf(60)
    expect(keepPlace(layoutOf(1000), 9000, short)).toBe(short.totalHeight - short.viewport)
  })

  it('stays at the top', () => {
    expect(keepPlace(layoutOf(1000), 0, layoutOf(1000, 80))).toBe(0)
  })
})

describe('moveFocus', () => {
  const layout = layoutOf(100)

  it.each([
    ['ArrowRight', 5, 6],
    ['ArrowRight', 99, 99],
    ['ArrowLeft', 0, 0],
    ['ArrowDown', 4, 10],
    ['ArrowUp', 4, 4],
    ['ArrowDown', 95, 99],
    ['PageDown', 1, 25],
    ['PageUp', 25, 1],
    ['Home', 50, 0],
    ['End', 50, 99],
  ])('%s leads from photo %i to %i', (key, from, to) => {
    expect(moveFocus(layout, from, key)).toBe(to)
  })

  it('leaves other keys alone', () => {
    expect(moveFocus(layout, 0, 'a')).toBeNull()
  })

  it('moves nothing where there is nothing', () => {
    expect(moveFocus(layoutOf(0), 0, 'End')).toBeNull()
  })
})
