/** A search that cannot be understood: what to do, and the zero-based column where it goes wrong. */
export interface Misunderstanding {
  message: string
  column: number
}

export type Operator = ':' | '=' | '>=' | '<=' | '>' | '<'

export type Token = { column: number } & (
  | { kind: '(' | ')' | '|' | '-' }
  /** `quoted` words were kept together and mean no field. */
  | { kind: 'word'; text: string; quoted: boolean }
  | { kind: 'field'; field: string; operator: Operator; value: string; valueColumn: number }
)

const SPACE = /\s+/y
const SYMBOL = /[()|]/y
const FIELD = /(\p{L}+)(>=|<=|[:=><])/uy
const WORD = /[^\s()|"“”„]+/uy
/** Keyboards and word processors write quotes in several ways; a doubled quote is a quote inside. */
const PHRASE = /["“”„]((?:[^"“”„]|["“”„]{2})*)["“”„]/uy
const QUOTE = /["“”„]/uy

/** Splits a search into tokens. A minus is NOT at the beginning of a term, a letter inside a word. */
export function tokensOf(text: string): Token[] | Misunderstanding {
  const tokens: Token[] = []
  let column = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = column
    const match = pattern.exec(text)
    if (match) column = pattern.lastIndex
    return match
  }
  const takePhrase = () => take(PHRASE)?.[1]?.replace(/["“”„]{2}/gu, '"')

  while (column < text.length) {
    if (take(SPACE)) continue
    const start = column
    const symbol = take(SYMBOL)
    if (symbol) {
      tokens.push({ kind: symbol[0] as '(' | ')' | '|', column: start })
      continue
    }
    if (text[column] === '-') {
      column += 1
      tokens.push({ kind: '-', column: start })
      continue
    }
    const field = take(FIELD)
    const valueColumn = column
    const phrase = takePhrase()
    if (phrase === undefined && take(QUOTE)) {
      return { message: 'This quote is never closed: add another ".', column: valueColumn }
    }
    const value = phrase ?? take(WORD)?.[0] ?? ''
    if (field) {
      const [, name = '', operator] = field
      const common = { field: name.toLowerCase(), operator: operator as Operator, column: start }
      tokens.push({ kind: 'field', ...common, value, valueColumn })
    } else {
      tokens.push({ kind: 'word', text: value, quoted: phrase !== undefined, column: start })
    }
  }
  return tokens
}

/** How to write `text` in a search so that it is one word and means itself. */
export function quoted(text: string): string {
  return /^[\p{L}\p{N}_.'’][\p{L}\p{N}_.'’-]*$/u.test(text)
    ? text
    : `"${text.replaceAll('"', '""')}"`
}
