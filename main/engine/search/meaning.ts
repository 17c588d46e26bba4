import type { TagId } from '../../../contract/domain.ts'
import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { normalised, singulars } from '../../../models/taxonomy/words.ts'
import type { TagRow } from '../db/tags.ts'

/**
 * Ids of the tags that a word means: of that name or synonym, and everything below it in WordNet. A
 * WordNet id such as `n02084071` is a word too. What WordNet does not know is found by its own name.
 */
export function tagsMeant(text: string, tags: readonly TagRow[], taxonomy: Taxonomy): TagId[] {
  const names = new Set(singulars(normalised(text)))
  const synsets = /^n\d{8}$/.test(text)
    ? [text]
    : taxonomy.matching(text).map((synset) => synset.wnid)
  const wnids = new Set(synsets.flatMap((wnid) => taxonomy.descendants(wnid)))
  return tags
    .filter(({ wnid, name }) => (wnid && wnids.has(wnid)) || names.has(normalised(name)))
    .map(({ id }) => id)
}
