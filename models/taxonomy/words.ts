import wordnet from './wordnet.json' with { type: 'json' }

const irregular: Record<string, string> = wordnet.plurals

/**
 * A name as it is compared: without case, accents, apostrophes and the difference between space,
 * hyphen and underscore. "Jack-o'-Lantern" and "jack o lantern" are one.
 */
export function normalised(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}'’ʼ.]/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** A normalised name and what it may be the English plural of, likeliest first. */
export function singulars(name: string): string[] {
  const split = name.lastIndexOf(' ') + 1
  const [before, word] = [name.slice(0, split), name.slice(split)]
  const found = [word]
  const exception = Object.hasOwn(irregular, word) ? irregular[word] : undefined
  if (exception) found.push(exception)
  if (/[^s]s$/.test(word) && word.length > 3) found.push(word.slice(0, -1))
  if (/(?:[sxz]|[cs]h|o)es$/.test(word)) found.push(word.slice(0, -2))
  if (/ies$/.test(word)) found.push(`${word.slice(0, -3)}y`)
  if (/ves$/.test(word)) found.push(`${word.slice(0, -3)}f`, `${word.slice(0, -3)}fe`)
  if (/men$/.test(word)) found.push(`${word.slice(0, -3)}man`)
  return found.map((word) => before + word)
}
