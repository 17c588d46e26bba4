/** Where photos lie in the grid, as arithmetic. All lengths are CSS pixels. */

export interface GridMeasures {
  /** Photos in the result. */
  count: number
  /** Of the scrolling box. */
  width: number
  height: number
  /** The size of a thumbnail that is asked for; cells are at least that wide where one fits. */
  thumbnailSize: number
  gap: number
  /** Free space at every edge but the bottom. */
  padding: number
  /** Free space below the last row. */
  bottom: number
}

export interface GridLayout {
  count: number
  columns: number
  rows: number
  /** Width and height of a cell. */
  cell: number
  /** From the top of one row to the top of the next. */
  rowHeight: number
  padding: number
  bottom: number
  viewport: number
  /** The height that the whole result would have. */
  totalHeight: number
  /** The height that the scrolled element gets, `scrollCap` at most. */
  virtualHeight: number
}

/**
 * Chromium caps an element at about 16.7 million device pixels, and drops what lies beyond; this
 * stays below it with three device pixels to a CSS pixel.
 */
export const scrollCap = 5_000_000

export function layoutGrid(measures: GridMeasures): GridLayout {
  const { count, gap, padding, bottom, height } = measures
  const width = Math.max(1, measures.width - 2 * padding)
  const columns = Math.max(1, Math.floor((width + gap) / (measures.thumbnailSize + gap)))
  const cell = Math.max(1, (width - gap * (columns - 1)) / columns)
  const rows = Math.ceil(count / columns)
  const rowHeight = cell + gap
  const totalHeight = rows === 0 ? 0 : padding + rows * rowHeight - gap + bottom
  return {
    count,
    columns,
    rows,
    cell,
    rowHeight,
    padding,
    bottom,
    viewport: height,
    totalHeight,
    virtualHeight: Math.min(totalHeight, scrollCap),
  }
}

/** Whether scroll positions stand for more pixels than they are. */
export const isScaled = (layout: GridLayout): boolean => layout.totalHeight > layout.virtualHeight

const lastOffset = (layout: GridLayout) => Math.max(0, layout.totalHeight - layout.viewport)
const lastScroll = (layout: GridLayout) => Math.max(0, layout.virtualHeight - layout.viewport)

export const clampOffset = (layout: GridLayout, offset: number): number =>
  Math.min(Math.max(0, offset), lastOffset(layout))

/** The offset into the whole result that a scroll position stands for. */
export function offsetOfScroll(layout: GridLayout, scrollTop: number): number {
  if (!isScaled(layout)) return clampOffset(layout, scrollTop)
  return clampOffset(layout, (scrollTop / lastScroll(layout)) * lastOffset(layout))
}

export function scrollOfOffset(layout: GridLayout, offset: number): number {
  const clamped = clampOffset(layout, offset)
  if (!isScaled(layout)) return clamped
  return (clamped / lastOffset(layout)) * lastScroll(layout)
}

export interface Range {
  first: number
  /** Inclusive; `first - 1` when there is nothing. */
  last: number
}

/** The rows that a viewport at `offset` touches, and `overscan` more at each side. */
export function visibleRows(layout: GridLayout, offset: number, overscan: number): Range {
  const top = Math.floor((offset - layout.padding) / layout.rowHeight)
  const bottom = Math.floor((offset + layout.viewport - layout.padding) / layout.rowHeight)
  const first = Math.max(0, top - overscan)
  return { first, last: Math.max(first - 1, Math.min(layout.rows - 1, bottom + overscan)) }
}

/** The photos in a stretch of rows. */
export const photosOfRows = (layout: GridLayout, rows: Range): Range => ({
  first: rows.first * layout.columns,
  last: Math.min(layout.count, (rows.last + 1) * layout.columns) - 1,
})

/** Offsets of the pages that hold a stretch of photos. */
export function pagesOf(photos: Range, pageSize: number): number[] {
  if (photos.last < photos.first) return []
  const first = Math.floor(photos.first / pageSize)
  const last = Math.floor(photos.last / pageSize)
  return Array.from({ length: last - first + 1 }, (_, page) => (first + page) * pageSize)
}

/** Where a row begins in the whole result. */
export const rowTop = (layout: GridLayout, row: number): number =>
  layout.padding + row * layout.rowHeight

/** The offset nearest to `offset` at which photo `index` is wholly in view, above the free space below. */
export function offsetShowing(layout: GridLayout, offset: number, index: number): number {
  const top = rowTop(layout, Math.floor(index / layout.columns))
  const lowest = top - layout.padding
  const highest = top + layout.cell + layout.bottom - layout.viewport
  if (offset > lowest) return clampOffset(layout, lowest)
  if (offset < highest) return clampOffset(layout, highest)
  return clampOffset(layout, offset)
}

/** The offset at which `next` shows at its top what `previous` showed there at `offset`. */
export function keepPlace(previous: GridLayout, offset: number, next: GridLayout): number {
  if (previous.columns === next.columns && previous.rowHeight === next.rowHeight) {
    return clampOffset(next, offset)
  }
  if (offset <= previous.padding) return clampOffset(next, offset)
  const rowsAbove = (offset - previous.padding) / previous.rowHeight
  const photo = Math.floor(rowsAbove) * previous.columns
  const within = rowsAbove - Math.floor(rowsAbove)
  const row = Math.floor(photo / next.columns)
  return clampOffset(next, next.padding + (row + within) * next.rowHeight)
}

/** Where a key takes the focus from photo `index`; `null` for a key that moves nothing. */
export function moveFocus(layout: GridLayout, index: number, key: string): number | null {
  const last = layout.count - 1
  if (last < 0) return null
  const rowsInView = Math.max(1, Math.floor(layout.viewport / layout.rowHeight))
  const clamp = (target: number) => Math.min(Math.max(0, target), last)
  // Up and down stay in their column, so that going back returns to the same photo.
  const byRows = (rows: number) => {
    const row = Math.floor(index / layout.columns)
    const target = Math.min(Math.max(0, row + rows), layout.rows - 1)
    return clamp(target * layout.columns + (index % layout.columns))
  }
  switch (key) {
    case 'ArrowLeft':
      return clamp(index - 1)
    case 'ArrowRight':
      return clamp(index + 1)
    case 'ArrowUp':
      return byRows(-1)
    case 'ArrowDown':
      return byRows(1)
    case 'PageUp':
      return byRows(-rowsInView)
    case 'PageDown':
      return byRows(rowsInView)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}
