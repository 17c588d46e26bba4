import { describe, expect, it } from 'vitest'
import { isAlone, renames } from '../../../renderer/app/names.ts'

const things = (...names: (string | null)[]) =>
  names.flatMap((name, index) => (name === null ? [] : [{ id: index + 1, name }]))

describe('what is called otherwise now', () => {
  it('is told with its former name', () => {
    const before = things('cat', 'dog', 'bird')
    const now = things('my cat', 'dog', null, 'new')
    expect(renames(before, now)).toEqual([{ before: 'cat', now: 'my cat' }])
  })

  it('is not told where another thing has its former name', () => {
    expect(renames(things('crane', 'crane'), things('my crane', 'crane'))).toEqual([])
    expect(renames(things('a', 'b'), things('b', 'a'))).toEqual([])
  })
})

describe('a name', () => {
  it('stands alone when nothing else has it, however it is written', () => {
    expect(isAlone({ id: 1, name: 'crane' }, things('crane', 'cranes'))).toBe(true)
    expect(isAlone({ id: 9, name: 'crane' }, things('Crane'))).toBe(false)
  })
})
