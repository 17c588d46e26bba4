import type { Suggestion } from '../../../contract/domain.ts'
import type { Synset, Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { normalised } from '../../../models/taxonomy/words.ts'
import { fields } from './fields.ts'
import { quoted } from './lexer.ts'
import type { KnownClass } from './queries.ts'

const OTHER_NAMES = 4

/**
 * Completions of the last word of `text`, best first: filters, and the classes that the model can
 * tell with the categories above them. The text of each is the whole search, completed.
 */
export function suggestionsFor(
  text: string,
  limit: number,
  classes: readonly KnownClass[],
  taxonomy: Taxonomy,
): Suggestion[] {
  const { before, field, word } = lastWord(text)
  if (field === 'name') return []
  const filters = field === null && !before.endsWith('"') ? filtersFor(before, word) : []
  const prefix = field === null ? before : `${before}${field}:`
  const synsets = classesFor(word, classes, taxonomy).map(({ wnid, name, names, below }) => ({
    text: `${prefix}${quoted(name)} `,
    kind: below === 0 ? ('class' as const) : ('category' as const),
    detail: [
      ...(below === 0 ? [] : [`${below} ${below === 1 ? 'class' : 'classes'}`]),
      ...names.filter((other) => other !== name && other !== wnid).slice(0, OTHER_NAMES),
    ].join(', '),
  }))
  return [...filters, ...synsets].slice(0, limit)
}

/** The word at the end of a search, which may be in an open quote, and what stands before it. */
function lastWord(text: string): { before: string; field: string | null; word: string } {
  const [, before = '', rest = ''] =
    /^((?:[^"]|"[^"]*")*?)((?:[a-z]+:)?(?:"[^"]*|[^\s()|"]*))$/su.exec(text) ?? []
  const minus = /^-+/.exec(rest)?.[0] ?? ''
  const [, field = null, word = ''] =
    /^(?:([a-z]+):)?"?(.*)$/su.exec(rest.slice(minus.length)) ?? []
  return { before: before + minus, field, word }
}

function filtersFor(before: string, word: string): Suggestion[] {
  return fields
    .filter(({ name }) => word !== '' && name.startsWith(word.toLowerCase()))
    .map(({ name, finds }) => ({ text: `${before}${name}:`, kind: 'filter', detail: finds }))
}

interface Candidate extends Synset {
  /** How many classes of the model lie below; 0 for a class. */
  below: number
}

function classesFor(word: string, classes: readonly KnownClass[], taxonomy: Taxonomy): Candidate[] {
  const start = normalised(word)
  const known = new Map(classes.map(({ wnid, name }) => [wnid ?? name, name]))
  const below = classesBelow(classes, taxonomy)
  const fromWordNet = taxonomy.beginning(word).flatMap((synset): Candidate[] => {
    const name = known.get(synset.wnid)
    if (name !== undefined) return [{ ...synset, name, below: 0 }]
    const count = below.get(synset.wnid)
    return count === undefined ? [] : [{ ...synset, below: count }]
  })
  const others = classes
    .filter(({ wnid }) => wnid === null || taxonomy.synset(wnid) === null)
    .filter(({ name }) => start !== '' && ` ${normalised(name)}`.includes(` ${start}`))
    .map(({ wnid, name }) => ({ wnid: wnid ?? name, name, names: [name], parents: [], below: 0 }))
  return [...fromWordNet, ...others].sort(
    (a, b) => rank(a, start) - rank(b, start) || b.below - a.below || (a.name < b.name ? -1 : 1),
  )
}

/** The name itself before a synonym, its beginning before a word inside. */
function rank({ name, names }: Synset, start: string): number {
  const shown = normalised(name)
  if (shown === start) return 0
  if (shown.startsWith(start)) return 1
  if (names.some((other) => normalised(other).startsWith(start))) return 2
  return ` ${shown}`.includes(` ${start}`) ? 3 : 4
}

/** For each category worth showing above the model's classes: how many of them lie below. */
function classesBelow(classes: readonly KnownClass[], taxonomy: Taxonomy): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { wnid } of classes) {
    if (wnid === null) continue
    for (const above of taxonomy.ancestors(wnid))
      if (taxonomy.isCategory(above)) counts.set(above, (counts.get(above) ?? 0) + 1)
  }
  return counts
}
