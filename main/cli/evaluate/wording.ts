/** How figures are written, in the terminal and in the report. */
import type { Figures } from '../../../models/evaluation/figures.ts'
import type { Proportion } from '../../../models/evaluation/proportion.ts'
import type { Run } from './evaluation.ts'
import type { DescribedModel } from './models.ts'

/** A share as a percentage without its sign: `58.0`. */
export const percent = (share: number): string => (share * 100).toFixed(1)

/** `42.0 (35.4–48.9)`: the error and its 95 % interval, in percent. */
export const errorWithInterval = ({ share, low, high }: Proportion): string =>
  `${percent(1 - share)} (${percent(1 - high)}–${percent(1 - low)})`

/** `58.0 % (51.1–64.6)`: a share and its 95 % interval. */
export const shareWithInterval = ({ share, low, high }: Proportion): string =>
  `${percent(share)} % (${percent(low)}–${percent(high)})`

/** `ResNet-18 v2`, or what else it is. */
export const architectureOf = ({ description: { depth, variant } }: DescribedModel): string =>
  depth === null ? 'no ResNet' : `ResNet-${depth} ${variant}`

/** What the manifest says of the model; `null` when nothing. */
export function publishedIn({ loaded }: DescribedModel): string | null {
  const { accuracy } = loaded.manifest
  if (!accuracy) return null
  const { top1, top5, n, on } = accuracy
  const second = top5 === null ? '' : `, top-5 ${percent(top5)} %`
  return `top-1 ${percent(top1)} %${second} of ${counted(n, 'photo')} (${on})`
}

export const macroIn = ({ macro: { precision, recall, f1 } }: Figures): string =>
  `precision ${percent(precision)} %, recall ${percent(recall)} %, F1 ${percent(f1)} %`

export function tagsIn({ tags: { tagged, precision, recall } }: Figures): string {
  const right = precision ? shareWithInterval(precision) : 'none'
  return `${shareWithInterval(tagged)} of the photos get one; precision ${right}, recall ${shareWithInterval(recall)}`
}

export const runIn = ({ photos, seconds, provider }: Run): string =>
  `${counted(photos, 'photo')} in ${seconds.toFixed(1)} s on ${provider}`

/** How many weights: `11.7 M`, `270 k`. */
export const inMillions = (count: number): string =>
  count < 1e6 ? `${Math.round(count / 1e3)} k` : `${(count / 1e6).toFixed(1)} M`

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** `1 photo`, `200 photos`. */
export const counted = (count: number, singular: string, plural = `${singular}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? singular : plural}`

/** The first `most` of some names, and how many more there are. */
export function someOf(names: readonly string[], most: number): string {
  const more = names.length - most
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
