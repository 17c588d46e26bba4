import imagenet1k from './imagenet1k.json' with { type: 'json' }
import wordnet from './wordnet.json' with { type: 'json' }
import { normalised, singulars } from './words.ts'

/** A WordNet 3.0 noun: one meaning under all its names. */
export interface Synset {
  /** `n` and eight digits, the synset's offset in WordNet 3.0, as ImageNet uses it. */
  wnid: string
  /** What people call it. No two classes of ImageNet-1k or categories share one. */
  name: string
  /** All its names, `name` first. */
  names: readonly string[]
  /** Ids of the synsets that it is a kind of, WordNet's first one first. */
  parents: readonly string[]
}

/**
 * The classes of ImageNet-1k, a few everyday scenes, and everything above them in WordNet's tree of
 * kinds, with the few links that everyday.json adds and drops. An id that is not in the table has no
 * parents, no ancestors and no descendants but itself.
 */
export interface Taxonomy {
  synset(wnid: string): Synset | null
  parents(wnid: string): readonly string[]
  /** Everything above, nearest first; at equal distance WordNet's first parent first. */
  ancestors(wnid: string): readonly string[]
  /** Everything below and the synset itself, in no particular order. */
  descendants(wnid: string): readonly string[]
  /**
   * Synsets with this name, without regard to case, accents, hyphens and plural. What people call a
   * thing goes before WordNet's rarer names ("car" is no railway carriage, though WordNet has that);
   * where nothing is called so, synsets with the word inside a name ("labrador"). Empty for none.
   */
  matching(text: string): readonly Synset[]
  /** Synsets that have a name one of whose words begins so; for completion. */
  beginning(text: string): readonly Synset[]
  /** Whether a synset is one of the categories that are shown. */
  isCategory(wnid: string): boolean
  /**
   * The category under which to show a synset when browsing: `null` at the top. Categories leave out
   * what tells nobody anything, such as "physical entity" and "placental".
   */
  category(wnid: string): string | null
  /** `category`, its category, and so on up to the top. */
  categories(wnid: string): readonly string[]
}

interface Entry extends Synset {
  /** How many of `names` are what people call it; the others are WordNet's. */
  given: number
}

export function loadTaxonomy(): Taxonomy {
  const entries = readEntries()
  const children = new Map<string, string[]>()
  for (const { wnid, parents } of entries.values())
    for (const parent of parents) children.set(parent, [...(children.get(parent) ?? []), wnid])
  const shown = new Set(wordnet.categories.split(' '))
  const roots = new Set(wordnet.roots.split(' '))
  const namesOnce = lazy(() => indexNames(entries.values()))

  const parents = (wnid: string) => entries.get(wnid)?.parents ?? []
  const ancestors = cached((wnid) => walk(wnid, parents).slice(1))
  const category = cached((wnid) =>
    roots.has(wnid) ? null : nearestCategory(ancestors(wnid), shown, ancestors),
  )

  return {
    synset: (wnid) => entries.get(wnid) ?? null,
    parents,
    ancestors,
    descendants: (wnid) => walk(wnid, (above) => children.get(above) ?? []),
    matching: (text) => matching(namesOnce(), normalised(text)),
    beginning: (text) => beginning(namesOnce(), normalised(text)),
    isCategory: (wnid) => shown.has(wnid),
    category,
    categories: cached((wnid) => walk(wnid, (below) => asList(category(below))).slice(1)),
  }
}

/** What each output of an ImageNet-1k classifier means, in the order of its 1000 outputs. */
export const imagenet1kLabels: readonly { wnid: string; name: string }[] = labels()

function labels() {
  const names = new Map(wordnet.synsets.map(([wnid = '', , given = '']) => [wnid, given]))
  return imagenet1k.map((wnid) => ({ wnid, name: names.get(wnid)?.split('|')[0] ?? wnid }))
}

function readEntries(): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const [wnid = '', parents = '', givenNames = '', ...others] of wordnet.synsets) {
    const given = givenNames.split('|')
    entries.set(wnid, {
      wnid,
      name: given[0] ?? wnid,
      names: [...given, ...others],
      given: given.length,
      parents: parents === '' ? [] : parents.split(' '),
    })
  }
  return entries
}

/** Breadth first, `start` included. */
function walk(start: string, next: (wnid: string) => readonly string[]): string[] {
  const found = new Set([start])
  for (const wnid of found) for (const other of next(wnid)) found.add(other)
  return [...found]
}

/** The nearest of the ancestors that is a category and has no category of theirs below it. */
function nearestCategory(
  above: readonly string[],
  shown: ReadonlySet<string>,
  ancestors: (wnid: string) => readonly string[],
): string | null {
  const candidates = above.filter((wnid) => shown.has(wnid))
  const notLowest = new Set(candidates.flatMap((wnid) => ancestors(wnid)))
  return candidates.find((wnid) => !notLowest.has(wnid)) ?? null
}

interface NameIndex {
  given: Map<string, Entry[]>
  all: Map<string, Entry[]>
  /** Entries by each word of each of their names. */
  words: Map<string, Entry[]>
}

function indexNames(entries: Iterable<Entry>): NameIndex {
  const index: NameIndex = { given: new Map(), all: new Map(), words: new Map() }
  const add = (map: Map<string, Entry[]>, key: string, entry: Entry) => {
    const list = map.get(key)
    if (!list) map.set(key, [entry])
    else if (!list.includes(entry)) list.push(entry)
  }
  for (const entry of entries) {
    for (const [position, name] of entry.names.entries()) {
      const key = normalised(name)
      add(index.all, key, entry)
      if (position < entry.given) add(index.given, key, entry)
      for (const word of key.split(' ')) add(index.words, word, entry)
    }
  }
  return index
}

function matching({ given, all, words }: NameIndex, name: string): readonly Synset[] {
  if (name === '') return []
  const candidates = singulars(name)
  for (const candidate of candidates) {
    const found = given.get(candidate) ?? all.get(candidate)
    if (found) return found
  }
  return candidates.map((candidate) => words.get(candidate)).find((found) => found) ?? []
}

function beginning({ words }: NameIndex, text: string): readonly Synset[] {
  if (text === '') return []
  const [first = ''] = text.split(' ')
  const found = new Set<Synset>()
  for (const [word, entries] of words) {
    if (!word.startsWith(first)) continue
    for (const entry of entries)
      if (entry.names.some((name) => ` ${normalised(name)}`.includes(` ${text}`))) found.add(entry)
  }
  return [...found]
}

const asList = (value: string | null): string[] => (value === null ? [] : [value])

function cached<Value>(compute: (wnid: string) => Value): (wnid: string) => Value {
  const values = new Map<string, Value>()
  return (wnid) => {
    const known = values.get(wnid)
    if (known !== undefined) return known
    const value = compute(wnid)
    values.set(wnid, value)
    return value
  }
}

function lazy<Value>(make: () => Value): () => Value {
  let made: { value: Value } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
