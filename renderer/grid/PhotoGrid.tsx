import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { PhotoCard } from '../../contract/domain.ts'
import type { ShownSearch } from '../app/useSearch.ts'
import { isSelected } from '../selection/selection.ts'
import type { PhotoSelection } from '../selection/useSelection.ts'
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
/** Below this width the bar of the selection has two lines. */
const narrow = 640
/** Room for that bar, so that it covers no photo that the keys are on. */
const bottomFor = (width: number) => (width < narrow ? 106 : 72)
const rowsBeyondView = 2
/** Below this width there is no room for two lines. */
const smallCell = 120

interface PhotoGridProps {
  search: ShownSearch
  thumbnailSize: number
  /** The photo that the keys move; the grid keeps it in view. */
  active: number
  onActive: (index: number) => void
  /** Gets the photo that the keys are on; `null` while it is on its way. */
  activePhoto: RefObject<PhotoCard | null>
  selection: PhotoSelection
  onOpen: (index: number, photo: PhotoCard) => void
}

export function PhotoGrid(props: PhotoGridProps) {
  const { search, thumbnailSize, active, onActive, activePhoto, selection, onOpen } = props
  const element = useRef<HTMLDivElement>(null)
  const { width, height } = useSize(element)
  const layout = useMemo(
    () =>
      layoutGrid({
        ...{ count: search.count, width, height, thumbnailSize, gap, padding },
        bottom: bottomFor(width),
      }),
    [search.count, width, height, thumbnailSize],
  )
  const scroll = useGridScroll(element, layout)
  const rows = visibleRows(layout, scroll.offset, rowsBeyondView)
  const photoAt = usePhotos(search, photosOfRows(layout, rows))
  const activeIndex = Math.min(active, Math.max(0, search.count - 1))

  useOnChange(`${search.sort} ${search.query}`, scroll.toTop)
  useOnChange(active, () => scroll.show(activeIndex))

  const photoOfKeys = photoAt(activeIndex) ?? null
  useLayoutEffect(() => {
    activePhoto.current = photoOfKeys
    return () => {
      activePhoto.current = null
    }
  })

  function extendTo(index: number): void {
    const from = { index: activeIndex, id: photoOfKeys?.id ?? null }
    selection.extend(from, index, (at) => photoAt(at)?.id)
    onActive(index)
  }

  function openPhoto(index: number, photo: PhotoCard): void {
    selection.endExtending()
    onOpen(index, photo)
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const next = moveFocus(layout, activeIndex, event.key)
    if (next !== null) {
      if (event.shiftKey) extendTo(next)
      else {
        selection.endExtending()
        onActive(next)
      }
      scroll.show(next)
    } else if (event.key === 'Enter' && photoOfKeys) openPhoto(activeIndex, photoOfKeys)
    else if ((event.key === ' ' || event.key === 'x') && photoOfKeys) {
      selection.toggle(photoOfKeys.id)
    } else return
    event.preventDefault()
  }

  const onPress = useLatest((index: number, photo: PhotoCard, event: MouseEvent) => {
    if (event.shiftKey) extendTo(index)
    else if (event.ctrlKey || event.metaKey) onCheck(index, photo)
    else openPhoto(index, photo)
  })
  const onCheck = useLatest((index: number, photo: PhotoCard) => {
    selection.toggle(photo.id)
    onActive(index)
    element.current?.focus()
  })

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
      aria-multiselectable
      data-selecting={selection.count > 0}
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
                (_unused, column) => {
                  const index = first + column
                  const photo = photoAt(index)
                  return (
                    <PhotoCell
                      key={index}
                      index={index}
                      columns={layout.columns}
                      photo={photo}
                      active={index === activeIndex}
                      selected={photo !== undefined && isSelected(selection.selection, photo.id)}
                      onPress={onPress}
                      onCheck={onCheck}
                    />
                  )
                },
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

/** The same function at every render, which does what the last one given does: cells need not render anew. */
function useLatest<Parameters extends unknown[]>(
  action: (...parameters: Parameters) => void,
): (...parameters: Parameters) => void {
  const latest = useRef(action)
  latest.current = action
  return useCallback((...parameters: Parameters) => latest.current(...parameters), [])
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
