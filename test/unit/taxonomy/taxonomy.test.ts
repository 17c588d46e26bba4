import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import everyday from '../../../models/taxonomy/everyday.json' with { type: 'json' }
import { imagenet1kLabels, loadTaxonomy } from '../../../models/taxonomy/taxonomy.ts'

const taxonomy = loadTaxonomy()
const namesOf = (wnids: readonly string[]) => wnids.map((wnid) => taxonomy.synset(wnid)?.name)
const found = (text: string) => taxonomy.matching(text).map((synset) => synset.name)

const facts = join(import.meta.dirname, '../../../../shared/taxonomy/imagenet1k-wordnet-tree.json')
if (!existsSync(facts)) console.warn(`SKIPPED: the check against ImageNet's tree needs ${facts}`)

interface Facts {
  classes: { index: number; wnid: string; name: string; ancestors: string[] }[]
  nodes: Record<string, { name: string; parents: string[] }>
}

describe.skipIf(!existsSync(facts))('against the facts about ImageNet-1k', () => {
  const read = (): Facts => JSON.parse(readFileSync(facts, 'utf8'))

  test('the 1000 classes stand in output order and keep every WordNet name', () => {
    const { classes } = read()
    expect(imagenet1kLabels.map((label) => label.wnid)).toEqual(classes.map(({ wnid }) => wnid))
    const missing = classes.flatMap(({ wnid, name }) =>
      name.split(', ').filter((each) => !taxonomy.synset(wnid)?.names.includes(each)),
    )
    expect(missing).toEqual([])
  })

  test('the tree is WordNet 3.0 but for the links that everyday.json adds and drops', () => {
    const { nodes } = read()
    const { add, drop } = everyday.links
    for (const [wnid, node] of Object.entries(nodes)) {
      const expected = new Set(node.parents)
      for (const link of drop) if (link.from === wnid) expected.delete(link.to)
      for (const link of add) if (link.from === wnid) expected.add(link.to)
      expect(new Set(taxonomy.parents(wnid)), wnid).toEqual(expected)
    }
  })
})

test('ancestors come nearest first', () => {
  expect(namesOf(taxonomy.ancestors('n02099712'))).toEqual([
    'retriever',
    'sporting dog',
    'hunting dog',
    'dog',
    'canine',
    'domestic animal',
    'carnivore',
    'animal',
    'placental',
    'organism',
    'mammal',
    'living thing',
    'vertebrate',
    'whole',
    'chordate',
    'object',
    'physical entity',
    'entity',
  ])
})

test('every class is below all of its ancestors', () => {
  const strays = imagenet1kLabels.filter(({ wnid }) =>
    taxonomy.ancestors(wnid).some((above) => !taxonomy.descendants(above).includes(wnid)),
  )
  expect(strays).toEqual([])
})

test('dog has the 118 breeds of ImageNet below it, and nothing else of it', () => {
  const dogs = new Set(taxonomy.descendants('n02084071'))
  const classes = imagenet1kLabels.filter(({ wnid }) => dogs.has(wnid))
  expect(classes).toHaveLength(118)
  expect(classes.map(({ name }) => name)).toContain('Labrador retriever')
})

test('classes and categories each have a name of their own', () => {
  const shown = new Set([
    ...imagenet1kLabels.map(({ wnid }) => wnid),
    ...Object.keys(everyday.categories),
    ...Object.keys(everyday.extraSynsets),
  ])
  const names = [...shown].map((wnid) => taxonomy.synset(wnid)?.name.toLowerCase())
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  expect(names).not.toContain(undefined)
})

test('names that ImageNet uses twice are told apart', () => {
  expect(found('crane')).toEqual(['crane (bird)', 'crane (machine)'])
  expect(found('maillot')).toEqual(['maillot (tights)', 'one-piece swimsuit'])
  expect(taxonomy.synset('n02113186')?.name).toBe('Cardigan Welsh corgi')
  expect(found('cardigan')).toEqual(['cardigan'])
})

test.each([
  ['dogs', 'dog'],
  ['wolves', 'wolf'],
  ['butterflies', 'butterfly'],
  ['buses', 'bus'],
  ['foxes', 'fox'],
  ['mice', 'computer mouse'],
  ['Labrador Retrievers', 'Labrador retriever'],
  ['ICE-CREAM', 'ice cream'],
  ['jack-o’-lantern', "jack-o'-lantern"],
  ['consommé', 'consomme'],
  ['Canis familiaris', 'dog'],
  ['automobile', 'car'],
  ['labrador', 'Labrador retriever'],
  ['beach', 'seashore'],
  ['glasses', 'spectacles'],
])('%s means %s', (text, name) => {
  expect(found(text)).toEqual([name])
})

test('what nobody calls so is not found', () => {
  expect(found('xyzzy')).toEqual([])
  expect(found('')).toEqual([])
  expect(found('--')).toEqual([])
})

test('completion finds names by the beginning of any of their words', () => {
  const names = taxonomy.beginning('retr').map((synset) => synset.name)
  expect(names).toContain('retriever')
  expect(names).toContain('golden retriever')
  expect(taxonomy.beginning('labrador ret').map(({ name }) => name)).toEqual(['Labrador retriever'])
})

test('categories leave out what tells nobody anything', () => {
  expect(namesOf(taxonomy.categories('n02085620'))).toEqual(['toy dog', 'dog', 'mammal', 'animal'])
  expect(namesOf(taxonomy.categories('n03769881'))).toEqual(['bus', 'vehicle'])
  expect(namesOf(taxonomy.categories('n07747607'))).toEqual(['fruit', 'food'])
})

test('the six scenes stand in the same tree', () => {
  for (const [wnid, name] of Object.entries(everyday.extraSynsets)) {
    expect(found(name)).toEqual([name])
    expect(taxonomy.ancestors(wnid)).toContain('n00001930')
  }
  expect(namesOf(taxonomy.categories('n09426788'))).toEqual(['landscape'])
  expect(taxonomy.descendants('n08646902')).toContain('n09284015')
})

test('an id that is not in the table has nothing around it', () => {
  expect(taxonomy.synset('n99999999')).toBeNull()
  expect(taxonomy.ancestors('n99999999')).toEqual([])
  expect(taxonomy.descendants('n99999999')).toEqual(['n99999999'])
  expect(taxonomy.category('n99999999')).toBeNull()
})
