import { describe, expect, it } from 'vitest'
import {
  albumTerm,
  completedPart,
  termOf,
  termsOf,
  toggleExclusion,
  toggleSearch,
  toggleTerm,
} from '../../../renderer/app/queryText.ts'

describe('termOf', () => {
  it.each([
    ['beagle', 'tag:beagle'],
    ['German short-haired', 'tag:"German short-haired"'],
    ['short-haired', 'tag:short-haired'],
    ['jack-o’-lantern', 'tag:jack-o’-lantern'],
    ['-odd', 'tag:"-odd"'],
    ['a|b', 'tag:"a|b"'],
    ['name:x', 'tag:"name:x"'],
    ['12" record', 'tag:"12"" record"'],
    ['Bär', 'tag:Bär'],
  ])('writes %s as %s', (name, term) => {
    expect(termOf(name)).toBe(term)
  })
})

it('an album is one term too', () => {
  expect(albumTerm('Rome')).toBe('in:Rome')
  expect(albumTerm('Italy 2023')).toBe('in:"Italy 2023"')
})

describe('termsOf', () => {
  it('keeps quoted words together, with what leads them', () => {
    expect(termsOf('dog -"hot dog" name:"a b"  x')).toEqual([
      'dog',
      '-"hot dog"',
      'name:"a b"',
      'x',
    ])
  })

  it('takes a quote that is still open', () => {
    expect(termsOf('cat "hot d')).toEqual(['cat', '"hot d'])
  })
})

describe('clicks on a class', () => {
  it('search it, and a second click shows everything again', () => {
    expect(toggleSearch('cat', 'hot dog')).toBe('tag:"hot dog"')
    expect(toggleSearch('tag:"hot dog" ', 'hot dog')).toBe('')
  })

  it('narrow a search and widen it again', () => {
    expect(toggleTerm('', 'dog')).toBe('tag:dog')
    expect(toggleTerm('beach', 'hot dog')).toBe('beach tag:"hot dog"')
    expect(toggleTerm('beach tag:"hot dog"', 'hot dog')).toBe('beach')
  })

  it('leave a class out and let it in again', () => {
    expect(toggleExclusion('dog', 'hot dog')).toBe('dog -tag:"hot dog"')
    expect(toggleExclusion('dog -tag:"hot dog"', 'hot dog')).toBe('dog')
  })

  it('keep alternatives together', () => {
    expect(toggleExclusion('cat | dog', 'beagle')).toBe('(cat | dog) -tag:beagle')
  })
})

describe('completedPart', () => {
  it.each([
    ['dog', 'dogsled ', 'dogsled'],
    ['cat | hot', 'cat | "hot dog" ', '"hot dog"'],
    ['cat "hot d', 'cat "hot dog" ', '"hot dog"'],
    ['"hot dog" -be', '"hot dog" -beagle ', '-beagle'],
    ['(sea', '(seashore ', 'seashore'],
  ])('of %s in %s is %s', (text, suggestion, part) => {
    expect(completedPart(text, suggestion)).toBe(part)
  })
})
