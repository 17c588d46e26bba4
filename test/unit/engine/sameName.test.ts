import { describe, expect, test } from 'vitest'
import { renamed } from '../../../main/engine/library/sameName.ts'

const composed = 'Café.jpg'.normalize('NFC')
const decomposed = 'Café.jpg'.normalize('NFD')
const anyCase = () => true
const exactCase = () => false

describe('a name that is listed otherwise', () => {
  test('is the same in another normalisation, on every file system', () => {
    expect(renamed([composed], [decomposed], exactCase)).toEqual([[composed, decomposed]])
    expect(renamed([decomposed], [composed], exactCase)).toEqual([[decomposed, composed]])
  })

  test('is the same in another case where the old one still opens it', () => {
    expect(renamed(['a.jpg'], ['A.jpg'], anyCase)).toEqual([['a.jpg', 'A.jpg']])
    expect(renamed(['a.jpg'], ['A.jpg'], exactCase)).toEqual([])
    expect(renamed([composed], [decomposed.toUpperCase()], anyCase)).toHaveLength(1)
  })

  test('is another one where it is otherwise different', () => {
    expect(renamed(['a.jpg'], ['b.jpg', 'a.jpeg'], anyCase)).toEqual([])
  })

  test('is nobody’s where several could be meant', () => {
    expect(renamed([composed], [decomposed, composed.toUpperCase()], anyCase)).toEqual([])
    expect(renamed(['a.jpg', 'A.jpg'], ['a.JPG'], anyCase)).toEqual([])
  })
})
