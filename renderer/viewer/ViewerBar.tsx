import { Info, Maximize, X, ZoomIn, ZoomOut } from 'lucide-react'
import type { RefObject } from 'react'
import type { ZoomControl } from './ZoomStage.tsx'

interface ViewerBarProps {
  /** File name of the photo. */
  name: string
  /** Where it stands, in words. */
  place: string
  /** 1 when it fits the window. */
  scale: number
  zoom: RefObject<ZoomControl | null>
  showsDetails: boolean
  onToggleDetails: () => void
  onClose: () => void
}

export function ViewerBar(props: ViewerBarProps) {
  const { name, place, scale, zoom, showsDetails, onToggleDetails, onClose } = props
  return (
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
        {place}
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
        title="Fit to the window (f)"
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
        onClick={onToggleDetails}
      >
        <Info size={17} aria-hidden />
      </button>
    </header>
  )
}
