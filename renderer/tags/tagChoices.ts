/** What a person who types a tag may mean. */
import type { Suggestion, TagId, TagSummary } from '../../contract/domain.ts'
import { nameKey, ranked, tidied } from '../app/names.ts'
import { unquoted } from '../app/queryText.ts'

/** A tag as it was given last; `id: null` when it was new then. */
export interface RecentTag {
  id: TagId | null
  name: string
}

/** What is shown of a tag that is offered. */
export type OfferedTag = RecentTag & Pick<TagSummary, 'category' | 'own'>

export type TagChoice = { kind: 'known'; tag: OfferedTag } | { kind: 'new'; name: string }

interface Offer {
  tags: readonly TagSummary[]
  /** Offered before anything is typed. */
  first: readonly OfferedTag[]
  /** Found by another name than their own, such as a synonym; taken after the others. */
  byOtherName: readonly TagSummary[]
  /** Whether a name that is no tag yet may become one. */
  makesNew: boolean
  limit: number
}

/**
 * Best first, so that Enter takes what is meant most likely: tags of this very name, all of them where
 * it means several; then those that begin so; then the name as a new tag; then those with a word that
 * begins so or with another name.
 */
export function tagChoices(text: string, offer: Offer): TagChoice[] {
  const { tags, first, byOtherName, makesNew, limit } = offer
  const name = tidied(text)
  if (name === '') return first.slice(0, limit).map(known)
  const { exact, beginning, inside } = ranked(name, tags)
  // Where a name means several things, people may say which by its WordNet id.
  exact.push(...tags.filter(({ wnid }) => wnid === name))
  const named = new Set([...exact, ...beginning, ...inside].map(({ id }) => id))
  const others = byOtherName.filter(({ id }) => !named.has(id))
  const before = [...exact.sort(byUse), ...beginning.sort(byUse)].slice(0, limit)
  const after = [...inside.sort(byUse), ...others].slice(0, limit - before.length)
  const isNew = makesNew && exact.length === 0
  const fresh: TagChoice[] = isNew ? [{ kind: 'new', name }] : []
  return [...before.map(known), ...fresh, ...after.map(known)]
}

const known = (tag: OfferedTag): TagChoice => ({ kind: 'known', tag })

/** A person's own first, then what most photos have. */
const byUse = (a: TagSummary, b: TagSummary): number =>
  Number(b.own) - Number(a.own) || b.photos - a.photos

/** The tags that the search box would complete a name to; its categories are no tags. */
export function tagsSuggested(
  suggestions: readonly Suggestion[],
  tags: readonly TagSummary[],
): TagSummary[] {
  const names = new Set(
    suggestions.filter(({ kind }) => kind === 'class').map(({ text }) => nameKey(nameIn(text))),
  )
  return tags.filter(({ name }) => names.has(nameKey(name)))
}

/** Of a term such as `tag:"Labrador retriever" `. */
const nameIn = (term: string): string => unquoted(term.trim().replace(/^tag:/, ''))

/**
 * The tags given last that are still there, the last one first. `fresh`: whether `tags` are all that
 * there are by now; one that was made a moment ago may be missing otherwise.
 */
export const stillThere = (
  recent: readonly RecentTag[],
  tags: readonly TagSummary[],
  fresh: boolean,
): OfferedTag[] =>
  recent.flatMap((given): OfferedTag[] => {
    const named = tags.filter(({ name }) => nameKey(name) === nameKey(given.name))
    // The number alone may be that of another tag, in another library.
    const tag = named.find(({ id }) => id === given.id) ?? named.find(({ own }) => own)
    if (tag) return [tag]
    return fresh ? [] : [{ ...given, category: null, own: true }]
  })

/** The tags given last with one more, which is the last now. */
export const withRecent = (recent: readonly RecentTag[], tag: RecentTag): RecentTag[] =>
  [tag, ...recent.filter(({ name }) => nameKey(name) !== nameKey(tag.name))].slice(0, 6)

/** The tags given last, by what one of them is called now. */
export const withRenamed = (
  recent: readonly RecentTag[],
  before: string,
  now: string,
): RecentTag[] =>
  recent.map((tag) => (nameKey(tag.name) === nameKey(before) ? { ...tag, name: now } : tag))
