import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineFixture, type EngineFixture } from '../support/engineFixture.ts'

let fixture: EngineFixture
beforeEach(async () => {
  fixture = createEngineFixture()
  await fixture.picture('one.jpg', 1)
})
afterEach(() => fixture.remove())

test('a heat map is there for every class of the model, and for none but those', async () => {
  const library = await fixture.open()
  await library.index()
  const { id, tags } = await library.detail('one.jpg')
  const maps = await Promise.all(tags.map((tag) => library.ask('heatMap', { id, tag: tag.id })))
  expect(maps).toHaveLength(5)
  for (const map of maps) expect(map?.values).toHaveLength((map?.rows ?? 0) * (map?.columns ?? 0))
  expect(new Set(maps.map((map) => JSON.stringify(map?.values))).size).toBe(5)
  await library.ask('tagPhotos', { target: { ids: [id] }, tag: { name: 'my cat' }, verdict: 'yes' })
  const own = (await library.detail('one.jpg')).tags.find(({ name }) => name === 'my cat')
  await expect(library.ask('heatMap', { id, tag: own?.id ?? 0 })).rejects.toThrow(
    'The model in use does not know this tag: choose one of its own.',
  )
})

test('without a model, or without the file, there is none, and a sentence says why', async () => {
  const first = await fixture.open()
  await first.index()
  const { id, tags } = await first.detail('one.jpg')
  const input = { id, tag: tags[0]?.id ?? 0 }
  rmSync(join(fixture.photos, 'one.jpg'))
  expect(await first.ask('heatMap', input)).toBeNull()
  first.close()
  renameSync(fixture.model, `${fixture.model}.away`)
  const second = await fixture.open({ model: null })
  await expect(second.ask('heatMap', input)).rejects.toThrow('choose one of its own')
})
