/** Text that is HTML or SVG already. Only `html` and `verbatim` make it. */
export interface Markup {
  readonly markup: string
}

type Value = string | number | Markup | readonly Markup[] | null

/**
 * A template whose values are escaped, in text and in quoted attributes, unless they are markup;
 * `null` is nothing.
 */
export function html(strings: TemplateStringsArray, ...values: Value[]): Markup {
  let markup = strings[0] ?? ''
  for (const [index, value] of values.entries()) {
    markup += toMarkup(value) + (strings[index + 1] ?? '')
  }
  return { markup }
}

/** Takes text as it is: for what is written in this program, never for what comes from outside. */
export const verbatim = (markup: string): Markup => ({ markup })

function toMarkup(value: Value): string {
  if (value === null) return ''
  if (typeof value === 'number') return `${value}`
  if (typeof value === 'string') return escaped(value)
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Names of files may hold half a surrogate pair, which no HTML file can. */
const escaped = (text: string): string =>
  text.toWellFormed().replace(/[&<>"']/g, (character) => entities[character] ?? '')
