import type { Suggestion } from '../../../contract/domain.ts'
import type { Synset, Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { normalised } from '../../../models/taxonomy/words.ts'
import type { TagRow } from '../db/tags.ts'
import { fields } from './fields.ts'
import { type Operator, quoted } from './lexer.ts'

const OTHER_NAMES = 4

export interface Completing {
  /** That photos have or may have. */
  tags: readonly TagRow[]
  /** Names, read only where they are asked for. */
  albums: () => readonly string[]
  taxonomy: Taxonomy
}

/**
 * Completions of the last word of `text`, best first: filters, and the classes that the model can
 * tell with the categories above them; after `in:` albums, after `rating` stars. The text of each is
 * the whole search, completed.
 */
export function suggestionsFor(
  text: string,
  limit: number,
  { tags, albums, taxonomy }: Completing,
): Suggestion[] {
  const { before, field, word } = lastWord(text)
  const prefix = field === null ? before : `${before}${field.name}${field.operator}`
  switch (field?.name) {
    case 'name':
      return []
    case 'in':
      return albumsFor(prefix, word, albums()).slice(0, limit)
    case 'rating':
      return ratingsFor(prefix, word, field.operator).slice(0, limit)
  }
  const filters = field === null && !before.endsWith('"') ? filtersFor(before, word) : []
  const synsets = classesFor(word, tags, taxonomy).map(({ wnid, name, names, below }) => ({
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
function lastWord(text: string): {
  before: string
  field: { name: string; operator: Operator } | null
  word: string
} {
  const [, before = '', rest = ''] =
    /^((?:[^"]|"[^"]*")*?)((?:[a-z]+(?:>=|<=|[:=><]))?(?:"[^"]*|[^\s()|"]*))$/su.exec(text) ?? []
  const minus = /^-+/.exec(rest)?.[0] ?? ''
  const [, name, operator, word = ''] =
    /^(?:([a-z]+)(>=|<=|[:=><]))?"?(.*)$/su.exec(rest.slice(minus.length)) ?? []
  const field = name === undefined ? null : { name, operator: operator as Operator }
  return { before: before + minus, field, word }
}

function filtersFor(before: string, word: string): Suggestion[] {
  return fields
    .filter(({ name }) => word !== '' && name.startsWith(word.toLowerCase()))
    .map(({ name, finds }) => ({ text: `${before}${name}:`, kind: 'filter', detail: finds }))
}

/** The album itself before those that begin so, and these before a word inside. */
function albumsFor(prefix: string, word: string, albums: readonly string[]): Suggestion[] {
  const start = normalised(word)
  return albums
    .filter((name) => ` ${normalised(name)}`.includes(` ${start}`))
    .map((name) => ({ name, rank: rank({ name, names: [] }, start) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ name }) => ({ text: `${prefix}${quoted(name)} `, kind: 'album', detail: '' }))
}

const STARS = [5, 4, 3, 2, 1, 0]

/** What would find nothing, or everything, is left out. */
function ratingsFor(prefix: string, word: string, operator: Operator): Suggestion[] {
  const rating = fields.find(({ name }) => name === 'rating')
  return STARS.filter((stars) => String(stars).startsWith(word)).flatMap((stars): Suggestion[] => {
    const found = rating?.term(String(stars), operator)
    if (found?.kind !== 'rating') return []
    const { lowest, highest } = found
    if (lowest > highest || highest - lowest === STARS.length - 1) return []
    return [{ text: `${prefix}${stars} `, kind: 'rating', detail: starsBetween(found) }]
  })
}

function starsBetween({ lowest, highest }: { lowest: number; highest: number }): string {
  if (lowest !== highest) return `${lowest} to ${highest} stars`
  return lowest === 0 ? 'no stars' : lowest === 1 ? '1 star' : `${lowest} stars`
}

interface Candidate extends Synset {
  /** How many classes of the model lie below; 0 for a class. */
  below: number
}

function classesFor(word: string, classes: readonly TagRow[], taxonomy: Taxonomy): Candidate[] {
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
function rank({ name, names }: Pick<Synset, 'name' | 'names'>, start: string): number {
  const shown = normalised(name)
  if (shown === start) return 0
  if (shown.startsWith(start)) return 1
  if (names.some((other) => normalised(other).startsWith(start))) return 2
  return ` ${shown}`.includes(` ${start}`) ? 3 : 4
}

/** For each category worth showing above the model's classes: how many of them lie below. */
function classesBelow(classes: readonly TagRow[], taxonomy: Taxonomy): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { wnid } of classes) {
    if (wnid === null) continue
    for (const above of taxonomy.ancestors(wnid))
      if (taxonomy.isCategory(above)) counts.set(above, (counts.get(above) ?? 0) + 1)
  }
  return counts
}
