/** The tags of a photo as a person decides about them. */
import type { PhotoTag, TagId } from '../../contract/domain.ts'

export interface GroupedTags {
  /** What the photo has. */
  confident: PhotoTag[]
  /** What the model is not sure of, and nobody has said anything of. */
  guesses: PhotoTag[]
  rejected: PhotoTag[]
}

export const grouped = (tags: readonly PhotoTag[]): GroupedTags => ({
  confident: tags.filter(({ confident }) => confident),
  guesses: tags.filter(({ confident, verdict }) => !confident && verdict === null),
  rejected: tags.filter(({ verdict }) => verdict === 'no'),
})

/** Whether a person alone says so: taken back, nothing is left of it. */
export const isOwn = ({ wnid, score, verdict }: PhotoTag): boolean =>
  wnid === null && score === null && verdict === 'yes'

/**
 * The tag that the keys for right and wrong are about: the one that has the focus; else the best that
 * nobody has decided about. A guess comes in only where nothing that the model sees was found right, so
 * that a second press says nothing that was not meant.
 */
export function currentTag(tags: readonly PhotoTag[], focused: TagId | null): PhotoTag | null {
  const withFocus = tags.find(({ id }) => id === focused)
  if (withFocus) return withFocus
  const { confident, guesses } = grouped(tags)
  const undecided = confident.find(({ verdict }) => verdict === null)
  if (undecided) return undecided
  return confident.every(isOwn) ? (guesses[0] ?? null) : null
}

/** What is said of a tag that is wrong: a person's own is taken off, what a model sees is denied. */
export const verdictAgainst = (tag: PhotoTag): 'no' | 'none' => (isOwn(tag) ? 'none' : 'no')
