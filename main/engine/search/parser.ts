import type { Expression } from './expression.ts'
import { fields } from './fields.ts'
import { type Misunderstanding, type Token, tokensOf } from './lexer.ts'

export type Parsed = { ok: true; expression: Expression } | ({ ok: false } & Misunderstanding)

/** SQLite allows an expression a depth of 1000; nobody types a search as deep or long as these. */
const DEEPEST = 100
const LONGEST = 500

class MisunderstandingError extends Error {
  readonly column: number
  constructor(message: string, column: number) {
    super(message)
    this.column = column
  }
}

/**
 * Understands a search. Space is AND and binds closer than `|`; `-` is NOT; parentheses group; quotes
 * keep words together; `name:` and `tag:` look there only. An empty search is every photo.
 */
export function parseQuery(text: string): Parsed {
  const tokens = tokensOf(text)
  if (!Array.isArray(tokens)) return { ok: false, ...tokens }
  if (tokens.length > LONGEST) {
    const column = tokens[LONGEST]?.column ?? 0
    return { ok: false, message: 'This search is too long: leave out what follows.', column }
  }
  try {
    return { ok: true, expression: new Parser(tokens, text.length).parse() }
  } catch (error) {
    if (!(error instanceof MisunderstandingError)) throw error
    return { ok: false, message: error.message, column: error.column }
  }
}

/** any := all ('|' all)*; all := part+; part := '-' part | '(' any ')' | word | field */
class Parser {
  private readonly tokens: readonly Token[]
  private readonly end: number
  private next = 0
  private depth = 0

  constructor(tokens: readonly Token[], end: number) {
    this.tokens = tokens
    this.end = end
  }

  parse(): Expression {
    if (this.tokens.length === 0) return { kind: 'all', of: [] }
    const expression = this.any()
    const rest = this.tokens[this.next]
    if (rest) fail('There is no ( for this ): remove it, or add one before.', rest.column)
    return expression
  }

  private any(): Expression {
    const parts = [this.all()]
    while (this.tokens[this.next]?.kind === '|') {
      this.next += 1
      parts.push(this.all())
    }
    return oneOr('any', parts)
  }

  private all(): Expression {
    const parts: Expression[] = []
    for (;;) {
      const token = this.tokens[this.next]
      if (!token || token.kind === '|' || token.kind === ')') {
        if (parts.length === 0) this.failForNothing(token)
        return oneOr('all', parts)
      }
      parts.push(this.part(token))
    }
  }

  private part(token: Token): Expression {
    this.next += 1
    if (token.kind === 'word') {
      if (token.text.trim() === '') fail('There is nothing between these quotes.', token.column)
      return { kind: 'word', text: token.text }
    }
    if (token.kind === 'field') return fieldTerm(token)
    this.depth += 1
    if (this.depth > DEEPEST) fail('This is nested too deeply: simplify it.', token.column)
    const expression = token.kind === '-' ? this.negated(token) : this.group(token)
    this.depth -= 1
    return expression
  }

  private negated(minus: Token): Expression {
    const token = this.tokens[this.next]
    if (!token || token.kind === '|' || token.kind === ')') {
      fail('Say after - what to leave out, or put "-" in quotes.', minus.column)
    }
    return { kind: 'not', of: this.part(token) }
  }

  private group(open: Token): Expression {
    const token = this.tokens[this.next]
    if (token?.kind === ')') fail('There is nothing between these parentheses.', open.column)
    if (!token) fail('This ( is never closed: add a ).', open.column)
    const expression = this.any()
    if (this.tokens[this.next]?.kind !== ')') {
      fail('This ( is never closed: add a ).', open.column)
    }
    this.next += 1
    return expression
  }

  private failForNothing(token: Token | undefined): never {
    const before = this.tokens[this.next - 1]
    if (before?.kind === '|') fail('Say after | what else to look for.', before.column)
    if (token?.kind === '|') fail('Say before | what to look for.', token.column)
    fail('There is no ( for this ): remove it, or add one before.', token?.column ?? this.end)
  }
}

function fieldTerm(token: Extract<Token, { kind: 'field' }>): Expression {
  const field = fields.find(({ name }) => name === token.field)
  if (!field) {
    const known = `${fields
      .slice(0, -1)
      .map(({ name }) => `${name}:`)
      .join(', ')} and ${fields.at(-1)?.name}:`
    fail(
      `There is no ${token.field}${token.operator} to search by, only ${known}; to look for it as it stands, put it in quotes.`,
      token.column,
    )
  }
  if (token.operator !== ':' && !field.operators.includes(token.operator)) {
    fail(`Write ${field.name}: with a colon.`, token.valueColumn - token.operator.length)
  }
  if (token.value.trim() === '') {
    fail(`Say after ${field.name}: ${field.expects}.`, token.valueColumn)
  }
  const term = field.term(token.value, token.operator)
  if (term === null) fail(`Say after ${field.name}: ${field.expects}.`, token.valueColumn)
  return term
}

const oneOr = (kind: 'all' | 'any', parts: Expression[]): Expression =>
  parts.length === 1 && parts[0] ? parts[0] : { kind, of: parts }

function fail(message: string, column: number): never {
  throw new MisunderstandingError(message, column)
}
