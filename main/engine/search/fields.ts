import { assertNever } from '../../../contract/errors.ts'
import type { Expression } from './expression.ts'
import type { Operator } from './lexer.ts'

export interface Field {
  name: string
  /** For completion: what it finds. */
  finds: string
  /** For the sentence "Say after name: ...". */
  expects: string
  /** Besides the colon. */
  operators: readonly Operator[]
  /** `null` for a value that cannot be meant. */
  term(value: string, operator: Operator): Expression | null
}

const MOST_STARS = 5

function rating(value: string, operator: Operator): Expression | null {
  if (!/^[0-5]$/.test(value)) return null
  const stars = Number(value)
  const range = (lowest: number, highest: number) => ({ kind: 'rating', lowest, highest }) as const
  switch (operator) {
    case '>=':
      return range(stars, MOST_STARS)
    case '>':
      return range(stars + 1, MOST_STARS)
    case '<=':
      return range(0, stars)
    case '<':
      return range(0, stars - 1)
    case ':':
    case '=':
      return range(stars, stars)
    default:
      return assertNever(operator)
  }
}

/** What can be searched by, besides words. */
export const fields: readonly Field[] = [
  {
    name: 'name',
    finds: 'photos by file name, as in name:IMG_12*',
    expects: 'a file name or the beginning of one, such as name:IMG_12*',
    operators: [],
    term: (pattern) => ({ kind: 'name', pattern }),
  },
  {
    name: 'tag',
    finds: 'photos by what is on them, whatever the file is called',
    expects: 'a class or category, such as tag:"golden retriever"',
    operators: [],
    term: (text) => ({ kind: 'tag', text }),
  },
  {
    name: 'in',
    finds: 'photos in an album, as in in:"Italy 2023"',
    expects: 'the name of an album, such as in:"Italy 2023"',
    operators: [],
    term: (name) => ({ kind: 'album', name }),
  },
  {
    name: 'rating',
    finds: 'photos by their stars, as in rating>=4',
    expects: 'stars from 0 to 5, such as rating>=4',
    operators: ['=', '>=', '<=', '>', '<'],
    term: rating,
  },
]
