/** All that was found out about one model. */
import { basename, relative } from 'node:path'
import type { ClassFigures } from '../../../../models/evaluation/classes.ts'
import type { Evaluation } from '../evaluation.ts'
import {
  architectureOf,
  counted,
  inMillions,
  macroIn,
  megabytes,
  percent,
  publishedIn,
  runIn,
  shareWithInterval,
  someOf,
  tagsIn,
} from '../wording.ts'
import { confidenceHistogram, reliabilityDiagram } from './calibrationCharts.ts'
import type { Pictures, ShownConfusion } from './examples.ts'
import { html, type Markup } from './markup.ts'
import { type Column, table } from './table.ts'

const FILES_LISTED = 100
const CLASSES_LISTED = 30

export interface ModelSection {
  evaluation: Evaluation
  /** Different for each model of the page. */
  id: string
  confusions: readonly ShownConfusion[]
  pictures: Pictures
  /** Folder that files are told relative to. */
  root: string
}

export function modelSection(section: ModelSection): Markup {
  const { evaluation, id, root } = section
  const { title, figures } = evaluation
  const subject = { id, title, calibration: figures.calibration }
  return html`<section>
<h2>${title}</h2>
${facts(evaluation)}
<h3>Confidence</h3>
<div class="figures">
<figure>${reliabilityDiagram(subject)}<figcaption><b>Reliability.</b> Right guesses by how sure the model was: <span class="key right"></span>right, <span class="key more"></span>right beyond what it said, <span class="key less"></span>missing from what it said; bars are 95 % intervals. On the dashed line a model is right as often as it says. Expected calibration error: ${percent(figures.calibration.error)} %.</figcaption></figure>
<figure>${confidenceHistogram(subject)}<figcaption><b>Confidence in the best guess.</b> <span class="key right"></span>right, <span class="key wrong"></span>wrong.</figcaption></figure>
</div>
<h3>Confusions</h3>
${confusionsPart(section)}
<h3>Classes</h3>
<details><summary>Figures of ${counted(figures.classes.length, 'class', 'classes')}</summary>
${table(html`Of the best guesses. A heading sorts by its column.`, classColumns, figures.classes, { sortable: true })}
</details>
${leftOut(evaluation, root)}
</section>`
}

function facts({ model, figures, run }: Evaluation): Markup {
  const { loaded, description, weights, size } = model
  const { manifest, file } = loaded
  const { blocks, shortcuts, quantised } = description
  const network = [
    architectureOf(model),
    blocks.length > 0 ? `blocks ${blocks.join('-')}` : null,
    shortcuts.length > 0 ? `${shortcuts.join(' and ')} shortcuts` : null,
    `${inMillions(weights)} weights`,
    quantised,
  ]
  const rows: [string, Markup | string | null][] = [
    ['Name', manifest.name],
    ['Network', network.filter((part) => part !== null).join(', ')],
    ['Input', `${manifest.inputSize} px, from a shorter side of ${manifest.resize} px`],
    ['File', html`${basename(file)}, ${megabytes(size)}, sha256 <code>${manifest.sha256}</code>`],
    ['Licence', manifest.licence],
    ['Published', publishedIn(model)],
    [
      'Measured',
      `top-1 ${shareWithInterval(figures.top1)}, top-5 ${shareWithInterval(figures.top5)}`,
    ],
    ['Macro averages', macroIn(figures)],
    ['Tags', tagsIn(figures)],
    ['Run', runIn(run)],
  ]
  const told = rows.filter(([, value]) => value !== null)
  return html`<dl>${told.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

function confusionsPart({ confusions, evaluation, pictures, root }: ModelSection): Markup {
  const all = evaluation.figures.confusions.length
  if (all === 0) return html`<p>Every best guess is right.</p>`
  const cards = confusions.flatMap((confusion) => cardOf(confusion, pictures, root))
  const caption = html`<b>What is taken for what.</b> Of ${counted(all, 'pair')} the most frequent; among equals those of which the model was surest.`
  return html`${cards.length > 0 ? html`<ul class="cards">${cards}</ul>` : null}
<details><summary>List of ${all > confusions.length ? 'the most frequent ' : ''}${counted(confusions.length, 'confusion')}</summary>
${table(caption, confusionColumns(root), confusions, { sortable: true })}
</details>`
}

/** Pictures of a confusion, where there are any. */
function cardOf(
  { truth, predicted, photos, shown }: ShownConfusion,
  pictures: Pictures,
  root: string,
): Markup[] {
  const images = shown.flatMap(({ path, score }) => {
    const picture = pictures.get(path)
    if (!picture) return []
    const told = `${relative(root, path)}, ${percent(score)} % sure`
    const data = Buffer.from(picture).toString('base64')
    return [html`<img src="data:image/jpeg;base64,${data}" alt="${told}" title="${told}">`]
  })
  const [surest] = shown
  if (images.length === 0 || !surest) return []
  return [
    html`<li><figure><div class="images">${images}</div><figcaption><b>${truth}</b> taken for <b>${predicted}</b><br>${counted(photos, 'photo')}, ${photos > 1 ? 'up to ' : ''}${Math.round(surest.score * 100)}\u00a0% sure</figcaption></figure></li>`,
  ]
}

const FILES_TOLD = 3

const confusionColumns = (root: string): Column<ShownConfusion>[] => [
  { head: 'Photos', kind: 'number', cell: ({ photos }) => photos },
  { head: 'True class', kind: 'wide', cell: ({ truth }) => truth },
  { head: 'Best guess', kind: 'wide', cell: ({ predicted }) => predicted },
  {
    head: 'Surest, %',
    kind: 'number',
    cell: ({ examples: [surest] }) => percent(surest?.score ?? 0),
  },
  {
    head: 'Files',
    kind: 'wide',
    cell: ({ examples }) =>
      someOf(
        examples.map(({ path }) => relative(root, path)),
        FILES_TOLD,
      ),
  },
]

const share = (value: number | null): string => (value === null ? '–' : percent(value))

const classColumns: Column<ClassFigures>[] = [
  { head: 'Class', kind: 'name', cell: ({ name }) => name },
  { head: 'Photos', kind: 'number', cell: ({ support }) => support },
  { head: 'Guessed', kind: 'number', cell: ({ predicted }) => predicted },
  { head: 'Right', kind: 'number', cell: ({ right }) => right },
  {
    head: 'Precision, %',
    kind: 'number',
    cell: ({ precision }) => share(precision),
    value: ({ precision }) => precision,
  },
  { head: 'Recall, %', kind: 'number', cell: ({ recall }) => share(recall) },
  { head: 'F1, %', kind: 'number', cell: ({ f1 }) => share(f1) },
]

function leftOut({ unknown, unread }: Evaluation, root: string): Markup | null {
  if (unknown.photos === 0 && unread.length === 0) return null
  const files = unread.slice(0, FILES_LISTED)
  const more = unread.length - files.length
  const classes = counted(unknown.classes.length, 'class', 'classes')
  return html`<h3>Left out</h3>
${
  unknown.photos > 0
    ? html`<p>${counted(unknown.photos, 'photo')} of ${classes} that the model does not know: ${someOf(unknown.classes, CLASSES_LISTED)}.</p>`
    : null
}
${
  files.length > 0
    ? html`<p>${counted(unread.length, 'file')} that could not be read:</p>
<ul>${files.map(({ path, reason }) => html`<li><code>${relative(root, path)}</code>: ${reason}</li>`)}</ul>`
    : null
}
${more > 0 ? html`<p>And ${more} more.</p>` : null}`
}
