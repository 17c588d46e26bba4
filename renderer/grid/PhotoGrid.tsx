import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { PhotoCard } from '../../contract/domain.ts'
import type { ShownSearch } from '../app/useSearch.ts'
import {
  layoutGrid,
  moveFocus,
  photosOfRows,
  rowTop,
  scrollOfOffset,
  visibleRows,
} from './layout.ts'
import { cellId, PhotoCell } from './PhotoCell.tsx'
import { usePhotos } from './pages.ts'
import { useGridScroll } from './useGridScroll.ts'

const gap = 4
const padding = 12
const rowsBeyondView = 2
/** Below this width there is no room for two lines. */
const smallCell = 120

interface PhotoGridProps {
  search: ShownSearch
  thumbnailSize: number
  /** The photo that the keys move; the grid keeps it in view. */
  active: number
  onActive: (index: number) => void
  onOpen: (index: number, photo: PhotoCard) => void
}

export function PhotoGrid({ search, thumbnailSize, active, onActive, onOpen }: PhotoGridProps) {
  const element = useRef<HTMLDivElement>(null)
  const { width, height } = useSize(element)
  const layout = useMemo(
    () => layoutGrid({ count: search.count, width, height, thumbnailSize, gap, padding }),
    [search.count, width, height, thumbnailSize],
  )
  const scroll = useGridScroll(element, layout)
  const rows = visibleRows(layout, scroll.offset, rowsBeyondView)
  const photoAt = usePhotos(search, photosOfRows(layout, rows))
  const activeIndex = Math.min(active, Math.max(0, search.count - 1))

  useOnChange(`${search.sort} ${search.query}`, scroll.toTop)
  useOnChange(active, () => scroll.show(activeIndex))

  function onKeyDown(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const photo = photoAt(activeIndex)
    if (event.key === 'Enter' && photo) {
      event.preventDefault()
      onOpen(activeIndex, photo)
      return
    }
    const next = moveFocus(layout, activeIndex, event.key)
    if (next === null) return
    event.preventDefault()
    onActive(next)
    scroll.show(next)
  }

  // Cells lie relative to the scroll position, which stands for another offset in a scaled grid.
  const activeRow = Math.floor(activeIndex / layout.columns)
  const activeIsRendered = activeRow >= rows.first && activeRow <= rows.last
  const shift = scrollOfOffset(layout, scroll.offset) - scroll.offset
  return (
    // biome-ignore lint/a11y/useSemanticElements: no table can hold a part of its rows.
    <div
      ref={element}
      className={layout.cell < smallCell ? 'grid small' : 'grid'}
      role="grid"
      aria-label="Photos"
      aria-rowcount={layout.rows}
      aria-colcount={layout.columns}
      aria-activedescendant={activeIsRendered ? cellId(activeIndex) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={scroll.onScroll}
    >
      <div className="grid-content" role="presentation" style={{ height: layout.virtualHeight }}>
        {Array.from({ length: rows.last - rows.first + 1 }, (_, position) => {
          const row = rows.first + position
          const first = row * layout.columns
          return (
            // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus.
            // biome-ignore lint/a11y/useSemanticElements: no table can lie at a scroll position.
            <div
              key={row}
              role="row"
              className="grid-row"
              aria-rowindex={row + 1}
              style={{
                transform: `translateY(${rowTop(layout, row) + shift}px)`,
                height: layout.cell,
                gridTemplateColumns: `repeat(${layout.columns}, 1fr)`,
              }}
            >
              {Array.from(
                { length: Math.min(layout.columns, search.count - first) },
                (_unused, column) => (
                  <PhotoCell
                    key={first + column}
                    index={first + column}
                    columns={layout.columns}
                    photo={photoAt(first + column)}
                    active={first + column === activeIndex}
                    onOpen={onOpen}
                  />
                ),
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function useSize(element: React.RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 })
  useEffect(() => {
    const target = element.current
    if (!target) return
    const observer = new ResizeObserver(() =>
      setSize({ width: target.clientWidth, height: target.clientHeight }),
    )
    observer.observe(target)
    return () => observer.disconnect()
  }, [element])
  return size
}

/** Runs `effect` when `value` differs from the last render's, not at first. */
function useOnChange(value: unknown, effect: () => void): void {
  const last = useRef(value)
  useEffect(() => {
    if (last.current === value) return
    last.current = value
    effect()
  })
}
