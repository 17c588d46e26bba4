import { ChevronLeft, ChevronRight, Info, Maximize, X, ZoomIn, ZoomOut } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { PhotoId, PhotoTag } from '../../contract/domain.ts'
import { formatCount, lastName } from '../app/format.ts'
import { useStored } from '../app/storage.ts'
import type { ShownSearch } from '../app/useSearch.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { pictureUrl } from '../connection/media.ts'
import { Modal } from '../dialogs/Dialog.tsx'
import { usePhotos } from '../grid/pages.ts'
import { DetailPanel } from './DetailPanel.tsx'
import { useHeatMap } from './HeatMapOverlay.tsx'
import { type ZoomControl, ZoomStage } from './ZoomStage.tsx'

/** Milliseconds on a photo before its neighbours are loaded, so that leafing through stays quick. */
const restBeforeNeighbours = 200

interface ViewerProps {
  search: ShownSearch
  id: PhotoId
  /** Where the photo stood in the result when it was opened. */
  index: number
  onMove: (index: number, id: PhotoId) => void
  onClose: () => void
  onSearch: (text: string) => void
}

export function Viewer({ search, id, index, onMove, onClose, onSearch }: ViewerProps) {
  const [showsDetails, setShowsDetails] = useStored('details', (stored) => stored !== false)
  const [scale, setScale] = useState(1)
  const [explained, setExplained] = useState<PhotoTag | null>(null)
  const zoom = useRef<ZoomControl>(null)
  const detail = useAnswer('photoDetail', { id }, { keepPrevious: true })
  // Photos that arrive meanwhile move this one to another place in the result.
  const position = useAnswer('photoPosition', { query: search.query, sort: search.sort, id })
  const place = position.data ?? index
  const photoAt = usePhotos(search, {
    first: Math.max(0, place - 1),
    last: Math.min(search.count - 1, place + 1),
  })
  const card = photoAt(place)?.id === id ? photoAt(place) : undefined
  const shown = detail.data?.id === id ? detail.data : null
  const previous = place > 0 ? photoAt(place - 1) : undefined
  const next = place + 1 < search.count ? photoAt(place + 1) : undefined
  const name = card?.name ?? lastName(shown?.files[0]?.path ?? '')
  const width = card?.width ?? shown?.width
  const height = card?.height ?? shown?.height

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

  const goPrevious = () => previous && onMove(place - 1, previous.id)
  const goNext = () => next && onMove(place + 1, next.id)
  const toggleDetails = () => setShowsDetails(!showsDetails)
  const explains = (tag: PhotoTag) => tag.name === explained?.name && tag.wnid === explained.wnid
  const heatMap = useHeatMap({
    id,
    // On a photo without this tag there is nothing to see of it.
    tag: shown?.tags.find(explains) ?? null,
    onClose: () => setExplained(null),
  })
  const explain = (tag: PhotoTag) => setExplained(explains(tag) ? null : tag)

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const actions: Record<string, () => void> = {
      ArrowLeft: goPrevious,
      ArrowRight: goNext,
      '+': () => zoom.current?.zoomIn(),
      '=': () => zoom.current?.zoomIn(),
      '-': () => zoom.current?.zoomOut(),
      '0': () => zoom.current?.fit(),
      i: toggleDetails,
      w() {
        const tag = shown?.tags.find(explains) ?? shown?.tags[0]
        if (tag) explain(tag)
      },
    }
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }

  return (
    <Modal className="viewer" name={{ label: 'Viewer' }} onClose={onClose} closesOutside={false}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the whole dialog. */}
      <div className="viewer-body" tabIndex={-1} data-initial-focus onKeyDown={onKeyDown}>
        <div className="viewer-main">
          <header className="viewer-bar">
            <button
              type="button"
              className="icon-button"
              aria-label="Close"
              title="Back to the photos (Esc)"
              onClick={onClose}
            >
              <X size={18} aria-hidden />
            </button>
            <h2 className="viewer-name">{name}</h2>
            <span className="viewer-place" role="status">
              {formatCount(place + 1)} of {formatCount(search.count)}
            </span>
            <span className="viewer-space" />
            <button
              type="button"
              className="icon-button"
              aria-label="Zoom out"
              title="Zoom out (−)"
              disabled={scale <= 1}
              onClick={() => zoom.current?.zoomOut()}
            >
              <ZoomOut size={17} aria-hidden />
            </button>
            <button
              type="button"
              className="icon-button"
              aria-label="Zoom in"
              title="Zoom in (+)"
              onClick={() => zoom.current?.zoomIn()}
            >
              <ZoomIn size={17} aria-hidden />
            </button>
            <button
              type="button"
              className="icon-button"
              aria-label="Fit to window"
              title="Fit to the window (0)"
              disabled={scale === 1}
              onClick={() => zoom.current?.fit()}
            >
              <Maximize size={16} aria-hidden />
            </button>
            <button
              type="button"
              className="icon-button"
              aria-label="Information"
              aria-pressed={showsDetails}
              title="Information (i)"
              onClick={toggleDetails}
            >
              <Info size={17} aria-hidden />
            </button>
          </header>
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
            onSearch={onSearch}
            explains={explains}
            onExplain={explain}
          />
        )}
      </div>
    </Modal>
  )
}
