/** The models side by side. */
import type { Proportion } from '../../../../models/evaluation/proportion.ts'
import {
  type Compared,
  type Evaluation,
  photosPerSecond,
  separateComparison,
} from '../evaluation.ts'
import type { DescribedModel } from '../models.ts'
import { counted, inMillions, megabytes, percent } from '../wording.ts'
import { accuracyAgainstDepth, accuracyAgainstSpeed, FEW } from './accuracyCharts.ts'
import { html, type Markup } from './markup.ts'
import { type Column, table } from './table.ts'

/** A table of the models, and plots where there are several. */
export function overview(evaluations: readonly Evaluation[]): Markup {
  const compared = separateComparison(evaluations)
  const plots = [
    plot(accuracyAgainstDepth(evaluations), 'depth'),
    plot(accuracyAgainstSpeed(evaluations), 'speed'),
  ].filter((figure) => figure !== null)
  const caption = html`<b>Models.</b> Errors in percent, below them the 95 % interval; published: the top-1 error that the model's manifest tells; ECE: expected calibration error in percent; speed: from the file to the guesses, on this machine.`
  return html`${table(caption, columns, evaluations)}
${compared.length > 0 ? commonTable(compared) : null}
${plots.length > 0 ? html`<div class="${evaluations.length > FEW ? 'figures wide' : 'figures'}">${plots}</div>` : null}`
}

function commonTable(rows: readonly Compared[]): Markup {
  const photos = rows[0]?.common.photos ?? 0
  const caption = html`<b>Side by side.</b> The models know different classes; these are the errors on the ${counted(photos, 'photo')} that all of them judged.`
  return table(
    caption,
    [
      { head: 'Model', kind: 'name', cell: ({ title }) => title },
      { head: 'Top-1 error', kind: 'number', cell: ({ common }) => errorCell(common.top1) },
      { head: 'Top-5 error', kind: 'number', cell: ({ common }) => errorCell(common.top5) },
    ],
    rows,
  )
}

const plot = (chart: Markup | null, against: string): Markup | null =>
  chart &&
  html`<figure>${chart}<figcaption><b>Top-1 accuracy against ${against}.</b> On the photos that all models judged; bars are 95 % intervals.</figcaption></figure>`

const errorCell = ({ share, low, high }: Proportion): Markup =>
  stacked(percent(1 - share), `${percent(1 - high)}–${percent(1 - low)}`)

const publishedError = ({ model }: Evaluation): string => {
  const { accuracy } = model.loaded.manifest
  return accuracy ? percent(1 - accuracy.top1) : '–'
}

/** A figure and, below it, what belongs to it. */
const stacked = (above: string | number, below: string): Markup =>
  html`${above}<br><span class="below">${below}</span>`

const columns: Column<Evaluation>[] = [
  { head: 'Model', kind: 'name', cell: ({ title, model }) => stacked(title, networkOf(model)) },
  { head: 'Depth', kind: 'number', cell: ({ model }) => model.description.depth ?? '–' },
  {
    head: 'Weights',
    kind: 'number',
    cell: ({ model }) => stacked(inMillions(model.weights), megabytes(model.size)),
  },
  { head: 'Input', kind: 'number', cell: ({ model }) => `${model.loaded.manifest.inputSize} px` },
  { head: 'Photos', kind: 'number', cell: ({ figures }) => figures.photos.toLocaleString('en') },
  { head: 'Top-1 error', kind: 'number', cell: ({ figures }) => errorCell(figures.top1) },
  { head: 'Top-5 error', kind: 'number', cell: ({ figures }) => errorCell(figures.top5) },
  { head: 'Published', kind: 'number', cell: publishedError },
  { head: 'ECE', kind: 'number', cell: ({ figures }) => percent(figures.calibration.error) },
  { head: 'Photos/s', kind: 'number', cell: ({ run }) => photosPerSecond(run).toFixed(1) },
  { head: 'ms/photo', kind: 'number', cell: ({ run }) => (1000 / photosPerSecond(run)).toFixed(1) },
]

const networkOf = ({ description: { variant, blocks } }: DescribedModel): string =>
  variant === null ? 'no ResNet' : `${variant}, blocks ${blocks.join('-')}`
