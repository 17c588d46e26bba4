/** How far a model's confidence can be believed. */
import type { Calibration, CalibrationBin } from '../../../../models/evaluation/calibration.ts'
import { proportion } from '../../../../models/evaluation/proportion.ts'
import { counted, percent } from '../wording.ts'
import { type Axis, chart, type Plane, rounded, roundTicks, whisker } from './chart.ts'
import { html, type Markup } from './markup.ts'

const WIDTH = 440
const HEIGHT = 300
/** Between bars, in pixels. */
const GAP = 1

const shareAxis = (label: string): Axis => ({
  label,
  from: 0,
  to: 1,
  ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
  text: String,
})
const confidence = shareAxis('Confidence in the best guess')

/** `id`: of the model on this page. */
export interface ChartSubject {
  id: string
  title: string
  calibration: Calibration
}

/** How often the guesses of each bin are right, with the interval, against how sure the model was. */
export function reliabilityDiagram({ id, title, calibration }: ChartSubject): Markup {
  const { error, bins } = calibration
  const filled = bins.filter(({ photos }) => photos > 0)
  const told = filled.map(
    ({ photos, confidence, accuracy }) =>
      `confidence ${percent(confidence ?? 0)} %, right ${percent(accuracy ?? 0)} % of ${counted(photos, 'photo')}`,
  )
  return chart(
    {
      id: `${id}-reliability`,
      title: `Reliability of ${title}`,
      description: `Expected calibration error ${percent(error)} %. By bin: ${told.join('; ')}.`,
      width: WIDTH,
      height: HEIGHT,
      x: confidence,
      y: shareAxis('Share that is right'),
    },
    (plane) => html`${filled.map((bin) => reliabilityBar(plane, bin))}
<path class="ideal" d="M${plane.x(0)} ${plane.y(0)}L${plane.x(1)} ${plane.y(1)}"/>
${filled.map((bin) => binWhisker(plane, bin))}`,
  )
}

/** How often it is right as it says, and what it is right more or less often. */
function reliabilityBar(plane: Plane, { from, to, confidence, accuracy }: CalibrationBin): Markup {
  const [is, said] = [accuracy ?? 0, confidence ?? 0]
  const both = Math.min(is, said)
  const parts = [
    bar('right', plane, [from, to], [0, both]),
    bar('more', plane, [from, to], [both, is]),
    bar('less', plane, [from, to], [both, said]),
  ]
  return html`${parts.filter((part) => part !== null)}`
}

function binWhisker(plane: Plane, { from, to, right, photos }: CalibrationBin): Markup {
  const { low, high } = proportion(right, photos)
  return whisker(plane, (from + to) / 2, low, high)
}

/** How many guesses were how sure, right and wrong ones. */
export function confidenceHistogram({ id, title, calibration }: ChartSubject): Markup {
  const { bins } = calibration
  // From five photos on, so that no tick is half a photo.
  const ticks = roundTicks(0, Math.max(5, ...bins.map(({ photos }) => photos)), 5)
  const told = bins
    .filter(({ photos }) => photos > 0)
    .map(
      ({ from, to, photos, right }) =>
        `${percent(from)} to ${percent(to)} %: ${counted(photos, 'photo')}, ${right} right`,
    )
  return chart(
    {
      id: `${id}-histogram`,
      title: `Confidence of ${title}`,
      description: `Photos by confidence in the best guess: ${told.join('; ')}.`,
      width: WIDTH,
      height: HEIGHT,
      x: confidence,
      y: { label: 'Photos', from: 0, to: ticks.at(-1) ?? 1, ticks, text: String },
    },
    (plane) =>
      html`${bins.map(
        ({ from, to, right, photos }) =>
          html`${bar('right', plane, [from, to], [0, right])}${bar('wrong', plane, [from, to], [right, photos])}`,
      )}`,
  )
}

/** A bar of a class of the style sheet over `[from, to]`, between two heights; none without height. */
function bar(
  kind: string,
  plane: Plane,
  [from, to]: [number, number],
  [low, high]: [number, number],
): Markup | null {
  if (high <= low) return null
  const left = plane.x(from) + GAP / 2
  const width = rounded(plane.x(to) - plane.x(from) - GAP)
  const height = rounded(plane.y(low) - plane.y(high))
  return html`<rect class="${kind}" x="${rounded(left)}" y="${plane.y(high)}" width="${width}" height="${height}"/>`
}
