import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Facet, PhotoId } from '../../contract/domain.ts'
import { type LibraryDatabase, openLibrary } from '../../main/engine/db/open.ts'
import { createSearch, type Search } from '../../main/engine/search/search.ts'
import { loadTaxonomy } from '../../models/taxonomy/taxonomy.ts'
import { fillLibrary } from './largeLibrary.ts'

const PHOTOS = 100_000
const taxonomy = loadTaxonomy()
let directory: string
let library: LibraryDatabase
let modelId: number
let search: Search

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'albumen-scale-'))
  library = openLibrary(directory)
  modelId = fillLibrary(library.db, PHOTOS)
  search = createSearch({ db: library.db, taxonomy, currentModelId: () => modelId })
})

afterAll(() => {
  library.close()
  rmSync(directory, { recursive: true })
})

/** Photos with a confident tag below a synset, counted by SQLite. */
function countBelow(wnid: string): number {
  return library.db
    .prepare(
      `SELECT count(DISTINCT photo_id) FROM prediction JOIN class ON class.id = class_id
       WHERE score >= 0.5 AND wnid IN (SELECT value FROM json_each(?))`,
    )
    .pluck()
    .get(JSON.stringify(taxonomy.descendants(wnid))) as number
}

describe(`a library of ${PHOTOS.toLocaleString('en')} photos`, () => {
  test('counts its facets as SQLite does, in under two seconds', () => {
    const start = performance.now()
    const facets = search.facets('')
    expect(performance.now() - start).toBeLessThan(2000)
    const large = (level: readonly Facet[]): Facet[] =>
      level.flatMap((facet) => [facet, ...large(facet.children)]).filter((f) => f.count > 10_000)
    const some = large(facets)
    expect(some.length).toBeGreaterThan(5)
    for (const { wnid, name, count } of some) expect(count, name).toBe(countBelow(wnid))
  })

  test('finds most of its photos, or few, in under a second each', () => {
    for (const query of ['tag:animal', '-tag:dog tag:animal | name:99', 'tag:chihuahua', 'dog']) {
      search.invalidate()
      const start = performance.now()
      const found = search.search(query, 'newest')
      expect(performance.now() - start, query).toBeLessThan(1000)
      expect(found, query).toMatchObject({ ok: true })
    }
    expect(search.search('tag:animal', 'newest')).toEqual({
      ok: true,
      count: countBelow('n00015388'),
    })
  })

  test('shows the last page as fast as the first', () => {
    search.search('', 'newest')
    for (const offset of [0, PHOTOS - 200]) {
      const start = performance.now()
      const page = search.page('', 'newest', offset, 200)
      expect(performance.now() - start).toBeLessThan(250)
      expect(page).toHaveLength(200)
      expect(search.position('', 'newest', page[7]?.id as PhotoId)).toBe(offset + 7)
    }
  })
})
