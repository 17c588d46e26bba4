/** The frame of a chart in SVG: axes, grid, and what a screen reader is told. */
import { html, type Markup, verbatim } from './markup.ts'

export interface Axis {
  label: string
  from: number
  to: number
  ticks: readonly number[]
  /** How a tick is written. */
  text: (value: number) => string
}

export interface ChartOptions {
  /** Different for each chart of the page. */
  id: string
  title: string
  /** What the chart shows, in words that stand for it. */
  description: string
  width: number
  height: number
  x: Axis
  y: Axis
}

/** From values on the axes to pixels of the drawing. */
export interface Plane {
  x: (value: number) => number
  y: (value: number) => number
  left: number
  right: number
  top: number
  bottom: number
}

const MARGIN = { left: 54, right: 12, top: 10, bottom: 40 }

/** `marks` draws inside the frame. */
export function chart(options: ChartOptions, marks: (plane: Plane) => Markup): Markup {
  const { id, title, description, width, height, x, y } = options
  const plane = planeOf(options)
  const middle = (plane.top + plane.bottom) / 2
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title>
<desc id="${id}-description">${description}</desc>
${y.ticks.map((tick) => horizontal(plane, tick, y))}
${x.ticks.map((tick) => vertical(plane, tick, x))}
${marks(plane)}
<path class="axis" d="M${plane.left} ${plane.top}V${plane.bottom}H${plane.right}"/>
<text class="axis-label" x="${(plane.left + plane.right) / 2}" y="${height - 5}" text-anchor="middle">${x.label}</text>
<text class="axis-label" x="12" y="${middle}" text-anchor="middle" transform="rotate(-90 12 ${middle})">${y.label}</text>
</svg>`
}

function planeOf({ width, height, x, y }: ChartOptions): Plane {
  const left = MARGIN.left
  const right = width - MARGIN.right
  const top = MARGIN.top
  const bottom = height - MARGIN.bottom
  const along = (axis: Axis, start: number, end: number) => (value: number) =>
    rounded(start + ((value - axis.from) / (axis.to - axis.from)) * (end - start))
  return { x: along(x, left, right), y: along(y, bottom, top), left, right, top, bottom }
}

const horizontal = ({ left, right, y }: Plane, tick: number, axis: Axis): Markup =>
  html`<path class="grid" d="M${left} ${y(tick)}H${right}"/><text class="tick" x="${left - 6}" y="${y(tick) + 3.5}" text-anchor="end">${axis.text(tick)}</text>`

const vertical = ({ top, bottom, x }: Plane, tick: number, axis: Axis): Markup =>
  html`<path class="grid" d="M${x(tick)} ${top}V${bottom}"/><text class="tick" x="${x(tick)}" y="${bottom + 14}" text-anchor="middle">${axis.text(tick)}</text>`

/** A hundredth of a pixel is exact enough, and keeps the file small. */
export const rounded = (pixels: number): number => Math.round(pixels * 100) / 100

/** A vertical line with ends, from `low` to `high`: an interval. */
export function whisker({ x, y }: Plane, at: number, low: number, high: number): Markup {
  const [middle, bottom, top] = [x(at), y(low), y(high)]
  return verbatim(
    `<path class="whisker" d="M${middle} ${bottom}V${top}M${middle - 3} ${top}h6M${middle - 3} ${bottom}h6"/>`,
  )
}

/** About `count` round numbers that cover `from` to `to`; the axis begins and ends with them. */
export function roundTicks(from: number, to: number, count: number): number[] {
  const rough = (to - from || 1) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10)
  const first = Math.floor(from / step)
  const last = Math.max(first + 1, Math.ceil(to / step))
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  )
}
