/** Evaluations as the terminal shows them. */
import { relative } from 'node:path'
import type { Confusion } from '../../../models/evaluation/classes.ts'
import type { Accuracy } from '../../../models/evaluation/figures.ts'
import { type Evaluation, photosPerSecond, separateComparison } from './evaluation.ts'
import type { Unread } from './findPhotos.ts'
import type { DescribedModel } from './models.ts'
import {
  architectureOf,
  counted,
  errorWithInterval,
  inMillions,
  macroIn,
  megabytes,
  percent,
  publishedIn,
  runIn,
  shareWithInterval,
  someOf,
  tagsIn,
} from './wording.ts'

const CONFUSIONS_TOLD = 10
const CLASSES_TOLD = 6
const EXAMPLES_TOLD = 2
const FILES_TOLD = 10

/** A table of the models side by side, then what there is to tell of each. `root`: of the photos. */
export function inWords(evaluations: readonly Evaluation[], root: string): string {
  const blocks = [table([heads, ...evaluations.map(rowOf)])]
  const compared = separateComparison(evaluations)
  const [first] = compared
  if (first) {
    blocks.push(
      `On the ${counted(first.common.photos, 'photo')} that every model judged:`,
      table([commonHeads, ...compared.map(({ title, common }) => [title, ...errorsOf(common)])]),
    )
  }
  blocks.push('Errors in percent, with 95 % Wilson intervals; ECE: expected calibration error.')
  for (const evaluation of evaluations) blocks.push(detailsOf(evaluation, root))
  return blocks.join('\n\n')
}

const heads = [
  'Model',
  'Depth',
  'Weights',
  'Input',
  'Photos',
  'Top-1 error',
  'Top-5 error',
  'ECE',
  'Photos/s',
  'ms/photo',
]

function rowOf({ title, model, figures, run }: Evaluation): string[] {
  const speed = photosPerSecond(run)
  return [
    title,
    depthOf(model),
    inMillions(model.weights),
    `${model.loaded.manifest.inputSize} px`,
    `${figures.photos}`,
    ...errorsOf(figures),
    percent(figures.calibration.error),
    speed.toFixed(1),
    (1000 / speed).toFixed(1),
  ]
}

const commonHeads = ['Model', 'Top-1 error', 'Top-5 error']

const errorsOf = ({ top1, top5 }: Accuracy): string[] => [
  errorWithInterval(top1),
  errorWithInterval(top5),
]

const depthOf = ({ description: { depth, variant } }: DescribedModel): string =>
  depth === null ? 'none' : `${depth} ${variant}`

/** Columns as wide as their widest cell; all but the first, which names, are aligned to the right. */
function table(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return column === 0 ? cell.padEnd(width) : cell.padStart(width)
        })
        .join('  '),
    )
    .join('\n')
}

function detailsOf(evaluation: Evaluation, root: string): string {
  const { title, model, figures, unknown, unread, run } = evaluation
  const { description, loaded } = model
  const { calibration, classes, confusions } = figures
  const made = [
    architectureOf(model),
    description.blocks.length > 0 ? `blocks ${description.blocks.join('-')}` : null,
    description.quantised,
    megabytes(model.size),
  ]
  const lines: [string, string | null][] = [
    ['Model', made.filter((part) => part !== null).join(', ')],
    ['File', loaded.file],
    ['Published', publishedIn(model)],
    ['Top-1', shareWithInterval(figures.top1)],
    ['Top-5', shareWithInterval(figures.top5)],
    [`Of ${counted(classes.length, 'class', 'classes')}`, `${macroIn(figures)} (macro averages)`],
    [
      'Calibration',
      `expected error ${percent(calibration.error)} % over ${calibration.bins.length} bins`,
    ],
    ['Tags', tagsIn(figures)],
    ['Run', runIn(run)],
    [
      'Left out',
      unknown.photos > 0
        ? `${counted(unknown.photos, 'photo')} of ${counted(unknown.classes.length, 'class', 'classes')} that it does not know: ${someOf(unknown.classes, CLASSES_TOLD)}`
        : null,
    ],
  ]
  const told = lines
    .filter(([, value]) => value !== null)
    .map(([label, value]) => `  ${`${label}:`.padEnd(16)}${value}`)
  return [title, ...told, ...confusionLines(confusions, root), ...unreadLines(unread)].join('\n')
}

function confusionLines(confusions: readonly Confusion[], root: string): string[] {
  const lines = confusions.slice(0, CONFUSIONS_TOLD).map((pair) => {
    const names = pair.examples.map(({ path }) => relative(root, path))
    const files = someOf(names, EXAMPLES_TOLD)
    return `${`${pair.photos}`.padStart(6)}  ${pair.truth} → ${pair.predicted} (${files})`
  })
  return lines.length > 0 ? ['  Most frequent confusions, true → guessed:', ...lines] : []
}

function unreadLines(unread: readonly Unread[]): string[] {
  if (unread.length === 0) return []
  const lines = unread.slice(0, FILES_TOLD).map(({ path, reason }) => `      ${path}: ${reason}`)
  const more = unread.length - lines.length
  return ['  Not read:', ...lines, ...(more > 0 ? [`      and ${more} more`] : [])]
}
