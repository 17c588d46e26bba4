import {
  type RefObject,
  type UIEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import {
  clampOffset,
  type GridLayout,
  isScaled,
  keepPlace,
  offsetOfScroll,
  offsetShowing,
  scrollOfOffset,
} from './layout.ts'

export interface GridScroll {
  /** Pixels of the whole result above the view. */
  offset: number
  onScroll: (event: UIEvent<HTMLElement>) => void
  /** Scrolls just as far as needed for a photo to be wholly in view. */
  show: (index: number) => void
  toTop: () => void
}

/**
 * The place in a result that may be taller than any element can be. The offset is what counts; the
 * element's scroll position follows it, and moves it only when a person scrolls.
 */
export function useGridScroll(
  element: RefObject<HTMLElement | null>,
  layout: GridLayout,
): GridScroll {
  const [offset, setOffset] = useState(0)
  const [previous, setPrevious] = useState(layout)
  const ownScroll = useRef(0)

  let current = offset
  if (previous !== layout) {
    current = keepPlace(previous, offset, layout)
    setPrevious(layout)
    setOffset(current)
  }

  useLayoutEffect(() => {
    const target = scrollOfOffset(layout, current)
    ownScroll.current = target
    // Below a pixel the element is where a person has scrolled it to.
    if (element.current && Math.abs(element.current.scrollTop - target) >= 1) {
      element.current.scrollTop = target
    }
  }, [element, layout, current])

  const scaled = isScaled(layout)
  useEffect(() => {
    const target = element.current
    if (!target || !scaled) return
    // Where scroll positions are scaled, the wheel would skip rows.
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey) return
      event.preventDefault()
      const unit = event.deltaMode === 1 ? 40 : event.deltaMode === 2 ? layout.viewport : 1
      setOffset((before) => clampOffset(layout, before + event.deltaY * unit))
    }
    target.addEventListener('wheel', onWheel, { passive: false })
    return () => target.removeEventListener('wheel', onWheel)
  }, [element, layout, scaled])

  const onScroll = useCallback(
    (event: UIEvent<HTMLElement>) => {
      const { scrollTop } = event.currentTarget
      if (isScaled(layout) && Math.abs(scrollTop - ownScroll.current) < 1) return
      setOffset(offsetOfScroll(layout, scrollTop))
    },
    [layout],
  )
  const show = useCallback(
    (index: number) => setOffset((before) => offsetShowing(layout, before, index)),
    [layout],
  )
  const toTop = useCallback(() => setOffset(0), [])
  return { offset: current, onScroll, show, toTop }
}
