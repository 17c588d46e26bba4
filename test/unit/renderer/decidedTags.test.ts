import { describe, expect, it } from 'vitest'
import type { PhotoTag, TagId } from '../../../contract/domain.ts'
import { currentTag, grouped, isOwn, verdictAgainst } from '../../../renderer/viewer/decidedTags.ts'

let lastId = 0
const tag = (name: string, rest: Partial<PhotoTag>): PhotoTag => ({
  ...{ id: ++lastId as TagId, name, wnid: 'n02084071', score: 0.9, source: 'predicted' },
  ...{ confident: false, verdict: null, categories: [], ...rest },
})
const seen = tag('seen', { confident: true })
const accepted = tag('accepted', { confident: true, verdict: 'yes', source: 'user' })
const own = tag('own', { ...accepted, id: 99 as TagId, wnid: null, score: null })
const guess = tag('guess', { score: 0.2 })
const worse = tag('worse', { score: 0.1 })
const rejected = tag('rejected', { verdict: 'no' })

it('the tags of a photo are what it has, what the model guesses, and what was found wrong', () => {
  const groups = grouped([accepted, seen, guess, rejected])
  expect(groups).toEqual({ confident: [accepted, seen], guesses: [guess], rejected: [rejected] })
})

it('a person’s own tag is taken off, and what a model sees is denied', () => {
  expect([own, seen, accepted].map(isOwn)).toEqual([true, false, false])
  expect([own, seen, accepted].map(verdictAgainst)).toEqual(['none', 'no', 'no'])
})

describe('the keys for right and wrong are about', () => {
  it('the tag that has the focus, whatever was said of it', () => {
    const tags = [accepted, seen, guess, rejected]
    for (const each of tags) expect(currentTag(tags, each.id)).toBe(each)
  })

  it('else the best tag that nobody has decided about', () => {
    expect(currentTag([accepted, seen, guess], null)).toBe(seen)
    expect(currentTag([accepted, seen, guess], 12345 as TagId)).toBe(seen)
  })

  it('a guess where nothing that the model sees was found right, one after the other', () => {
    expect(currentTag([guess, worse], null)).toBe(guess)
    expect(currentTag([own, rejected, guess], null)).toBe(guess)
    expect(currentTag([worse, tag('was a guess', { verdict: 'no' })], null)).toBe(worse)
  })

  it('nothing once a tag was accepted: pressing twice says nothing that was not meant', () => {
    expect(currentTag([accepted, guess], null)).toBeNull()
    expect(currentTag([], null)).toBeNull()
  })
})
