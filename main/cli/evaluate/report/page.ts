/** A report: one HTML file that asks for nothing else and runs nothing but its own script. */
import { createHash } from 'node:crypto'
import type { Evaluation } from '../evaluation.ts'
import { counted } from '../wording.ts'
import { type Pictures, shownConfusions } from './examples.ts'
import { html, verbatim } from './markup.ts'
import { modelSection } from './modelSection.ts'
import { overview } from './overview.ts'
import { GENERATOR } from './reportFile.ts'
import { script } from './script.ts'
import { style } from './style.ts'

export interface ReportContents {
  evaluations: readonly Evaluation[]
  pictures: Pictures
  /** The folder or CSV that says what the photos show. */
  source: string
  /** Folder that files are told relative to. */
  root: string
  /** How many photos of how many classes were asked about. */
  photos: number
  classes: number
  made: Date
  /** Albumen's version, and the machine that it ran on. */
  version: string
  machine: string
}

export function reportPage(contents: ReportContents): string {
  const { evaluations, pictures, source, root, photos, classes, made, version, machine } = contents
  const title = `Evaluation of ${titleOf(evaluations.map((each) => each.title))}`
  const sections = evaluations.map((evaluation, index) =>
    modelSection({
      evaluation,
      id: `model-${index + 1}`,
      confusions: shownConfusions(evaluation, evaluations.length),
      pictures,
      root,
    }),
  )
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="generator" content="${GENERATOR}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${verbatim(style)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="soft">${counted(photos, 'photo')} of ${counted(classes, 'class', 'classes')} from <code>${source}</code>, ${made.toISOString().slice(0, 10)}. Albumen ${version} on ${machine}.</p>
</header>
<main>
${overview(evaluations)}
${sections}
<section>
<h2>How this was measured</h2>
${methods}
</section>
</main>
<script>${verbatim(script)}</script>
</body>
</html>
`.markup
}

const titleOf = (titles: readonly string[]): string =>
  titles.length > 3 ? `${titles.length} models` : new Intl.ListFormat('en').format(titles)

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policy = [
  "default-src 'none'",
  'img-src data:',
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const methods = html`<p>Each photo went the way of indexing: decoded, its shorter side resized, the centre cropped, one view, no augmentation. A guess is right when it is the photo's class or, where the photos name a category, any class of that category. Photos whose class a model does not know, and files that cannot be read, are left out of its figures.</p>
<p>Intervals are Wilson's at 95 %. Precision, recall and F1 count the best guess; macro averages are means over the classes, and a class that is never guessed has precision 0 in them. The expected calibration error is over 15 bins of equal width of the best guess's score. A tag is one of the five best guesses that reaches the threshold of its class in the model's manifest.</p>
<p>Speed is the run's photos by its seconds, with reading, decoding, hashing and the thumbnail, several photos at once and without loading the model. The first model's run also brings the files into the system's cache.</p>`
