import { type PointerEvent, useEffect, useImperativeHandle, useRef, useState } from 'react'
import type { PhotoId } from '../../contract/domain.ts'
import { pictureUrl, thumbnailUrl } from '../connection/media.ts'
import {
  actualSizeScale,
  clampView,
  fitSize,
  fitted,
  type Size,
  type View,
  zoomAt,
} from './zoom.ts'

export interface ZoomControl {
  zoomIn(): void
  zoomOut(): void
  fit(): void
}

interface ZoomStageProps {
  id: PhotoId
  name: string
  /** Shown until the picture is there; `null` where there is none. */
  thumbnail: string | null
  /** Pixels after orientation, where known before the picture is. */
  size: Size | null
  control: React.Ref<ZoomControl>
  /** Lies over the photo and moves with it. */
  overlay: React.ReactNode
  onScale: (scale: number) => void
}

const step = 1.4

/** One photo, fitted, zoomed and panned. Rendered anew for each photo. */
export function ZoomStage(props: ZoomStageProps) {
  const { id, name, thumbnail, size, control, onScale } = props
  const stageElement = useRef<HTMLDivElement>(null)
  const [stage, setStage] = useState<Size>({ width: 0, height: 0 })
  const [natural, setNatural] = useState<Size | null>(null)
  const [failed, setFailed] = useState(false)
  const [view, setView] = useState<View>(fitted)
  const [drag, setDrag] = useState<{ x: number; y: number } | null>(null)
  const photo = natural ?? size ?? { width: 0, height: 0 }

  useEffect(() => {
    const element = stageElement.current
    if (!element) return
    const observer = new ResizeObserver(() =>
      setStage({ width: element.clientWidth, height: element.clientHeight }),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  useEffect(() => onScale(view.scale), [onScale, view.scale])

  const zoom = (factor: number, at = { x: 0, y: 0 }) =>
    setView((before) => zoomAt(before, factor, at, photo, stage))
  useImperativeHandle(control, () => ({
    zoomIn: () => zoom(step),
    zoomOut: () => zoom(1 / step),
    fit: () => setView(fitted),
  }))

  /** Where a pointer is, from the middle of the stage. */
  function fromMiddle(event: { clientX: number; clientY: number }): { x: number; y: number } {
    const box = stageElement.current?.getBoundingClientRect()
    if (!box) return { x: 0, y: 0 }
    return {
      x: event.clientX - box.left - box.width / 2,
      y: event.clientY - box.top - box.height / 2,
    }
  }

  useEffect(() => {
    const element = stageElement.current
    if (!element) return
    // React listens to the wheel passively, where the page cannot be kept from zooming.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002))
      const at = fromMiddle(event)
      setView((before) => zoomAt(before, factor, at, photo, stage))
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  })

  const shown = clampView(view, photo, stage)
  const fit = fitSize(photo, stage)
  const panning = {
    onPointerDown(event: PointerEvent<HTMLDivElement>) {
      if (event.button !== 0 || view.scale === 1) return
      event.currentTarget.setPointerCapture(event.pointerId)
      setDrag({ x: event.clientX - shown.x, y: event.clientY - shown.y })
    },
    onPointerMove(event: PointerEvent<HTMLDivElement>) {
      if (!drag) return
      const x = event.clientX - drag.x
      const y = event.clientY - drag.y
      setView((before) => clampView({ ...before, x, y }, photo, stage))
    },
    onPointerUp: () => setDrag(null),
    onPointerCancel: () => setDrag(null),
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons and keys of the viewer do the same.
    <div
      ref={stageElement}
      className="stage"
      data-zoomed={view.scale > 1}
      data-dragging={drag !== null}
      {...panning}
      onDoubleClick={(event) => {
        if (view.scale > 1) setView(fitted)
        else zoom(Math.max(2, actualSizeScale(photo, stage)), fromMiddle(event))
      }}
    >
      <div
        className="stage-photo"
        style={{
          width: fit.width,
          height: fit.height,
          transform: `translate(-50%, -50%) translate(${shown.x}px, ${shown.y}px) scale(${shown.scale})`,
        }}
      >
        {thumbnail !== null && natural === null && (
          <img className="stage-thumbnail" src={thumbnailUrl(id, thumbnail)} alt="" />
        )}
        <img
          className="stage-picture"
          src={pictureUrl(id)}
          alt={name}
          draggable={false}
          data-loaded={natural !== null}
          onLoad={({ currentTarget }) =>
            setNatural({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
          }
          onError={() => setFailed(true)}
        />
        {props.overlay}
      </div>
      {failed && (
        <p className="stage-note" role="status">
          This photo cannot be shown.
        </p>
      )}
    </div>
  )
}
