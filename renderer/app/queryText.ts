/** Putting class names into the text of a search. The engine owns the language's grammar. */

/** What the engine reads as one plain word. */
const plainWord = /^[\p{L}\p{N}_.'’][\p{L}\p{N}_.'’-]*$/u

/**
 * A class or tag name as one term of the language, in quotes where it is more than a plain word. A
 * bare word would find file names too: more photos than the panel counts.
 */
export const termOf = (name: string): string => `tag:${inQuotes(name)}`

/** An album as one term of the language. */
export const albumTerm = (name: string): string => `in:${inQuotes(name)}`

const inQuotes = (name: string): string =>
  plainWord.test(name) ? name : `"${name.replaceAll('"', '""')}"`

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
