import { X } from 'lucide-react'
import { useLayoutEffect, useRef } from 'react'
import type { HeatMap, PhotoId, PhotoTag } from '../../contract/domain.ts'
import { messageOf } from '../../contract/errors.ts'
import { useStored } from '../app/storage.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { heatColours } from './heatColours.ts'

/** What the viewer shows of a heat map: the layer over the photo, and the bar that rules it. */
export interface HeatMapView {
  layer: React.ReactNode
  bar: React.ReactNode
}

const percent = (share: number) => `${share * 100}%`

const clampStrength = (stored: unknown): number =>
  typeof stored === 'number' ? Math.min(Math.max(0, stored), 1) : 0.7

interface HeatMapOptions {
  id: PhotoId
  /** The tag to be explained; `null` for none. */
  tag: PhotoTag | null
  onClose: () => void
}

export function useHeatMap({ id, tag, onClose }: HeatMapOptions): HeatMapView {
  const [strength, setStrength] = useStored('heatStrength', clampStrength)
  const { data, error, isPending } = useAnswer(
    'heatMap',
    { id, tag: tag?.id ?? 0 },
    { enabled: tag !== null },
  )
  if (tag === null) return { layer: null, bar: null }
  return {
    layer: data && <HeatMapLayer map={data} strength={strength} />,
    bar: (
      <section className="heat-bar" aria-label="Where the model sees it">
        <span role="status">{noteFor(tag, { data, error, isPending })}</span>
        {data && (
          <input
            className="slider"
            type="range"
            aria-label="Strength"
            title="Strength"
            min={0}
            max={1}
            step={0.05}
            value={strength}
            onChange={(event) => setStrength(Number(event.target.value))}
          />
        )}
        <button
          type="button"
          className="icon-button"
          aria-label="Hide"
          title="Hide (w)"
          onClick={onClose}
        >
          <X size={15} aria-hidden />
        </button>
      </section>
    ),
  }
}

function noteFor(
  tag: PhotoTag,
  answer: { data: HeatMap | null | undefined; error: Error | null; isPending: boolean },
): string {
  if (answer.error) return messageOf(answer.error)
  if (answer.isPending) return `Looking for ${tag.name}…`
  return answer.data
    ? `Where the model sees ${tag.name}`
    : 'The file cannot be read now: connect its drive.'
}

/** Lies over the photo as the network saw it: a square in its middle. */
function HeatMapLayer({ map, strength }: { map: HeatMap; strength: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    const pixels = new ImageData(heatColours(map), map.columns, map.rows)
    canvas.current?.getContext('2d')?.putImageData(pixels, 0, 0)
  }, [map])
  const { left, top, width, height } = map.region
  return (
    <canvas
      ref={canvas}
      className="heat-map"
      aria-hidden
      width={map.columns}
      height={map.rows}
      style={{
        left: percent(left),
        top: percent(top),
        width: percent(width),
        height: percent(height),
        opacity: strength,
      }}
    />
  )
}
