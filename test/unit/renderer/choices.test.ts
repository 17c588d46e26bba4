import { describe, expect, it } from 'vitest'
import type { Album, TagId, TagSummary } from '../../../contract/domain.ts'
import { albumChoices } from '../../../renderer/albums/albumChoices.ts'
import {
  stillThere,
  tagChoices,
  tagsSuggested,
  withRecent,
  withRenamed,
} from '../../../renderer/tags/tagChoices.ts'

let lastId = 0
const tag = (name: string, rest: Partial<TagSummary> = {}): TagSummary => ({
  ...{ id: ++lastId as TagId, name, wnid: null, category: null, own: false, photos: 0 },
  ...rest,
})
const beach = tag('beach', { photos: 40 })
const beaver = tag('beaver', { photos: 50 })
const polarBear = tag('polar bear')
const bea = tag('Bea Müller', { own: true, photos: 2 })
const bird = tag('crane', { wnid: 'n02012849', category: 'bird' })
const machine = tag('crane', { wnid: 'n03126707', category: 'device' })
const tags = [beach, beaver, polarBear, bea, bird, machine]

const offer = { tags, first: [beaver], byOtherName: [] as TagSummary[], makesNew: true, limit: 8 }
const shown = (text: string, rest: Partial<typeof offer> = {}) =>
  tagChoices(text, { ...offer, ...rest }).map((choice) =>
    choice.kind === 'new' ? `new ${choice.name}` : choice.tag.name,
  )

describe('what a typed tag may mean', () => {
  it('is what was given last before anything is typed', () => {
    expect(shown(' ')).toEqual(['beaver'])
  })

  it('is a tag that begins so, a person’s own first, then what most photos have', () => {
    expect(shown('bea')).toEqual(['Bea Müller', 'beaver', 'beach', 'new bea', 'polar bear'])
  })

  it('is the tag of this very name, however it is written, and no new one then', () => {
    expect(shown('  BEACH ')).toEqual(['beach'])
    expect(shown('bea  MU\u0308LLER')).toEqual(['Bea Müller'])
  })

  it('is every tag of a name that means several, and one of them by its WordNet id', () => {
    const both = tagChoices('crane', offer)
    expect(both.map((choice) => choice.kind === 'known' && choice.tag.category)).toEqual([
      'bird',
      'device',
    ])
    expect(tagChoices('n03126707', offer)).toEqual([{ kind: 'known', tag: machine }])
  })

  it('is a new tag before one with another word that begins so, or another name', () => {
    expect(shown('bear')).toEqual(['new bear', 'polar bear'])
    expect(shown('nanook', { byOtherName: [polarBear] })).toEqual(['new nanook', 'polar bear'])
    expect(shown('bear', { byOtherName: [polarBear] })).toEqual(['new bear', 'polar bear'])
  })

  it('is no new tag where only known ones can be meant', () => {
    expect(shown('bear', { makesNew: false })).toEqual(['polar bear'])
    expect(shown('xyzzy', { makesNew: false })).toEqual([])
  })

  it('is never more than asked for, the new one aside', () => {
    expect(shown('bea', { limit: 2 })).toEqual(['Bea Müller', 'beaver', 'new bea'])
  })

  it('may be found by a synonym, but is never a category', () => {
    const suggestions = [
      { text: 'tag:"polar bear" ', kind: 'class', detail: 'ice bear' },
      { text: 'tag:beach ', kind: 'category', detail: '' },
    ] as const
    expect(tagsSuggested(suggestions, tags)).toEqual([polarBear])
  })
})

describe('tags that were given last', () => {
  it('come once each, the last first, six at most', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'A', 'g']
    const recent = names.reduce<ReturnType<typeof withRecent>>(
      (before, name) => withRecent(before, { id: null, name }),
      [],
    )
    expect(recent.map(({ name }) => name)).toEqual(['g', 'A', 'f', 'e', 'd', 'c'])
  })

  it('are found by name, and not when they are gone', () => {
    const recent = [
      { id: beach.id, name: 'beach' },
      { id: null, name: 'bea müller' },
      { id: null, name: 'gone' },
    ]
    expect(stillThere(recent, tags, true)).toEqual([beach, bea])
  })

  it('are never another tag that has their number in another library', () => {
    expect(stillThere([{ id: beach.id, name: 'my cat' }], tags, true)).toEqual([])
    expect(stillThere([{ id: beach.id, name: bea.name }], tags, true)).toEqual([bea])
  })

  it('follow a rename', () => {
    const recent = [
      { id: beach.id, name: 'Strand' },
      { id: bea.id, name: bea.name },
    ]
    expect(stillThere(withRenamed(recent, 'strand', beach.name), tags, true)).toEqual([beach, bea])
  })

  it('are offered by name until it is known whether they are there', () => {
    const recent = [{ id: null, name: 'made just now' }]
    expect(stillThere(recent, tags, false)).toEqual([
      { id: null, name: 'made just now', category: null, own: true },
    ])
  })
})

describe('what a typed album may mean', () => {
  const albums = ['Italy 2023', 'Italy 2024', 'Rome, Italy'].map(
    (name, index) => ({ id: index + 1, name, photos: 0 }) as Album,
  )
  const names = (text: string, except: number[] = []) =>
    albumChoices(text, albums, except as Album['id'][], 8).map((choice) =>
      choice.kind === 'new' ? `new ${choice.name}` : choice.album.name,
    )

  it('is any that the photo is not in, before anything is typed', () => {
    expect(names('')).toEqual(['Italy 2023', 'Italy 2024', 'Rome, Italy'])
    expect(names('', [1])).toEqual(['Italy 2024', 'Rome, Italy'])
  })

  it('is one that begins so, a new one, or one with such a word', () => {
    expect(names('italy')).toEqual(['Italy 2023', 'Italy 2024', 'new italy', 'Rome, Italy'])
  })

  it('is no new one where the name is taken, also by one that the photo is in', () => {
    expect(names('ITALY  2023')).toEqual(['Italy 2023'])
    expect(names('Italy 2023', [1])).toEqual([])
  })
})
