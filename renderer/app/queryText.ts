/** Putting names into the text of a search. The engine owns the language's grammar. */
import { nameKey } from './names.ts'

/** What the engine reads as one plain word. */
const plainWord = /^[\p{L}\p{N}_.'’][\p{L}\p{N}_.'’-]*$/u

/** What people name, and the field of the language that means it. */
const fields = { tag: 'tag:', album: 'in:' }
export type Named = keyof typeof fields

/** As one term of the language, in quotes where a name is more than a plain word. */
const termFor = (named: Named, name: string): string => `${fields[named]}${inQuotes(name)}`

/**
 * A class or tag name as one term. A bare word would find file names too: more photos than the panel
 * counts.
 */
export const termOf = (name: string): string => termFor('tag', name)

/** An album as one term. */
export const albumTerm = (name: string): string => termFor('album', name)

const inQuotes = (name: string): string =>
  plainWord.test(name) ? name : `"${name.replaceAll('"', '""')}"`

/** A name out of its quotes, if it stands in some. */
export const unquoted = (text: string): string =>
  text.replace(/^["“”„](.*)["“”„]$/su, '$1').replace(/["“”„]{2}/gu, '"')

/** The words of a query: split at spaces outside quotes. */
export const termsOf = (query: string): string[] =>
  query.match(/(?:[^\s"]|"(?:[^"]|"")*(?:"|$))+/g) ?? []

/** `|` binds looser than a space, so an alternative is put in parentheses before a term joins it. */
const grouped = (query: string): string =>
  query.includes('|') ? `(${query.trim()})` : query.trim()

/** A click on a class: searches it, or everything again when it was searched already. */
export const toggleSearch = (query: string, name: string): string =>
  query.trim() === termOf(name) ? '' : termOf(name)

/** Narrows a search to a class as well; a second time takes it out. */
export const toggleTerm = (query: string, name: string): string => toggle(query, termOf(name))

/** Leaves a class out of a search; a second time lets it in again. */
export const toggleExclusion = (query: string, name: string): string =>
  toggle(query, `-${termOf(name)}`)

function toggle(query: string, term: string): string {
  const terms = termsOf(query)
  if (terms.includes(term)) return terms.filter((other) => other !== term).join(' ')
  return [grouped(query), term].filter((part) => part !== '').join(' ')
}

/** Words with the field before them and phrases, without minus, brackets and bars. */
const pieces =
  /(?:\p{L}+:)?["“”„](?:[^"“”„]|["“”„]{2})*["“”„]|\p{L}+:[^\s()|"“”„]+|[^\s()|"“”„-][^\s()|"“”„]*/gu

/**
 * A search after a tag or an album got another name, or went (`now: null`). Then it is the search
 * without that term; all photos where brackets or alternatives make other terms depend on it.
 */
export function renamedIn(query: string, named: Named, before: string, now: string | null): string {
  const isMeant = (piece: string) => names(piece, named, before)
  if (now !== null) {
    return query.replace(pieces, (piece) => (isMeant(piece) ? termFor(named, now) : piece))
  }
  if (!query.match(pieces)?.some(isMeant)) return query
  if (/[()|]/.test(query.replace(pieces, ''))) return ''
  return termsOf(query)
    .filter((term) => !isMeant(term.replace(/^-+/, '')))
    .join(' ')
}

/** Whether a term means what has this name, however it is written. */
function names(term: string, named: Named, name: string): boolean {
  const field = fields[named]
  if (!term.toLowerCase().startsWith(field)) return false
  return nameKey(unquoted(term.slice(field.length))) === nameKey(name)
}

/**
 * The part of a suggestion that completes the word at the end of `text`.
 * `suggestion`: the whole search, completed.
 */
export function completedPart(text: string, suggestion: string): string {
  const before = text.slice(0, lastWordStart(text))
  const part = suggestion.startsWith(before) ? suggestion.slice(before.length) : suggestion
  return part.trim()
}

/** Where the word at the end begins, after signs that belong to the language. */
function lastWordStart(text: string): number {
  const quotes = [...text.matchAll(/"/g)]
  const open = quotes.length % 2 === 1 ? quotes.at(-1) : undefined
  return open ? open.index : text.search(/[^\s()|]*$/)
}
