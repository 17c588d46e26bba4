import { describe, expect, it } from 'vitest'
import type { TagId } from '../../../contract/domain.ts'
import { suggestionsFor } from '../../../main/engine/search/suggest.ts'
import { imagenet1kLabels, loadTaxonomy } from '../../../models/taxonomy/taxonomy.ts'

const taxonomy = loadTaxonomy()
const tags = imagenet1kLabels.map((label, index) => ({ ...label, id: (index + 1) as TagId }))
const albums = () => ['12" records', 'Italy', 'Italy 2023', 'Rome, Italy']

const suggest = (text: string, limit = 50) =>
  suggestionsFor(text, limit, { tags, albums, taxonomy })
const texts = (text: string) => suggest(text).map((suggestion) => suggestion.text)

describe('albums are offered', () => {
  it('after in: at once, and then those that begin so before those with such a word', () => {
    expect(texts('in:')).toHaveLength(4)
    expect(suggest('dog -in:ital')).toEqual([
      { text: 'dog -in:Italy ', kind: 'album', detail: '' },
      { text: 'dog -in:"Italy 2023" ', kind: 'album', detail: '' },
      { text: 'dog -in:"Rome, Italy" ', kind: 'album', detail: '' },
    ])
    expect(suggest('in:', 2)).toHaveLength(2)
  })

  it('in the quotes that a name needs', () => {
    expect(texts('in:"italy 2')).toEqual(['in:"Italy 2023" '])
    expect(texts('in:12')).toEqual(['in:"12"" records" '])
    expect(texts('in:dog')).toEqual([])
  })

  it('nowhere else, and are not even read there', () => {
    const unread = () => {
      throw new Error('nobody asked for albums')
    }
    expect(suggestionsFor('italian', 5, { tags, albums: unread, taxonomy })).not.toEqual([])
  })
})

describe('stars are offered', () => {
  it('after rating, with what the operator leaves to say', () => {
    expect(suggest('cat rating:', 2)).toEqual([
      { text: 'cat rating:5 ', kind: 'rating', detail: '5 stars' },
      { text: 'cat rating:4 ', kind: 'rating', detail: '4 stars' },
    ])
    expect(suggest('rating>=4')).toEqual([
      { text: 'rating>=4 ', kind: 'rating', detail: '4 to 5 stars' },
    ])
    expect(texts('rating>')).toEqual([4, 3, 2, 1, 0].map((stars) => `rating>${stars} `))
    expect(texts('rating<')).toEqual([5, 4, 3, 2, 1].map((stars) => `rating<${stars} `))
    expect(suggest('rating<1')[0]?.detail).toBe('no stars')
    expect(texts('rating:7')).toEqual([])
  })

  it('not where every photo, or none, would be found', () => {
    expect(texts('rating>=')).toEqual([5, 4, 3, 2, 1].map((stars) => `rating>=${stars} `))
    expect(texts('rating<=')).toEqual([4, 3, 2, 1, 0].map((stars) => `rating<=${stars} `))
  })
})

it('a field that knows no operators but the colon completes its words as before', () => {
  expect(texts('tag:labr')).toEqual(['tag:"Labrador retriever" '])
  expect(texts('name:do')).toEqual([])
})
