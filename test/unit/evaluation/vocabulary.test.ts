import { describe, expect, test } from 'vitest'
import { editDistance, nearestWords } from '../../../models/evaluation/nearestWords.ts'
import { createVocabulary, outputsMeant } from '../../../models/evaluation/vocabulary.ts'
import type { Label } from '../../../models/manifest.ts'
import { imagenet1kLabels, loadTaxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { smallLabels } from '../../support/pictures.ts'

const taxonomy = loadTaxonomy()

function meant(word: string, labels: readonly Label[]): string[] | null {
  const meaning = createVocabulary(taxonomy, labels).meaningOf(word)
  return meaning && [...outputsMeant(meaning, labels)].map((index) => labels[index]?.name ?? '?')
}

describe('a word means', () => {
  test.each([
    ['tench', ['tench']],
    ['n01440764', ['tench']],
    ['N01440764', ['tench']],
    ['n01440764_tench', ['tench']],
    ['n02099712-Labrador_retriever', ['Labrador retriever']],
    ['Labrador_Retriever', ['Labrador retriever']],
    ['dog', ['Labrador retriever']],
    ['dogs', ['Labrador retriever']],
    ['n02084071', ['Labrador retriever']],
    ['animals', ['Labrador retriever', 'tabby', 'tench']],
    ['ball', ['soccer ball', 'golf ball']],
    // A class that this model lacks, and an id that nobody knows.
    ['tarantula', []],
    ['n99999999', []],
  ])('%s: %j', (word, names) => expect(meant(word, smallLabels)).toEqual(names))

  test.each(['labrador', 'xyzzy', '', '2023', 'n0144', 'n014407641'])(
    'nothing: "%s", which is no whole name',
    (word) => expect(meant(word, smallLabels)).toBeNull(),
  )

  test('all 118 breeds of ImageNet for dog', () => {
    expect(meant('dog', imagenet1kLabels)).toHaveLength(118)
  })

  test('either of two things that have the same name', () => {
    expect(meant('crane', imagenet1kLabels)).toEqual(['crane (bird)', 'crane (machine)'])
  })

  test('a class of a model’s own by its name, if it has no WordNet id', () => {
    const labels = [
      { wnid: null, name: 'Grandma’s cat' },
      { wnid: null, name: 'dog' },
    ]
    expect(meant('grandmas_cat', labels)).toEqual(['Grandma’s cat'])
    expect(meant('dogs', labels)).toEqual(['dog'])
    expect(meant('n02084071', labels)).toEqual(['dog'])
  })

  test('a class of an id that WordNet lacks, by its name and by the id', () => {
    const labels = [{ wnid: 'n99999999', name: 'gizmo' }]
    expect(meant('gizmo', labels)).toEqual(['gizmo'])
    expect(meant('n99999999', labels)).toEqual(['gizmo'])
  })
})

test('words that mean the same have one key and one name', () => {
  const { meaningOf } = createVocabulary(taxonomy, imagenet1kLabels)
  const meanings = ['studio couch', 'Studio-Couches', 'day bed', 'n04344873'].map(meaningOf)
  expect(new Set(meanings.map((meaning) => meaning?.key)).size).toBe(1)
  expect(new Set(meanings.map((meaning) => meaning?.name)).size).toBe(1)
})

describe('suggestions', () => {
  const { suggestionsFor } = createVocabulary(taxonomy, imagenet1kLabels)
  test.each([
    ['dgo', 'dog'],
    ['labrador', 'Labrador retriever'],
    ['golden_retreiver', 'golden retriever'],
    ['banan', 'banana'],
    ['vehicel', 'vehicle'],
  ])('%s: %s among them', (word, name) => expect(suggestionsFor(word)).toContain(name))

  test('are three at most, and none for what is like nothing', () => {
    expect(suggestionsFor('terrier').length).toBeLessThanOrEqual(3)
    expect(suggestionsFor('qqqqqqqq')).toEqual([])
    expect(suggestionsFor('')).toEqual([])
  })
})

test.each([
  ['', 'abc', 3],
  ['abc', '', 3],
  ['cat', 'cat', 0],
  ['cat', 'cut', 1],
  ['cat', 'act', 1],
  ['dog', 'dgo', 1],
  ['kitten', 'sitting', 3],
  // Optimal string alignment edits no letters twice: the full distance would be 2.
  ['ca', 'abc', 3],
])('from "%s" to "%s" it takes %d edits', (from, to, edits) => {
  expect(editDistance(from, to)).toBe(edits)
})

test('nearest words come by edits, then by length', () => {
  expect(nearestWords('cat', ['cart', 'cut', 'horse', 'cat'], 2)).toEqual(['cat', 'cut'])
})
