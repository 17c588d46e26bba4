/** What persons say of photos: it is kept, can be undone, and no model ever changes it. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Facet, PhotoId, TagId } from '../../contract/domain.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../support/engineFixture.ts'
import { smallLabels, writeSmallModel } from '../support/pictures.ts'

let fixture: EngineFixture
let library: OpenEngine
beforeEach(async () => {
  fixture = createEngineFixture()
  for (let seed = 0; seed < 4; seed++) await fixture.picture(`${seed}.jpg`, seed)
  library = await fixture.open()
  await library.index()
})
afterEach(() => fixture.remove())

const ids = (...names: string[]): PhotoId[] =>
  names.map((name) => {
    const card = library.cards().find((each) => each.name === name)
    if (!card) throw new Error(`no ${name}`)
    return card.id
  })
const target = (...names: string[]) => ({ ids: ids(...names) })
const tag = (name: string, verdict: 'yes' | 'no' | 'none', ...names: string[]) =>
  library.ask('tagPhotos', { target: target(...names), tag: { name }, verdict })

async function tagsOf(name: string): Promise<string[]> {
  const { tags } = await library.detail(name)
  return tags.filter(({ confident }) => confident).map((each) => each.name)
}
/** The best guess for a photo. */
async function best(name: string) {
  const { tags } = await library.detail(name)
  const [first] = tags.filter(({ source }) => source === 'predicted')
  if (!first) throw new Error(`nothing was predicted of ${name}`)
  return first
}
async function tagId(name: string): Promise<TagId> {
  const found = (await library.ask('listTags', {})).find((each) => each.name === name)
  if (!found) throw new Error(`no tag ${name}`)
  return found.id
}
/** Everything that persons said, as it lies in the database. */
const everything = () =>
  ['tag', 'decision', 'album', 'album_photo', 'rating'].map((table) =>
    library.db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all(),
  )

describe('a tag of one’s own', () => {
  test('is on the photo, is found, counted and exported by its name', async () => {
    expect(await tag('My  Cat', 'yes', '1.jpg', '2.jpg')).toEqual({
      photos: 2,
      title: 'Tag 2 photos “My Cat”',
      changed: true,
    })
    expect(library.names('tag:"my cat"')).toEqual(['1.jpg', '2.jpg'])
    expect(library.names('cat -tag:"my cat"')).not.toContain('1.jpg')
    expect((await library.detail('1.jpg')).tags[0]).toMatchObject({
      ...{ name: 'My Cat', wnid: null, score: null },
      ...{ source: 'user', confident: true, verdict: 'yes' },
    })
    expect(library.cards().find(({ name }) => name === '1.jpg')?.topTag).toBe('My Cat')
    expect(await library.ask('listTags', {})).toContainEqual(
      expect.objectContaining({ name: 'My Cat', own: true, photos: 2 }),
    )
    const facets = await library.ask('facets', { query: '' })
    expect(facets).toContainEqual(expect.objectContaining({ name: 'My Cat', count: 2 }))
  })

  test('is one tag, however its name is written', async () => {
    await tag('Été à Rome', 'yes', '1.jpg')
    await tag('été  à rome'.normalize('NFD'), 'yes', '2.jpg')
    expect(library.names('tag:"été à Rome"')).toEqual(['1.jpg', '2.jpg'])
  })

  test('can be said of everything that a search finds', async () => {
    const input = { target: { query: 'name:1 | name:3' }, tag: { name: 'odd' } }
    expect(await library.ask('tagPhotos', { ...input, verdict: 'yes' })).toMatchObject({
      photos: 2,
    })
    expect(library.names('odd')).toEqual(['1.jpg', '3.jpg'])
    await expect(
      library.ask('tagPhotos', { ...input, target: { query: '(' }, verdict: 'yes' }),
    ).rejects.toThrow('never closed')
  })

  test('can be said of everything that a search finds but some', async () => {
    const except = ids('0.jpg', '3.jpg')
    const input = { target: { query: '', except }, tag: { name: 'inner' } }
    expect(await library.ask('tagPhotos', { ...input, verdict: 'yes' })).toMatchObject({
      photos: 2,
    })
    expect(library.names('inner')).toEqual(['1.jpg', '2.jpg'])
  })

  test('stands before what a model sees on the photo’s card, the last said first', async () => {
    const { name } = await best('1.jpg')
    for (const own of ['a', 'b', 'c', 'd']) await tag(own, 'yes', '1.jpg')
    const cards = library.cards()
    expect(cards[1]?.userTags).toHaveLength(3)
    expect(cards[1]?.userTags).toContain(cards[1]?.topTag)
    expect(cards[1]?.userTags).not.toContain(name)
    expect(cards[2]?.userTags).toEqual([])
  })

  test('is known as a person’s own in lists and in the panel of classes', async () => {
    await tag('mine', 'yes', '1.jpg')
    const facets = await library.ask('facets', { query: '' })
    const flat = (facet: Facet): Facet[] => [facet, ...facet.children.flatMap(flat)]
    const own = facets.flatMap(flat).filter((facet) => facet.own)
    expect(own.map(({ name }) => name)).toEqual(['mine'])
  })
})

describe('a predicted tag', () => {
  test('that is rejected is gone from photo, search, counts and caption, and never comes back', async () => {
    const { id, name } = await best('1.jpg')
    expect(library.names(`tag:"${name}"`)).toContain('1.jpg')
    await library.ask('tagPhotos', { target: target('1.jpg'), tag: { id }, verdict: 'no' })
    const gone = async () => {
      expect(library.names(`tag:"${name}"`)).not.toContain('1.jpg')
      expect(await tagsOf('1.jpg')).not.toContain(name)
      expect(library.cards().find((card) => card.name === '1.jpg')?.topTag).not.toBe(name)
    }
    await gone()
    // Another look by the same model, predictions thrown away, another model, and back again.
    await library.ask('resetPredictions', {})
    await library.engine.idle()
    expect(library.looks).toHaveLength(8)
    await gone()
    await library.useModel(writeSmallModel(join(fixture.root, 'models'), 'other', 2))
    await library.engine.idle()
    await gone()
    await library.useModel(fixture.model)
    await library.engine.idle()
    await gone()
  })

  test('that is accepted stays, with its score, when the model no longer says so', async () => {
    const { id, name, score } = await best('1.jpg')
    await library.ask('tagPhotos', { target: target('1.jpg'), tag: { id }, verdict: 'yes' })
    expect((await library.detail('1.jpg')).tags[0]).toMatchObject({ name, score, source: 'user' })
    library.close()
    // The same model, but nothing that it says is sure enough any more.
    const directory = join(fixture.root, 'models')
    writeSmallModel(directory, 'small', 1, { thresholds: 1 })
    library = await fixture.open()
    expect(await tagsOf('1.jpg')).toEqual([name])
    expect(library.names(`tag:"${name}"`)).toEqual(['1.jpg'])
    expect(await tagsOf('2.jpg')).toEqual([])
  })

  test('comes back as the model says it when what was said is taken back', async () => {
    const before = await library.detail('1.jpg')
    const { name } = await best('1.jpg')
    await tag(name, 'no', '1.jpg')
    await tag(name, 'none', '1.jpg')
    expect(await library.detail('1.jpg')).toEqual(before)
  })
})

describe('tags', () => {
  test('are renamed everywhere, and a model does not take the name back', async () => {
    const { id, name } = await best('1.jpg')
    await tag('old', 'yes', '2.jpg')
    await library.ask('renameTag', { id: await tagId('old'), name: 'new' })
    await library.ask('renameTag', { id, name: 'what I call it' })
    expect(library.names('tag:new')).toEqual(['2.jpg'])
    expect(library.names('tag:"what I call it"')).toContain('1.jpg')
    expect(library.names(`tag:${name.split(' ')[0]}`).length).toBeGreaterThanOrEqual(0)
    await library.useModel(fixture.model)
    expect(await tagsOf('1.jpg')).toContain('what I call it')
    await tag('other', 'yes', '3.jpg')
    await expect(
      library.ask('renameTag', { id: await tagId('other'), name: 'NEW' }),
    ).rejects.toThrow('There is a tag “new” already: merge them.')
  })

  test('are merged: what was said and what a model sees of one counts for the other', async () => {
    const seen = await best('1.jpg')
    await tag('mine', 'yes', '0.jpg')
    const mine = await tagId('mine')
    const before = library.names(`tag:"${seen.name}"`)
    await library.ask('mergeTags', { from: seen.id, into: mine })
    expect(library.names('tag:mine')).toEqual([...new Set(['0.jpg', ...before])].sort())
    expect(await tagsOf('1.jpg')).toContain('mine')
    expect(await tagsOf('1.jpg')).not.toContain(seen.name)
    await library.ask('undo', {})
    expect(library.names(`tag:"${seen.name}"`)).toEqual(before)
    expect(library.names('tag:mine')).toEqual(['0.jpg'])
  })

  test('of some photos come with how many have them, the most first', async () => {
    const seen = await best('1.jpg')
    await tag('mine', 'yes', '1.jpg', '2.jpg', '3.jpg')
    await tag('rare', 'yes', '1.jpg')
    await tag(seen.name, 'no', '1.jpg')
    const of = async (...names: string[]) =>
      (await library.ask('tagsOfPhotos', { target: target(...names) })).map(
        ({ name, photos }) => [name, photos] as const,
      )
    const both = await of('1.jpg', '2.jpg')
    expect(both).toContainEqual(['mine', 2])
    expect(both).toContainEqual(['rare', 1])
    const counts = both.map(([, photos]) => photos)
    expect(counts).toEqual([...counts].sort((a, b) => b - a))
    expect((await of('1.jpg')).map(([name]) => name)).not.toContain(seen.name)
    const found = await library.ask('tagsOfPhotos', { target: { query: 'mine' } })
    expect(found).toContainEqual(
      expect.objectContaining({ name: 'mine', photos: 3, own: true, category: null }),
    )
  })

  test('say whether anything changed, so that undo takes back what was meant', async () => {
    const { id } = await best('1.jpg')
    expect(await library.ask('removeTag', { id })).toMatchObject({ changed: false, photos: 0 })
    await tag('mine', 'yes', '1.jpg')
    const mine = await tagId('mine')
    expect(await library.ask('renameTag', { id: mine, name: 'ours' })).toEqual({
      photos: 0,
      title: 'Rename “mine” to “ours”',
      changed: true,
    })
    expect(await library.ask('mergeTags', { from: mine, into: id })).toMatchObject({
      photos: 1,
      changed: true,
    })
  })

  test('are removed with everything that was said with them', async () => {
    await tag('mine', 'yes', '0.jpg', '1.jpg')
    const before = everything()
    await library.ask('removeTag', { id: await tagId('mine') })
    expect(library.names('tag:mine')).toEqual([])
    expect((await library.ask('listTags', {})).some(({ name }) => name === 'mine')).toBe(false)
    await library.ask('undo', {})
    expect(everything()).toEqual(before)
  })

  test('cannot be called as another one is: they are merged', async () => {
    await tag('mine', 'yes', '1.jpg')
    const { id } = await best('1.jpg')
    await expect(library.ask('renameTag', { id, name: 'Mine' })).rejects.toThrow(
      'There is a tag “mine” already: merge them.',
    )
  })

  test('of classes are taken back where they were given; where they were rejected they stay away', async () => {
    const { id, name } = await best('1.jpg')
    const verdicts = async (photo: string) =>
      (await library.detail(photo)).tags
        .filter((tag) => tag.id === id)
        .map(({ verdict }) => verdict)
    await library.ask('tagPhotos', { target: target('1.jpg'), tag: { id }, verdict: 'no' })
    await library.ask('tagPhotos', { target: target('2.jpg'), tag: { id }, verdict: 'yes' })
    expect(await library.ask('removeTag', { id })).toMatchObject({ changed: true, photos: 1 })
    expect(await verdicts('1.jpg')).toEqual(['no'])
    expect(await verdicts('2.jpg')).not.toContain('yes')
    expect(library.names(`tag:"${name}"`)).not.toContain('1.jpg')
  })

  test.each(['renamed', 'merged'])(
    'that were rejected and %s do not come back with a model that calls its classes as before',
    async (how) => {
      const { id, name } = await best('1.jpg')
      await tag('mine', 'yes', '1.jpg')
      const mine = await tagId('mine')
      if (how === 'renamed') await library.ask('renameTag', { id, name: 'other' })
      else await library.ask('mergeTags', { from: id, into: mine })
      const now = how === 'renamed' ? id : mine
      await library.ask('tagPhotos', { target: target('1.jpg'), tag: { id: now }, verdict: 'no' })
      const labels = smallLabels.map((label) => ({ ...label, wnid: null }))
      const models = join(fixture.root, 'models')
      await library.useModel(writeSmallModel(models, 'nameless', 1, { labels }))
      await library.engine.idle()
      const { tags } = await library.detail('1.jpg')
      expect(tags.map((each) => each.name)).not.toContain(name)
      expect(tags.find((each) => each.id === now)).toMatchObject({ verdict: 'no' })
    },
  )

  test.each([
    ['no-such-tag', 'no', 'yak herder'],
    ['no-such-tag', 'none', 'yak herder'],
  ] as const)('that nobody knows are refused with a sentence (%s)', async (code, verdict, name) => {
    await expect(tag(name, verdict, '1.jpg')).rejects.toMatchObject({ code })
    expect(await library.ask('undoState', {})).toEqual({ undo: null, redo: null })
  })

  test('of one name that mean several things are asked for', async () => {
    const insert = library.db.prepare('INSERT INTO tag (wnid, name, key) VALUES (?, ?, ?)')
    insert.run('n02012849', 'crane', 'crane')
    insert.run('n03126707', 'crane', 'crane')
    await expect(tag('crane', 'yes', '1.jpg')).rejects.toThrow(
      /“crane” means several things: say which by its WordNet id, n02012849 \(.+\) or n03126707 \(.+\)\./,
    )
    await tag('n02012849', 'yes', '1.jpg')
    expect((await library.detail('1.jpg')).tags[0]).toMatchObject({ wnid: 'n02012849' })
  })
})

describe('albums and ratings', () => {
  test('hold photos, are searched, and lose none when they go', async () => {
    const album = await library.ask('addAlbum', { name: 'Italy 2023' })
    await library.ask('addToAlbum', { id: album.id, target: target('1.jpg', '2.jpg') })
    expect(library.names('in:"italy 2023"')).toEqual(['1.jpg', '2.jpg'])
    expect(await library.ask('listAlbums', {})).toEqual([{ ...album, photos: 2 }])
    await library.ask('removeFromAlbum', { id: album.id, target: target('1.jpg') })
    expect(library.names('-in:"Italy 2023"')).toEqual(['0.jpg', '1.jpg', '3.jpg'])
    await library.ask('renameAlbum', { id: album.id, name: 'Rome' })
    await expect(library.ask('addAlbum', { name: 'ROME' })).rejects.toThrow(
      'There is an album “Rome” already: choose another name.'.replace('Rome', 'ROME'),
    )
    await library.ask('removeAlbum', { id: album.id })
    expect(library.names('')).toHaveLength(4)
    expect(library.names('in:Rome')).toEqual([])
    await library.ask('undo', {})
    expect(library.names('in:Rome')).toEqual(['2.jpg'])
    await expect(
      library.ask('addToAlbum', { id: 999, target: target('1.jpg') }),
    ).rejects.toMatchObject({ code: 'no-such-album' })
  })

  test('an album that is not there yet is made with its first photos, in one step', async () => {
    const input = { name: 'Italy 2023', target: target('1.jpg') }
    expect(await library.ask('addToAlbum', input)).toMatchObject({
      title: 'Put 1 photo into “Italy 2023”',
    })
    await library.ask('addToAlbum', { name: 'ITALY  2023', target: target('2.jpg') })
    expect(await library.ask('listAlbums', {})).toMatchObject([{ name: 'Italy 2023', photos: 2 }])
    await library.ask('undo', {})
    await library.ask('undo', {})
    expect(await library.ask('listAlbums', {})).toEqual([])
  })

  test('stars are given, changed and taken back', async () => {
    await library.ask('ratePhotos', { target: target('1.jpg', '2.jpg'), stars: 3 })
    await library.ask('ratePhotos', { target: target('2.jpg'), stars: 5 })
    expect(library.names('rating>=3')).toEqual(['1.jpg', '2.jpg'])
    expect(library.names('rating:5')).toEqual(['2.jpg'])
    expect(library.names('rating<3')).toEqual(['0.jpg', '3.jpg'])
    expect(library.cards().map(({ stars }) => stars)).toEqual([0, 3, 5, 0])
    await library.ask('ratePhotos', { target: target('1.jpg'), stars: 0 })
    expect(library.names('rating:0')).toEqual(['0.jpg', '1.jpg', '3.jpg'])
  })
})

describe('undo', () => {
  test('takes back step by step, makes again, and survives a restart', async () => {
    const states = [everything()]
    const step = async (change: Promise<unknown>) => {
      await change
      states.push(everything())
    }
    const { id } = await best('1.jpg')
    await step(tag('mine', 'yes', '0.jpg', '1.jpg'))
    await step(tag('mine', 'no', '1.jpg'))
    await step(library.ask('tagPhotos', { target: target('1.jpg'), tag: { id }, verdict: 'no' }))
    await step(library.ask('addAlbum', { name: 'Rome' }))
    const [album] = await library.ask('listAlbums', {})
    const inAlbum = { id: album?.id ?? 0, target: target('2.jpg', '3.jpg') }
    await step(library.ask('addToAlbum', inAlbum))
    await step(library.ask('ratePhotos', { target: target('3.jpg'), stars: 2 }))
    await step(library.ask('renameTag', { id: await tagId('mine'), name: 'ours' }))
    await step(library.ask('mergeTags', { from: id, into: await tagId('ours') }))
    await step(library.ask('removeTag', { id: await tagId('ours') }))
    await step(library.ask('removeAlbum', { id: album?.id ?? 0 }))

    for (let at = states.length - 2; at >= 0; at--) {
      if (at === 5) {
        library.close()
        library = await fixture.open()
      }
      expect(await library.ask('undo', {})).toEqual(expect.any(String))
      expect(everything()).toEqual(states[at])
    }
    expect(await library.ask('undo', {})).toBeNull()
    for (let at = 1; at < states.length; at++) {
      expect(await library.ask('redo', {})).toEqual(expect.any(String))
      expect(everything()).toEqual(states[at])
    }
    expect(await library.ask('redo', {})).toBeNull()
  })

  test('says what it would do, and a new change ends what could be made again', async () => {
    await tag('mine', 'yes', '0.jpg')
    await tag('yours', 'yes', '0.jpg', '1.jpg', '2.jpg')
    expect(await library.ask('undoState', {})).toEqual({
      undo: 'Tag 3 photos “yours”',
      redo: null,
    })
    expect(await library.ask('undo', {})).toBe('Tag 3 photos “yours”')
    expect(await library.ask('undoState', {})).toEqual({
      undo: 'Tag 1 photo “mine”',
      redo: 'Tag 3 photos “yours”',
    })
    await library.ask('ratePhotos', { target: target('0.jpg'), stars: 1 })
    expect(await library.ask('undoState', {})).toEqual({
      undo: 'Rate 1 photo 1 of 5',
      redo: null,
    })
  })

  test('has no step for what changed nothing', async () => {
    await tag('mine', 'yes', '0.jpg')
    expect(await tag('mine', 'yes', '0.jpg')).toMatchObject({ photos: 0, changed: false })
    expect(await library.ask('undoState', {})).toMatchObject({ undo: 'Tag 1 photo “mine”' })
    await library.ask('undo', {})
    expect(await library.ask('undoState', {})).toMatchObject({ undo: null })
  })
})

test('100,000 photos are tagged in one step, and untagged in one', async () => {
  const { db } = library
  db.transaction(() => {
    const photo = db.prepare('INSERT INTO photo (visible, sorted_at) VALUES (1, ?)')
    for (let made = 0; made < 100_000; made++) photo.run(made)
  })()
  const input = { target: { query: '' }, tag: { name: 'everything' }, verdict: 'yes' as const }
  expect(await library.ask('tagPhotos', input)).toMatchObject({
    photos: 100_004,
    title: 'Tag 100,004 photos “everything”',
  })
  const count = () => db.prepare('SELECT count(*) FROM decision').pluck().get()
  expect(count()).toBe(100_004)
  await library.ask('undo', {})
  expect(count()).toBe(0)
})
