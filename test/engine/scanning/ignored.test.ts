/** .albumenignore: what a person leaves out is not shown, and nothing said of it is lost. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PhotoId } from '../../../contract/domain.ts'
import { ratePhoto, starsOf } from '../../../main/engine/db/albums.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../../support/engineFixture.ts'

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
})
afterEach(() => fixture.remove())

const rule = (text: string, directory = '') =>
  writeFileSync(join(fixture.photos, directory, '.albumenignore'), text)

const states = (library: OpenEngine) =>
  Object.fromEntries(
    library.db
      .prepare('SELECT name, state FROM file ORDER BY name')
      .all()
      .map((row) => Object.values(row as { name: string; state: string })),
  )

test('what a rule leaves out is never looked at', async () => {
  await fixture.picture('a.jpg', 1)
  await fixture.picture('drafts/b.jpg', 2)
  await fixture.picture('trips/c.jpg', 3)
  await fixture.picture('trips/d.jpg', 4)
  rule('drafts/\n')
  rule('c.*\n', 'trips')
  const library = await fixture.open()
  await library.index()
  expect(library.names()).toEqual(['a.jpg', 'd.jpg'])
  expect(library.looks).toHaveLength(2)
  expect(states(library)).toEqual({ 'a.jpg': 'present', 'd.jpg': 'present' })
})

test('what becomes left out keeps what was said of it, and is back when the rule goes', async () => {
  await fixture.picture('a.jpg', 1)
  await fixture.picture('drafts/b.jpg', 2)
  await fixture.picture('drafts/deep/c.jpg', 3)
  const library = await fixture.open()
  await library.index()
  const { id } = await library.detail('c.jpg')
  ratePhoto(library.db, id, 4, 0)
  rule('drafts\na.jpg')
  await library.rescan()
  expect(library.names()).toEqual([])
  expect(states(library)).toEqual({ 'a.jpg': 'ignored', 'b.jpg': 'ignored', 'c.jpg': 'ignored' })
  expect(await library.ask('missingPhotos', { offset: 0, limit: 9 })).toEqual({
    count: 0,
    photos: [],
  })
  expect(starsOf(library.db, id)).toBe(4)
  rmSync(join(fixture.photos, '.albumenignore'))
  await library.rescan()
  expect(library.names()).toEqual(['a.jpg', 'b.jpg', 'c.jpg'])
  expect((await library.detail('c.jpg')).id).toBe(id)
  expect(library.looks).toHaveLength(3)
})

test('what is left out and goes is missing; what comes back changed is looked at again', async () => {
  await fixture.picture('a.jpg', 1)
  await fixture.picture('drafts/b.jpg', 2)
  await fixture.picture('drafts/c.jpg', 3)
  const library = await fixture.open()
  await library.index()
  rule('drafts\na.jpg')
  await library.rescan()
  rmSync(join(fixture.photos, 'a.jpg'))
  await library.rescan()
  expect(states(library)).toMatchObject({ 'a.jpg': 'missing', 'b.jpg': 'ignored' })
  await fixture.picture('drafts/c.jpg', 30)
  rmSync(join(fixture.photos, 'drafts', 'b.jpg'))
  rule('')
  await library.rescan()
  expect(states(library)).toEqual({ 'a.jpg': 'missing', 'b.jpg': 'missing', 'c.jpg': 'present' })
})

test('a photo that lies elsewhere too stays visible', async () => {
  await fixture.picture('a.jpg', 1)
  await fixture.picture('backup/a.jpg', 1)
  const library = await fixture.open()
  await library.index()
  rule('backup')
  await library.rescan()
  expect(library.names()).toEqual(['a.jpg'])
  expect(await library.ask('libraryStatus', {})).toMatchObject({ photos: 1, files: 1 })
})

test('a photo that is moved out of what is left out is the same photo', async () => {
  await fixture.picture('drafts/a.jpg', 1)
  const library = await fixture.open()
  await library.index()
  const { id } = await library.detail('a.jpg')
  rule('drafts')
  await library.rescan()
  mkdirSync(join(fixture.photos, 'best'))
  renameSync(join(fixture.photos, 'drafts', 'a.jpg'), join(fixture.photos, 'best', 'a.jpg'))
  await library.rescan()
  expect((await library.detail('a.jpg')).id).toBe(id as PhotoId)
  expect(library.looks).toHaveLength(1)
})

test('rules that cannot be followed are told once, and nothing is left out by them', async () => {
  await fixture.picture('a.jpg', 1)
  mkdirSync(join(fixture.photos, '.albumenignore'))
  await fixture.picture('huge/b.jpg', 2)
  rule('b.jpg\n'.repeat(20_000), 'huge')
  const library = await fixture.open()
  await library.index()
  await library.rescan()
  expect(library.names()).toEqual(['a.jpg', 'b.jpg'])
  expect(library.log).toEqual([expect.stringContaining('larger than 64 KB')])
})
