/** The photos that a report shows, and small pictures of them. */
import type { Confusion } from '../../../../models/evaluation/classes.ts'
import type { VisionSupervisor } from '../../../engine/jobs/visionSupervisor.ts'
import type { Evaluation } from '../evaluation.ts'

/** Pictures in a whole report: enough to see what goes wrong, few enough to mail. */
const PICTURES = 36
const PER_CONFUSION = 2
const CONFUSIONS = 100
/** Twice as large as they are shown, for sharp screens. */
const LONGEST_SIDE = 240

export interface ShownConfusion extends Confusion {
  /** Those that get a picture. */
  shown: Confusion['examples']
}

/** JPEGs by path. */
export type Pictures = ReadonlyMap<string, Uint8Array>

/** The most frequent confusions of a model, the first of them with examples. `models`: in the report. */
export function shownConfusions({ figures }: Evaluation, models: number): ShownConfusion[] {
  let left = Math.floor(PICTURES / models)
  return figures.confusions.slice(0, CONFUSIONS).map((confusion) => {
    const shown = confusion.examples.slice(0, Math.min(left, PER_CONFUSION))
    left -= shown.length
    return { ...confusion, shown }
  })
}

/** What cannot be shown is left out. */
export async function makePictures(
  vision: Pick<VisionSupervisor, 'render'>,
  evaluations: readonly Evaluation[],
  signal: AbortSignal,
): Promise<Pictures> {
  const pictures = new Map<string, Uint8Array>()
  const shown = evaluations.flatMap((each) => shownConfusions(each, evaluations.length))
  for (const path of new Set(shown.flatMap(({ shown }) => shown.map(({ path }) => path)))) {
    signal.throwIfAborted()
    const picture = await vision.render(path, LONGEST_SIDE)
    if (picture) pictures.set(path, picture)
  }
  return pictures
}
