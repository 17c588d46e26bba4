import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { normalised, singulars } from '../../../models/taxonomy/words.ts'
import type { KnownClass } from './queries.ts'

/**
 * Ids of the classes that a word means: of that name or synonym, and every class below it in
 * WordNet. A WordNet id such as `n02084071` is a word too. A class that WordNet does not know is
 * found by its own name.
 */
export function classesMeant(
  text: string,
  classes: readonly KnownClass[],
  taxonomy: Taxonomy,
): number[] {
  const names = new Set(singulars(normalised(text)))
  const synsets = /^n\d{8}$/.test(text)
    ? [text]
    : taxonomy.matching(text).map((synset) => synset.wnid)
  const wnids = new Set(synsets.flatMap((wnid) => taxonomy.descendants(wnid)))
  return classes
    .filter(({ wnid, name }) => (wnid && wnids.has(wnid)) || names.has(normalised(name)))
    .map(({ id }) => id)
}
