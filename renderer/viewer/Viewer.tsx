import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { PhotoCard, PhotoId, PhotoTag, TagId } from '../../contract/domain.ts'
import { formatCount, lastName } from '../app/format.ts'
import { letterOf } from '../app/shortcuts.ts'
import { useStored } from '../app/storage.ts'
import { useLostFocus } from '../app/useLostFocus.ts'
import type { ShownSearch } from '../app/useSearch.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { pictureUrl } from '../connection/media.ts'
import type { Decisions } from '../decisions/useDecisions.ts'
import { Modal } from '../dialogs/Dialog.tsx'
import { usePhotos } from '../grid/pages.ts'
import { DetailPanel } from './DetailPanel.tsx'
import { currentTag, verdictAgainst } from './decidedTags.ts'
import { useHeatMap } from './HeatMapOverlay.tsx'
import { ViewerBar } from './ViewerBar.tsx'
import { type ZoomControl, ZoomStage } from './ZoomStage.tsx'

/** Milliseconds on a photo before its neighbours are loaded, so that leafing through stays quick. */
const restBeforeNeighbours = 200

interface ViewerProps {
  search: ShownSearch
  id: PhotoId
  /** Where the photo stood in the result when it was opened. */
  index: number
  decisions: Decisions
  onMove: (index: number, id: PhotoId) => void
  onClose: () => void
  onSearch: (text: string) => void
}

export function Viewer(props: ViewerProps) {
  const { search, id, index, decisions, onMove, onClose, onSearch } = props
  const [showsDetails, setShowsDetails] = useStored('details', (stored) => stored !== false)
  const [scale, setScale] = useState(1)
  const [explained, setExplained] = useState<PhotoTag | null>(null)
  const [focusedTag, setFocusedTag] = useState<TagId | null>(null)
  const zoom = useRef<ZoomControl>(null)
  const body = useRef<HTMLDivElement>(null)
  const tagInput = useRef<HTMLInputElement>(null)
  const albumInput = useRef<HTMLInputElement>(null)
  /** Asked for while the details are on their way. */
  const asked = useRef<RefObject<HTMLInputElement | null> | null>(null)
  const detail = useAnswer('photoDetail', { id }, { keepPrevious: true })
  // Photos that arrive meanwhile move this one to another place in the result.
  const position = useAnswer('photoPosition', { query: search.query, sort: search.sort, id })
  const place = useLastPlace(position.data, index, id)
  // What was just decided about it may take it out of what is searched.
  const gone = position.data === null
  const nextPlace = gone ? place : place + 1
  const photoAt = usePhotos(search, {
    first: Math.max(0, place - 1),
    last: Math.min(search.count - 1, nextPlace),
  })
  const card = photoAt(place)?.id === id ? photoAt(place) : undefined
  const shown = detail.data?.id === id ? detail.data : null
  const previous = place > 0 ? photoAt(place - 1) : undefined
  const next = nextPlace < search.count ? photoAt(nextPlace) : undefined
  const name = card?.name ?? lastName(shown?.files[0]?.path ?? '')
  const width = card?.width ?? shown?.width
  const height = card?.height ?? shown?.height

  useEffect(() => {
    if (!shown || !asked.current) return
    asked.current.current?.focus()
    asked.current = null
  }, [shown])

  const previousId = previous?.id
  const nextId = next?.id
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const neighbour of [nextId, previousId]) {
        if (neighbour !== undefined) new Image().src = pictureUrl(neighbour)
      }
    }, restBeforeNeighbours)
    return () => clearTimeout(timer)
  }, [nextId, previousId])

  function focusPhoto(): void {
    setFocusedTag(null)
    body.current?.focus()
  }
  const lostFocus = useLostFocus(focusPhoto)
  function goTo(to: number, photo: PhotoCard | undefined): void {
    if (!photo) return
    // Its tags are others: the keys are about the best of them.
    if (document.activeElement?.closest('.details')) focusPhoto()
    asked.current = null
    onMove(to, photo.id)
  }
  const goPrevious = () => goTo(place - 1, previous)
  const goNext = () => goTo(nextPlace, next)
  const toggleDetails = () => setShowsDetails(!showsDetails)
  const explains = (tag: PhotoTag) => tag.id === explained?.id
  const heatMap = useHeatMap({
    id,
    // On a photo without this tag there is nothing to see of it.
    tag: shown?.tags.find(explains) ?? null,
    onClose: () => setExplained(null),
  })
  const explain = (tag: PhotoTag) => setExplained(explains(tag) ? null : tag)

  const target = { ids: [id] }
  const decide = (tag: PhotoTag, verdict: 'yes' | 'no' | 'none') =>
    decisions.tag(target, { id: tag.id, name: tag.name }, verdict)
  const current = shown && currentTag(shown.tags, focusedTag)

  function ask(input: RefObject<HTMLInputElement | null>): void {
    // At once, so that what is typed next goes there.
    flushSync(() => setShowsDetails(true))
    if (shown) input.current?.focus()
    else asked.current = input
  }

  function moveInTags(step: 1 | -1): void {
    const tags = [...(body.current?.querySelectorAll<HTMLElement>('.tag, .details summary') ?? [])]
    const shownTags = tags.filter((tag) => tag.checkVisibility())
    const focused = document.activeElement
    const at = shownTags.findIndex((tag) => (tag.closest('.tag-row') ?? tag).contains(focused))
    const first = step === 1 ? 0 : shownTags.length - 1
    shownTags[at === -1 ? first : at + step]?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    // A slider has its own keys.
    if (event.target instanceof HTMLInputElement) return
    // They are for the field that comes in a moment.
    if (asked.current && detail.isFetching && event.key.length === 1) return
    const actions: Record<string, () => void> = {
      ArrowLeft: goPrevious,
      ArrowRight: goNext,
      ArrowUp: () => moveInTags(-1),
      ArrowDown: () => moveInTags(1),
      '+': () => zoom.current?.zoomIn(),
      '=': () => zoom.current?.zoomIn(),
      '-': () => zoom.current?.zoomOut(),
      f: () => zoom.current?.fit(),
      i: toggleDetails,
      w() {
        const tag = shown?.tags.find(explains) ?? shown?.tags.find(({ score }) => score !== null)
        if (tag) explain(tag)
      },
      y: () => current && current.verdict !== 'yes' && decide(current, 'yes'),
      n: () => current && decide(current, verdictAgainst(current)),
      t: () => ask(tagInput),
      a: () => ask(albumInput),
      T: () => decisions.tagAgain(target),
    }
    const stars = /^[0-5]$/.test(event.key) ? Number(event.key) : null
    const action = stars === null ? actions[letterOf(event)] : () => decisions.rate(target, stars)
    if (!action) return
    event.preventDefault()
    action()
  }

  return (
    <Modal
      className="viewer"
      name={{ label: 'Viewer' }}
      onClose={onClose}
      closesOutside={false}
      decides
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the whole dialog. */}
      <div
        ref={body}
        className="viewer-body"
        tabIndex={-1}
        data-initial-focus
        onKeyDown={onKeyDown}
        {...lostFocus}
      >
        <div className="viewer-main">
          <ViewerBar
            name={name}
            place={
              gone ? 'No longer found' : `${formatCount(place + 1)} of ${formatCount(search.count)}`
            }
            scale={scale}
            zoom={zoom}
            showsDetails={showsDetails}
            onToggleDetails={toggleDetails}
            onClose={onClose}
          />
          <div className="viewer-stage">
            <ZoomStage
              key={id}
              id={id}
              name={name}
              thumbnail={card?.thumbnail ?? shown?.thumbnail ?? null}
              size={width && height ? { width, height } : null}
              control={zoom}
              overlay={heatMap.layer}
              onScale={setScale}
            />
            {heatMap.bar}
            <button
              type="button"
              className="viewer-arrow previous"
              aria-label="Previous photo"
              disabled={!previous}
              onClick={goPrevious}
            >
              <ChevronLeft size={26} aria-hidden />
            </button>
            <button
              type="button"
              className="viewer-arrow next"
              aria-label="Next photo"
              disabled={!next}
              onClick={goNext}
            >
              <ChevronRight size={26} aria-hidden />
            </button>
          </div>
        </div>
        {showsDetails && detail.data && (
          <DetailPanel
            detail={detail.data}
            pending={shown === null}
            decisions={decisions}
            tagInput={tagInput}
            albumInput={albumInput}
            onLeave={focusPhoto}
            onSearch={onSearch}
            explains={explains}
            onExplain={explain}
            onDecide={decide}
            current={current?.id ?? null}
            onFocusTag={setFocusedTag}
          />
        )}
      </div>
    </Modal>
  )
}

/** Where a photo stands, or stood last when it is no longer found. */
function useLastPlace(position: number | null | undefined, opened: number, id: PhotoId): number {
  const last = useRef({ id, place: opened })
  if (last.current.id !== id) last.current = { id, place: opened }
  if (typeof position === 'number') last.current.place = position
  return last.current.place
}
