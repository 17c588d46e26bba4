import type { Label } from '../manifest.ts'
import type { Taxonomy } from '../taxonomy/taxonomy.ts'
import { normalised, singulars } from '../taxonomy/words.ts'
import { nearestWords } from './nearestWords.ts'

/** What a word says that a photo shows. */
export interface ClassMeaning {
  /** Equal for words that mean the same: "sofas", "couch" and n04256520. */
  key: string
  /** For people. */
  name: string
  /** WordNet ids of the class and of everything below it; empty for a class of a model's own. */
  wnids: ReadonlySet<string>
  /** Normalised; by these, classes that have no WordNet id are found. */
  names: ReadonlySet<string>
}

export interface Vocabulary {
  /** `null` for a word that is neither a class, nor a category, nor a WordNet id. */
  meaningOf(word: string): ClassMeaning | null
  /** A few names, spelt as Albumen spells them, that somebody may have meant by a word. */
  suggestionsFor(word: string): string[]
}

const SUGGESTIONS = 3

/**
 * The words for classes: those of WordNet's tree and the names that the models' labels bring.
 * Unlike searching, a word means a class only with its whole name: a folder "red" is no red fox.
 */
export function createVocabulary(taxonomy: Taxonomy, labels: readonly Label[]): Vocabulary {
  const labelNames = new Map(labels.map(({ name }) => [normalised(name), name]))
  const labelOfId = new Map(labels.map(({ wnid, name }) => [wnid, name]))
  let suggested: string[] | null = null

  function meaningOfId(wnid: string): ClassMeaning {
    const synset = taxonomy.synset(wnid)
    return {
      key: wnid,
      name: synset?.name ?? labelOfId.get(wnid) ?? wnid,
      wnids: new Set(taxonomy.descendants(wnid)),
      names: new Set(synset?.names.map(normalised)),
    }
  }

  function meaningOfName(word: string): ClassMeaning | null {
    const names = singulars(normalised(word))
    const synsets = taxonomy
      .matching(word)
      .filter((synset) => synset.names.some((name) => names.includes(normalised(name))))
    if (synsets.length > 0) {
      const wnids = synsets.map(({ wnid }) => wnid).toSorted()
      return {
        key: wnids.join(' '),
        name: synsets.map(({ name }) => name).join(' or '),
        wnids: new Set(wnids.flatMap((wnid) => taxonomy.descendants(wnid))),
        names: new Set(names),
      }
    }
    const own = names.find((name) => labelNames.has(name))
    if (own === undefined) return null
    return {
      key: own,
      name: labelNames.get(own) ?? own,
      wnids: new Set(),
      names: new Set(names),
    }
  }

  return {
    meaningOf(word) {
      const wnid = leadingWordNetId(word)
      return wnid === null ? meaningOfName(word) : meaningOfId(wnid)
    },
    suggestionsFor(word) {
      suggested ??= namesWorthSuggesting(taxonomy, labels)
      return nearestWords(word, suggested, SUGGESTIONS)
    },
  }
}

/** The id at the beginning of `n01440764`, `n02085620-Chihuahua` or `n01440764_tench.JPEG`. */
export const leadingWordNetId = (text: string): string | null =>
  /^n\d{8}(?![\p{L}\p{N}])/iu.exec(text)?.[0].toLowerCase() ?? null

/** The outputs that are right for a photo that shows this. Empty when the model does not know it. */
export function outputsMeant(
  { wnids, names }: ClassMeaning,
  labels: readonly Label[],
): ReadonlySet<number> {
  const outputs = new Set<number>()
  for (const [index, { wnid, name }] of labels.entries()) {
    const byName = wnid === null || wnids.size === 0
    if (wnid !== null && wnids.has(wnid)) outputs.add(index)
    else if (byName && names.has(normalised(name))) outputs.add(index)
  }
  return outputs
}

/** Classes and the categories above them, each once. */
function namesWorthSuggesting(taxonomy: Taxonomy, labels: readonly Label[]): string[] {
  const above = labels.flatMap(({ wnid }) => (wnid === null ? [] : taxonomy.ancestors(wnid)))
  const categories = above.filter((wnid) => taxonomy.isCategory(wnid))
  const synonyms = [...labels.map(({ wnid }) => wnid), ...categories].flatMap(
    (wnid) => (wnid !== null && taxonomy.synset(wnid)?.names) || [],
  )
  return [...new Set([...labels.map(({ name }) => name), ...synonyms])]
}
