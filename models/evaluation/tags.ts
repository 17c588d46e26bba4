import type { JudgedPhoto } from './judged.ts'
import { type Proportion, proportion } from './proportion.ts'

/** What a model's thresholds make of its guesses: a guess at or above that of its class is a tag. */
export interface TagFigures {
  /** Photos that get a tag. */
  tagged: Proportion
  /** Tags that are right, of all tags; `null` when there is none. */
  precision: Proportion | null
  /** Photos that get a right tag, of all photos. */
  recall: Proportion
}

/** `thresholds`: one for each output, as in the manifest. `photos`: at least one. */
export function tagFigures(
  photos: readonly JudgedPhoto[],
  thresholds: readonly number[],
): TagFigures {
  let tags = 0
  let rightTags = 0
  let tagged = 0
  let rightlyTagged = 0
  for (const { truth, predictions } of photos) {
    const given = predictions.filter(({ index, score }) => score >= (thresholds[index] ?? 1))
    const right = given.filter(({ index }) => truth.outputs.has(index))
    tags += given.length
    rightTags += right.length
    if (given.length > 0) tagged++
    if (right.length > 0) rightlyTagged++
  }
  return {
    tagged: proportion(tagged, photos.length),
    precision: tags > 0 ? proportion(rightTags, tags) : null,
    recall: proportion(rightlyTagged, photos.length),
  }
}
