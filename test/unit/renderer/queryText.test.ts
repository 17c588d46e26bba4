import { describe, expect, it } from 'vitest'
import {
  albumTerm,
  completedPart,
  renamedIn,
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

describe('a search for a tag that is renamed', () => {
  it.each([
    ['tag:cat', 'tag:"my cat"'],
    ['tag:CAT beach', 'tag:"my cat" beach'],
    ['beach -tag:"cat"', 'beach -tag:"my cat"'],
    ['(tag:cat|tag:dog) "tag:cat"', '(tag:"my cat"|tag:dog) "tag:cat"'],
    ['TAG:„cat“  x', 'tag:"my cat"  x'],
  ])('goes on from %s to %s', (query, now) => {
    expect(renamedIn(query, 'tag', 'cat', 'my cat')).toBe(now)
  })

  it.each(['cat', 'tag:cats', 'in:cat', 'name:"tag:cat"', 'pre-tag:cat', 'tag:"cat'])(
    'stays as it is where it means something else: %s',
    (query) => {
      expect(renamedIn(query, 'tag', 'cat', 'my cat')).toBe(query)
      expect(renamedIn(query, 'tag', 'cat', null)).toBe(query)
    },
  )

  it('means the same name in quotes, with other spaces', () => {
    expect(renamedIn('tag:"a  ""b"""', 'tag', 'A "b"', 'c')).toBe('tag:c')
  })
})

describe('a search for an album that is removed', () => {
  it.each([
    ['in:"Italy 2023"', ''],
    ['in:"Italy 2023" -in:"italy 2023" "hot dog" beach', '"hot dog" beach'],
    ['beach | in:"Italy 2023"', ''],
    ['-(beach in:"Italy 2023")', ''],
    ['beach | lake', 'beach | lake'],
  ])('goes on from %s to %s', (query, now) => {
    expect(renamedIn(query, 'album', 'Italy 2023', null)).toBe(now)
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
