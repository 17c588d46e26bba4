import { describe, expect, test } from 'vitest'
import type { Expression } from '../../../main/engine/search/expression.ts'
import { quoted } from '../../../main/engine/search/lexer.ts'
import { parseQuery } from '../../../main/engine/search/parser.ts'

const word = (text: string): Expression => ({ kind: 'word', text })
const all = (...of: Expression[]): Expression => ({ kind: 'all', of })
const any = (...of: Expression[]): Expression => ({ kind: 'any', of })
const not = (of: Expression): Expression => ({ kind: 'not', of })

describe('understands', () => {
  test.each<[string, Expression]>([
    ['', all()],
    ['  \t\n', all()],
    ['dog', word('dog')],
    ['dog cat', all(word('dog'), word('cat'))],
    ['dog | cat', any(word('dog'), word('cat'))],
    ['dog|cat', any(word('dog'), word('cat'))],
    ['a b | c d', any(all(word('a'), word('b')), all(word('c'), word('d')))],
    ['a (b | c) d', all(word('a'), any(word('b'), word('c')), word('d'))],
    ['((dog))', word('dog')],
    ['dog -puppy', all(word('dog'), not(word('puppy')))],
    ['- puppy', not(word('puppy'))],
    ['--puppy', not(not(word('puppy')))],
    ['-(a b)', not(all(word('a'), word('b')))],
    ['dog(cat)', all(word('dog'), word('cat'))],
    ['T-shirt', word('T-shirt')],
    ['IMG_2024-05-06.jpg', word('IMG_2024-05-06.jpg')],
    ['"palm tree"', word('palm tree')],
    ['“palm tree”', word('palm tree')],
    ['"a | (b) -c:d"', word('a | (b) -c:d')],
    ['"the ""big"" one"', word('the "big" one')],
    ['"a""b"', word('a"b')],
    ['"a" "b"', all(word('a'), word('b'))],
    ['12:30', word('12:30')],
    ['tag:dog', { kind: 'tag', text: 'dog' }],
    ['TAG:"my cat"', { kind: 'tag', text: 'my cat' }],
    ['-tag:dog', not({ kind: 'tag', text: 'dog' })],
    ['name:IMG_12*', { kind: 'name', pattern: 'IMG_12*' }],
    ['name:"a b?.jpg"', { kind: 'name', pattern: 'a b?.jpg' }],
    ['"tag:dog"', word('tag:dog')],
    ['in:"Italy 2023"', { kind: 'album', name: 'Italy 2023' }],
    ['rating:4', { kind: 'rating', lowest: 4, highest: 4 }],
    ['rating>=4', { kind: 'rating', lowest: 4, highest: 5 }],
    ['rating<2', { kind: 'rating', lowest: 0, highest: 1 }],
    ['-rating>0', not({ kind: 'rating', lowest: 1, highest: 5 })],
  ])('%j', (text, expression) => {
    expect(parseQuery(text)).toEqual({ ok: true, expression })
  })
})

describe('says what is wrong and where', () => {
  test.each<[string, number, RegExp]>([
    ['dog "cat', 4, /quote is never closed/],
    ['tag:"cat', 4, /quote is never closed/],
    ['dog ""', 4, /nothing between these quotes/],
    ['dog (cat', 4, /\( is never closed/],
    ['dog (cat | (b)', 4, /\( is never closed/],
    ['(', 0, /\( is never closed/],
    ['dog ()', 4, /nothing between these parentheses/],
    ['dog)', 3, /no \( for this \)/],
    [')', 0, /no \( for this \)/],
    ['|', 0, /before \|/],
    ['| dog', 0, /before \|/],
    ['dog |', 4, /after \|/],
    ['dog | | cat', 4, /after \|/],
    ['(dog |)', 5, /after \|/],
    ['-', 0, /after - what to leave out/],
    ['dog -', 4, /after - what to leave out/],
    ['(-)', 1, /after - what to leave out/],
    ['dog colour:red', 4, /no colour: to search by, only name:, tag:, in: and rating:/],
    ['iso>=1600', 0, /no iso>= to search by/],
    ['tag>dog', 3, /tag: with a colon/],
    ['in>=Italy', 2, /in: with a colon/],
    ['rating:6', 7, /after rating: stars from 0 to 5/],
    ['rating>=many', 8, /after rating: stars from 0 to 5/],
    ['dog tag:', 8, /after tag: a class/],
    ['name: IMG', 5, /after name: a file name/],
    ['name:""', 5, /after name: a file name/],
  ])('%j', (text, column, message) => {
    const parsed = parseQuery(text)
    expect(parsed).toEqual({ ok: false, column, message: expect.stringMatching(message) })
  })

  test('a search too deep or too long for the database', () => {
    const deep = parseQuery(`${'('.repeat(150)}a${')'.repeat(150)}`)
    expect(deep).toMatchObject({ ok: false, column: 100 })
    const long = parseQuery('ab '.repeat(3000))
    expect(long).toMatchObject({ ok: false, column: 1500 })
  })
})

test('any text can be quoted to mean itself', () => {
  const texts = ['dog', 'palm tree', 'crane (bird)', 'say "hi"', '-dog', 'a|b', 'tag:x', '"', 'été']
  for (const text of texts)
    expect(parseQuery(quoted(text))).toEqual({ ok: true, expression: word(text) })
})
