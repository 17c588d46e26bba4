import type { Expression } from './expression.ts'

export interface Field {
  name: string
  /** For completion: what it finds. */
  finds: string
  /** For the sentence "Say after name: ...". */
  expects: string
  term(value: string): Expression
}

/** What can be searched by, besides words. */
export const fields: readonly Field[] = [
  {
    name: 'name',
    finds: 'photos by file name, as in name:IMG_12*',
    expects: 'a file name or the beginning of one, such as name:IMG_12*',
    term: (pattern) => ({ kind: 'name', pattern }),
  },
  {
    name: 'tag',
    finds: 'photos by what is on them, whatever the file is called',
    expects: 'a class or category, such as tag:"golden retriever"',
    term: (text) => ({ kind: 'tag', text }),
  },
]
