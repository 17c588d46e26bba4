/** Accuracy against what it costs: depth and speed. */
import type { Accuracy } from '../../../../models/evaluation/figures.ts'
import { type Evaluation, photosPerSecond } from '../evaluation.ts'
import { percent } from '../wording.ts'
import { type Axis, chart, type Plane, rounded, roundTicks, whisker } from './chart.ts'
import { html, type Markup } from './markup.ts'

interface Point {
  title: string
  x: number
  accuracy: Accuracy
}

/** `null` unless two ResNets are there to compare. */
export function accuracyAgainstDepth(evaluations: readonly Evaluation[]): Markup | null {
  const points = evaluations.flatMap((evaluation) => {
    const { depth } = evaluation.model.description
    return depth === null ? [] : pointsOf(evaluation, depth)
  })
  return accuracyChart('depth', 'Depth in layers', points)
}

/** `null` unless there are two models to compare. */
export function accuracyAgainstSpeed(evaluations: readonly Evaluation[]): Markup | null {
  const points = evaluations.flatMap((each) => pointsOf(each, photosPerSecond(each.run)))
  return accuracyChart('speed', 'Photos a second', points)
}

/** Only on photos that all models judged can they be compared. */
const pointsOf = ({ title, common }: Evaluation, x: number): Point[] =>
  common ? [{ title, x, accuracy: common }] : []

/** Models whose names find room in half the page's width. */
export const FEW = 4

function accuracyChart(id: string, label: string, points: readonly Point[]): Markup | null {
  if (points.length < 2) return null
  const ends = points.flatMap(({ accuracy: { top1 } }) => [top1.low, top1.high])
  const y = axisOver(
    'Top-1 accuracy in percent',
    ends.map((share) => share * 100),
  )
  const x = axisOver(label, [0, ...points.map((point) => point.x)])
  const description = points
    .map(({ title, x, accuracy: { top1 } }) => `${title}: ${rounded(x)}, ${percent(top1.share)} %`)
    .join('; ')
  const title = `Top-1 accuracy against ${label.toLowerCase()}`
  const width = points.length > FEW ? 920 : 440
  return chart({ id, title, description, width, height: 300, x, y }, (plane) => {
    const names = placeNames(points, plane)
    return html`${points.map(({ accuracy: { top1 }, x }) => whisker(plane, x, top1.low * 100, top1.high * 100))}
${points.map(({ accuracy: { top1 }, x }) => html`<circle class="point" cx="${plane.x(x)}" cy="${plane.y(top1.share * 100)}" r="${RADIUS}"/>`)}
${names.map(({ text, x, y, anchor }) => html`<text class="name" x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`)}`
  })
}

function axisOver(label: string, values: readonly number[]): Axis {
  const ticks = roundTicks(Math.min(...values), Math.max(...values), 5)
  const [from = 0, to = 1] = [ticks[0], ticks.at(-1)]
  return { label, from, to, ticks, text: String }
}

interface Name {
  text: string
  /** Where it begins or, at `end`, ends. */
  x: number
  /** Of its baseline. */
  y: number
  anchor: 'start' | 'end'
}

/** Of a point. */
const RADIUS = 4.5
/** About as wide as bold letters of 11 pixels are. */
const LETTER_WIDTH = 7
const LINE_HEIGHT = 13
const LONGEST_NAME = 26
/** Between a point's middle and its name. */
const DISTANCE = 9

/** Puts each name beside its point, where it stays inside the frame and covers no name or point. */
function placeNames(points: readonly Point[], plane: Plane): Name[] {
  const placed: Name[] = []
  for (const { title, x, accuracy } of points) {
    const text = title.length > LONGEST_NAME ? `…${title.slice(1 - LONGEST_NAME)}` : title
    const [middle, baseline] = [plane.x(x), plane.y(accuracy.top1.share * 100) + 4]
    const candidates = [0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5].flatMap((line): Name[] => {
      const y = rounded(baseline + line * LINE_HEIGHT)
      return [
        { text, x: rounded(middle + DISTANCE), y, anchor: 'start' },
        { text, x: rounded(middle - DISTANCE), y, anchor: 'end' },
      ]
    })
    const free = candidates.find((name) => {
      const [from, to] = extentOf(name)
      if (from < plane.left || to > plane.right) return false
      if (placed.some((other) => overlap(name, other))) return false
      return !points.some((point) => covers(name, point, plane))
    })
    placed.push(free ?? (candidates[0] as Name))
  }
  return placed
}

function extentOf({ text, x, anchor }: Name): [number, number] {
  const width = text.length * LETTER_WIDTH
  return anchor === 'start' ? [x, x + width] : [x - width, x]
}

function overlap(a: Name, b: Name): boolean {
  const [[fromA, toA], [fromB, toB]] = [extentOf(a), extentOf(b)]
  return fromA < toB && fromB < toA && Math.abs(a.y - b.y) < LINE_HEIGHT
}

function covers(name: Name, { x, accuracy }: Point, plane: Plane): boolean {
  const [from, to] = extentOf(name)
  const [left, top] = [plane.x(x), plane.y(accuracy.top1.share * 100)]
  return (
    left > from - RADIUS &&
    left < to + RADIUS &&
    Math.abs(name.y - 4 - top) < LINE_HEIGHT / 2 + RADIUS
  )
}
