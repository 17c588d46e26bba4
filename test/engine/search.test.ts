import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Facet, PhotoId, SortOrder } from '../../contract/domain.ts'
import { type LibraryDatabase, openLibrary } from '../../main/engine/db/open.ts'
import { type ModelClass, registerModel } from '../../main/engine/db/predictions.ts'
import { createSearch, type Search } from '../../main/engine/search/search.ts'
import { tagsOfPhoto } from '../../main/engine/search/tags.ts'
import { imagenet1kLabels, loadTaxonomy } from '../../models/taxonomy/taxonomy.ts'

const taxonomy = loadTaxonomy()
const THRESHOLD = 0.5

let directory: string
let library: LibraryDatabase
let modelId: number
let currentModel: number | null
let search: Search

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'albumen-search-'))
  library = openLibrary(directory)
  library.db.prepare(`INSERT INTO folder (path, added_at) VALUES ('/photos', 0)`).run()
  modelId = modelNamed('a', (index) => (index === 0 ? null : THRESHOLD))
  currentModel = modelId
  search = createSearch({ db: library.db, taxonomy, currentModelId: () => currentModel })
})

afterEach(() => {
  library.close()
  rmSync(directory, { recursive: true })
})

function modelNamed(name: string, threshold: (index: number) => number | null): number {
  const classes: ModelClass[] = imagenet1kLabels.map((label, index) => ({
    ...label,
    threshold: threshold(index),
  }))
  classes.push({ wnid: null, name: 'my garden gnome', threshold: THRESHOLD })
  return registerModel(library.db, { sha256: name.repeat(64), name, classes })
}

interface Sample {
  name: string
  tags?: Record<string, number>
  sortedAt?: number
  model?: number
}

/** Adds a photo with one file; returns its id. */
function photo({ name, tags = {}, sortedAt = 0, model = modelId }: Sample): PhotoId {
  const { db } = library
  const id = Number(
    db.prepare('INSERT INTO photo (sorted_at) VALUES (?)').run(sortedAt).lastInsertRowid,
  )
  file(id, name)
  for (const [tag, score] of Object.entries(tags)) {
    const classId = db.prepare('SELECT id FROM class WHERE name = ?').pluck().get(tag)
    db.prepare('INSERT INTO prediction VALUES (?, ?, ?, ?)').run(id, model, classId, score)
  }
  search.invalidate()
  return id as PhotoId
}

let files = 0
function file(photoId: number, name: string): void {
  library.db
    .prepare(
      `INSERT INTO file (folder_id, photo_id, directory, name, size, modified_ms)
       VALUES (1, ?, ?, ?, 1, 0)`,
    )
    .run(photoId, `d${files++}`, name)
}

const names = (query: string, sort: SortOrder = 'oldest') =>
  search.page(query, sort, 0, 1000).map(({ name }) => name)

describe('what a search finds', () => {
  beforeEach(() => {
    photo({ name: 'a.jpg', tags: { 'Labrador retriever': 0.9 } })
    photo({ name: 'b.jpg', tags: { 'Siamese cat': 0.8, 'Labrador retriever': 0.6 } })
    photo({ name: 'c.jpg', tags: { 'Siamese cat': 0.7 } })
    photo({ name: 'd.jpg', tags: { 'Labrador retriever': 0.4 } })
    photo({ name: 'IMG_12%4.jpg', tags: { 'school bus': 0.9 } })
    photo({ name: 'Été à la mer.jpg'.normalize('NFD') })
    photo({ name: 'hot_dog_stand.jpg' })
  })

  test.each([
    ['', ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'IMG_12%4.jpg', 'Été', 'hot_dog_stand.jpg']],
    ['"labrador retriever"', ['a.jpg', 'b.jpg']],
    ['labrador', ['a.jpg', 'b.jpg']],
    ['tag:dog', ['a.jpg', 'b.jpg']],
    ['tag:n02084071', ['a.jpg', 'b.jpg']],
    ['dogs', ['a.jpg', 'b.jpg']],
    ['dog', ['a.jpg', 'b.jpg', 'hot_dog_stand.jpg']],
    ['"canis familiaris"', ['a.jpg', 'b.jpg']],
    ['tag:animal', ['a.jpg', 'b.jpg', 'c.jpg']],
    ['tag:dog tag:cat', ['b.jpg']],
    ['tag:dog | tag:vehicle', ['a.jpg', 'b.jpg', 'IMG_12%4.jpg']],
    ['tag:animal -tag:cat', ['a.jpg']],
    ['-tag:animal -tag:bus', ['d.jpg', 'Été', 'hot_dog_stand.jpg']],
    ['-(tag:animal | tag:bus)', ['d.jpg', 'Été', 'hot_dog_stand.jpg']],
    ['tag:dog tag:cat | tag:bus', ['b.jpg', 'IMG_12%4.jpg']],
    ['tag:dog (tag:cat | tag:bus)', ['b.jpg']],
    ['name:img_12*', ['IMG_12%4.jpg']],
    ['name:?.jpg', ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']],
    ['name:12%', ['IMG_12%4.jpg']],
    ['name:1_%', []],
    ['ÉTÉ', ['Été']],
    ['mer', ['Été']],
    ['"hot dog"', ['hot_dog_stand.jpg']],
    ['xyzzy', []],
    ["tag:'; DROP TABLE photo", []],
  ])('%s', (query, expected) => {
    const found = names(query).map((name) => (name.normalize().startsWith('Été') ? 'Été' : name))
    expect(found).toEqual(expected)
    expect(search.search(query, 'oldest')).toEqual({ ok: true, count: expected.length })
  })

  test('a class without a threshold is never a tag', () => {
    photo({ name: 'fish.jpg', tags: { tench: 1 } })
    expect(names('tag:tench')).toEqual([])
    expect(names('tag:fish')).toEqual([])
  })

  test('a class that WordNet does not know is found by its own name', () => {
    photo({ name: 'gnome.jpg', tags: { 'my garden gnome': 0.9 } })
    expect(names('"My Garden Gnomes"')).toEqual(['gnome.jpg'])
  })

  test('only what the current model says counts', () => {
    const other = modelNamed('b', () => THRESHOLD)
    photo({ name: 'other.jpg', tags: { 'Siamese cat': 0.9 }, model: other })
    expect(names('tag:cat')).toEqual(['b.jpg', 'c.jpg'])
    currentModel = other
    expect(names('tag:cat')).toEqual(['other.jpg'])
    currentModel = null
    expect(names('tag:cat')).toEqual([])
    expect(names('name:other')).toEqual(['other.jpg'])
  })

  test('a photo whose files are all missing is not found', () => {
    library.db.prepare(`UPDATE file SET state = 'missing' WHERE name = 'a.jpg'`).run()
    search.invalidate()
    expect(names('tag:dog')).toEqual(['b.jpg'])
    expect(names('name:a.jpg')).toEqual([])
  })
})

test('a search that is not understood says where, and exporting it is refused with the same words', () => {
  photo({ name: 'a.jpg' })
  expect(search.search('dog colour:red', 'newest')).toEqual({
    ok: false,
    message: expect.stringContaining(
      'There is no colour: to search by, only name:, tag:, in: and rating:',
    ),
    column: 4,
  })
  expect(search.page('(', 'newest', 0, 10)).toEqual([])
  expect(search.position('(', 'newest', 1 as PhotoId)).toBeNull()
  expect(search.facets('(')).toEqual([])
  expect(() => search.ids('dog (cat', 'newest')).toThrowError(
    expect.objectContaining({ name: 'UserError', code: 'bad-query' }),
  )
})

test('the longest and the deepest search that is understood is answered', () => {
  photo({ name: 'a.jpg' })
  const longest = Array.from({ length: 250 }, (_, index) => `x${index}`)
  const deepest = `${'-('.repeat(50)}name:a${')'.repeat(50)}`
  for (const query of [longest.join(' | '), longest.map((word) => `-${word}`).join(' '), deepest])
    expect(search.search(query, 'newest'), query).toMatchObject({ ok: true })
  expect(names(deepest)).toEqual(['a.jpg'])
})

test('results are ordered by time or by name, with numbers in names as numbers', () => {
  photo({ name: 'IMG_10.jpg', sortedAt: 2 })
  photo({ name: 'img_9.jpg', sortedAt: 3 })
  photo({ name: 'album.jpg', sortedAt: 1 })
  photo({ name: 'zoo.jpg', sortedAt: 3 })
  expect(names('', 'newest')).toEqual(['zoo.jpg', 'img_9.jpg', 'IMG_10.jpg', 'album.jpg'])
  expect(names('', 'oldest')).toEqual(['album.jpg', 'IMG_10.jpg', 'img_9.jpg', 'zoo.jpg'])
  expect(names('', 'name')).toEqual(['album.jpg', 'img_9.jpg', 'IMG_10.jpg', 'zoo.jpg'])
})

test('ids of a stretch, and which photos are found, agree with the whole result', () => {
  for (let index = 0; index < 30; index++) {
    photo({ name: `${index}.jpg`, sortedAt: index, tags: index % 3 === 0 ? { tench: 0.9 } : {} })
  }
  const all = search.ids('', 'newest')
  expect(search.idsAt('', 'newest', 10, 5)).toEqual(all.slice(10, 15))
  expect(search.idsAt('', 'newest', 28, 200_000)).toEqual(all.slice(28))
  expect(search.idsAt('(', 'newest', 0, 5)).toEqual([])
  const found = search.ids('tench', 'newest')
  expect(search.found('tench', all)).toEqual(found)
  expect(search.found('', [...found, 999 as PhotoId])).toEqual(found)
  expect(search.found('(', all)).toEqual([])
})

test('a page and a position agree with the whole result in every order', () => {
  for (let i = 0; i < 50; i++) photo({ name: `${(i * 37) % 50}.jpg`, sortedAt: (i * 7) % 10 })
  for (const sort of ['newest', 'oldest', 'name'] as const) {
    const ids = search.ids('', sort)
    expect(ids).toHaveLength(50)
    expect(search.page('', sort, 20, 10).map(({ id }) => id)).toEqual(ids.slice(20, 30))
    expect(search.position('', sort, ids[33] as PhotoId)).toBe(33)
  }
  expect(search.page('', 'newest', 45, 10)).toHaveLength(5)
  expect(search.page('', 'newest', 500, 10)).toEqual([])
  expect(search.position('', 'newest', 999 as PhotoId)).toBeNull()
})

test('a result stays until it is invalidated', () => {
  photo({ name: 'a.jpg' })
  expect(search.search('', 'newest')).toEqual({ ok: true, count: 1 })
  library.db.prepare('UPDATE photo SET visible = 0').run()
  expect(search.search('', 'newest')).toEqual({ ok: true, count: 1 })
  search.invalidate()
  expect(search.search('', 'newest')).toEqual({ ok: true, count: 0 })
})

test('a card tells name, state, thumbnail and best tag', () => {
  const { db } = library
  const hash = Buffer.alloc(32, 0xab)
  const waiting = photo({ name: 'waiting.jpg' })
  const ready = photo({ name: 'ready.jpg', tags: { 'school bus': 0.6, minibus: 0.9, barn: 0.4 } })
  const broken = photo({ name: 'broken.jpg' })
  file(ready, 'copy.jpg')
  db.prepare('INSERT INTO task (photo_id, kind, version) VALUES (?, ?, ?)').run(
    ready,
    'classify',
    '',
  )
  const reading = db.prepare('UPDATE file SET reading = ? WHERE photo_id = ?')
  reading.run('pending', waiting)
  reading.run('done', ready)
  reading.run('quarantined', broken)
  db.prepare(`UPDATE photo SET content_hash = ?, width = 4, height = 3, taken_at = '2024-05-06T07:08:09'
    WHERE id = ?`).run(hash, ready)
  db.prepare('INSERT INTO cache.thumbnail VALUES (?, ?)').run(hash, Buffer.from([1]))
  const unread = {
    ...{ width: null, height: null, takenAt: null, topTag: null, thumbnail: null, stars: 0 },
    userTags: [],
  }
  expect(search.page('', 'oldest', 0, 10)).toEqual([
    { id: waiting, name: 'waiting.jpg', state: 'waiting', ...unread },
    {
      id: ready,
      name: 'ready.jpg',
      state: 'ready',
      thumbnail: 'abababababababab',
      width: 4,
      height: 3,
      takenAt: '2024-05-06T07:08:09',
      topTag: 'minibus',
      userTags: [],
      stars: 0,
    },
    { id: broken, name: 'broken.jpg', state: 'quarantined', ...unread },
  ])
})

test('tags come best first, with guesses marked and categories nearest first', () => {
  const id = photo({ name: 'a.jpg', tags: { Chihuahua: 0.9, 'my garden gnome': 0.2, tench: 0.7 } })
  const tags = tagsOfPhoto(library.db, modelId, id, taxonomy)
  expect(new Set(tags.map((tag) => tag.id)).size).toBe(3)
  expect(tags).toMatchObject([
    {
      name: 'Chihuahua',
      wnid: 'n02085620',
      score: 0.9,
      source: 'predicted',
      verdict: null,
      confident: true,
      categories: ['toy dog', 'dog', 'mammal', 'animal'],
    },
    {
      name: 'tench',
      wnid: 'n01440764',
      score: 0.7,
      source: 'predicted',
      verdict: null,
      confident: false,
      categories: ['fish', 'animal'],
    },
    {
      name: 'my garden gnome',
      wnid: null,
      score: 0.2,
      source: 'predicted',
      verdict: null,
      confident: false,
      categories: [],
    },
  ])
  expect(tagsOfPhoto(library.db, null, id, taxonomy)).toEqual([])
})

describe('facets', () => {
  const outline = (facets: readonly Facet[]): unknown[] =>
    facets.map(({ name, count, children }) =>
      children.length === 0 ? `${name} ${count}` : [`${name} ${count}`, ...outline(children)],
    )

  beforeEach(() => {
    photo({ name: 'a.jpg', tags: { 'Labrador retriever': 0.9, 'golden retriever': 0.6 } })
    photo({ name: 'b.jpg', tags: { 'golden retriever': 0.6 } })
    photo({ name: 'c.jpg', tags: { 'Siamese cat': 0.9 } })
    photo({ name: 'd.jpg', tags: { 'school bus': 0.9, 'golden retriever': 0.1 } })
    photo({ name: 'e.jpg', tags: { 'sports car': 0.9 } })
    photo({ name: 'f.jpg', tags: { 'my garden gnome': 0.9 } })
    photo({ name: 'g.jpg', tags: { tench: 1 } })
  })

  test('count a photo once in a category, most photos first, without needless levels', () => {
    expect(outline(search.facets(''))).toEqual([
      ['mammal 3', ['retriever 2', 'golden retriever 2', 'Labrador retriever 1'], 'Siamese cat 1'],
      ['vehicle 2', 'school bus 1', 'sports car 1'],
      'my garden gnome 1',
    ])
  })

  test('count the photos of the search only', () => {
    expect(outline(search.facets('tag:labrador'))).toEqual([
      ['retriever 1', 'golden retriever 1', 'Labrador retriever 1'],
    ])
    expect(search.facets('xyzzy')).toEqual([])
  })

  test('say how many photos a search for them finds', () => {
    const check = ({ name, wnid, count, children }: Facet): void => {
      expect(search.search(`tag:"${name}"`, 'newest'), name).toEqual({ ok: true, count })
      if (wnid.startsWith('n')) {
        expect(search.search(`tag:${wnid}`, 'newest'), wnid).toEqual({ ok: true, count })
      }
      children.forEach(check)
    }
    search.facets('').forEach(check)
    expect.assertions(17)
  })

  test('are empty without a model', () => {
    currentModel = null
    expect(search.facets('')).toEqual([])
  })
})

describe('completion', () => {
  const texts = (text: string) => search.suggest(text, 50).map((suggestion) => suggestion.text)

  test('completes the last word and keeps what stands before it', () => {
    expect(search.suggest('beach -labr', 5)).toEqual([
      { text: 'beach -"Labrador retriever" ', kind: 'class', detail: '' },
    ])
    expect(texts('(cat | tag:labr')).toEqual(['(cat | tag:"Labrador retriever" '])
    expect(texts('"golden retr')).toEqual(['"golden retriever" '])
  })

  test('shows categories with their size, the likeliest first', () => {
    const [first] = search.suggest('dog', 5)
    expect(first).toEqual({
      text: 'dog ',
      kind: 'category',
      detail: '118 classes, domestic dog, Canis familiaris',
    })
    expect(texts('retr')[0]).toBe('retriever ')
  })

  test('finds classes by synonym and says of what', () => {
    expect(search.suggest('violoncel', 5)).toEqual([
      { text: 'cello ', kind: 'class', detail: 'violoncello' },
    ])
  })

  test('offers filters, and nothing for file names, after a space or for what nobody knows', () => {
    expect(search.suggest('cat na', 50)).toContainEqual({
      text: 'cat name:',
      kind: 'filter',
      detail: 'photos by file name, as in name:IMG_12*',
    })
    expect(texts('name:do')).toEqual([])
    expect(texts('dog ')).toEqual([])
    expect(texts('')).toEqual([])
    expect(texts('xyzzy')).toEqual([])
    expect(search.suggest('a', 3)).toHaveLength(3)
  })
})
