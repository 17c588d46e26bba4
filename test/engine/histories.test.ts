/** Undo and redo reach a photo whatever became of its files since, and whatever models brought. */
import { copyFileSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PhotoDetail } from '../../contract/domain.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../support/engineFixture.ts'
import { smallLabels, writePicture, writeSmallModel } from '../support/pictures.ts'

let fixture: EngineFixture
let library: OpenEngine
beforeEach(async () => {
  fixture = createEngineFixture()
  library = await fixture.open()
  await fixture.picture('a.jpg', 1)
  await fixture.picture('other.jpg', 2)
  await library.index()
  await tag('other.jpg', 'x')
})
afterEach(() => fixture.remove())

const path = (name: string) => join(fixture.photos, name)
const saidIn = ({ tags, stars, albums }: PhotoDetail) => ({
  tags: tags
    .filter(({ verdict }) => verdict)
    .map(({ name, verdict }) => `${verdict} ${name}`)
    .sort(),
  stars,
  albums: albums.length,
})
const said = async (name: string) => saidIn(await library.detail(name))
const nothing = { tags: [], stars: 0, albums: 0 }
const target = async (name: string) => ({ ids: [(await library.detail(name)).id] })
async function tag(name: string, tagName: string, verdict: 'yes' | 'no' | 'none' = 'yes') {
  const input = { target: await target(name), tag: { name: tagName }, verdict }
  return library.ask('tagPhotos', input)
}
const rate = async (name: string, stars: number) =>
  library.ask('ratePhotos', { target: await target(name), stars })
const tagId = async (name: string) =>
  (await library.ask('listTags', {})).find((each) => each.name === name)?.id ?? 0
const undo = () => library.ask('undo', {})
const redo = () => library.ask('redo', {})

let time = 100
/** Other bytes at a place, written at another time. */
function write(name: string, bytes: Buffer): void {
  writeFileSync(path(name), bytes)
  utimesSync(path(name), time, time++)
}
async function edit(name: string, seed: number): Promise<void> {
  await writePicture(path(name), seed)
  utimesSync(path(name), time, time++)
  await library.rescan()
}
/** `work` while nothing is read, which is read afterwards. */
async function unread(work: () => Promise<unknown>): Promise<void> {
  library.readNothing()
  await work()
  await library.ask('resumeJobs', {})
  await library.engine.idle()
}

describe('after an edit of its pixels', () => {
  test('undo and redo of what was said before change the photo as it is now', async () => {
    await tag('a.jpg', 'x')
    await tag('a.jpg', 'x', 'no')
    await rate('a.jpg', 3)
    await rate('a.jpg', 5)
    await edit('a.jpg', 7)
    await edit('a.jpg', 8)
    const last = { ...nothing, tags: ['no x'], stars: 5 }
    expect(await said('a.jpg')).toEqual(last)
    await undo()
    expect(await said('a.jpg')).toEqual({ ...last, stars: 3 })
    await undo()
    await undo()
    expect(await said('a.jpg')).toEqual({ ...nothing, tags: ['yes x'] })
    await undo()
    expect(await said('a.jpg')).toEqual(nothing)
    for (let step = 0; step < 4; step++) await redo()
    expect(await said('a.jpg')).toEqual(last)
  })

  test('a tag, an album and a merge come back with the photo', async () => {
    await tag('a.jpg', 'x')
    const album = await library.ask('addAlbum', { name: 'Zoo' })
    await library.ask('addToAlbum', { id: album.id, target: await target('a.jpg') })
    await library.ask('removeAlbum', { id: album.id })
    await tag('other.jpg', 'z')
    await library.ask('mergeTags', { from: await tagId('x'), into: await tagId('z') })
    await library.ask('removeTag', { id: await tagId('z') })
    await edit('a.jpg', 7)
    expect(await said('a.jpg')).toEqual(nothing)
    await undo()
    expect(await said('a.jpg')).toEqual({ ...nothing, tags: ['yes z'] })
    await undo()
    expect(await said('a.jpg')).toEqual({ ...nothing, tags: ['yes x'] })
    await undo()
    await undo()
    expect(await said('a.jpg')).toEqual({ tags: ['yes x'], stars: 0, albums: 1 })
  })

  test('what is undone when nothing else was said of it can be made again', async () => {
    await tag('a.jpg', 'x')
    await undo()
    await edit('a.jpg', 7)
    await redo()
    expect(await said('a.jpg')).toEqual({ ...nothing, tags: ['yes x'] })
  })

  test('of one of two copies, later steps on the other do not reach it', async () => {
    copyFileSync(path('a.jpg'), path('copy.jpg'))
    await library.rescan()
    await tag('a.jpg', 'x')
    await edit('a.jpg', 7)
    await tag('copy.jpg', 'x', 'no')
    await undo()
    await redo()
    expect([await said('a.jpg'), await said('copy.jpg')]).toMatchObject([
      { tags: ['yes x'] },
      { tags: ['no x'] },
    ])
  })

  test('that is taken back, the file keeps what was said meanwhile; undo still works', async () => {
    const bytes = readFileSync(path('a.jpg'))
    await tag('a.jpg', 'x')
    await edit('a.jpg', 7)
    const edited = readFileSync(path('a.jpg'))
    await tag('a.jpg', 'x', 'no')
    await tag('a.jpg', 'y')
    await rate('a.jpg', 4)
    write('a.jpg', bytes)
    await library.rescan()
    const meanwhile = { tags: ['no x', 'yes y'], stars: 4, albums: 0 }
    expect(await said('a.jpg')).toEqual(meanwhile)
    await undo()
    expect(await said('a.jpg')).toEqual({ ...meanwhile, stars: 0 })
    await redo()
    write('a.jpg', edited)
    await library.rescan()
    expect(await said('a.jpg')).toEqual(meanwhile)
    for (let step = 0; step < 4; step++) await undo()
    expect(await said('a.jpg')).toEqual(nothing)
    expect(await library.ask('libraryStatus', {})).toMatchObject({ photos: 2 })
  })

  test('it keeps what was said although a copy from before waits to be read', async () => {
    await tag('a.jpg', 'x')
    await unread(async () => {
      copyFileSync(path('a.jpg'), path('backup.jpg'))
      await library.rescan()
      await edit('a.jpg', 7)
    })
    expect([await said('a.jpg'), await said('backup.jpg')]).toMatchObject([
      { tags: ['yes x'] },
      { tags: ['yes x'] },
    ])
  })
})

describe('what was said of a file before it was read', () => {
  test('is what was said last, when it turns out to be a known photo that was moved', async () => {
    await tag('a.jpg', 'x')
    await rate('a.jpg', 2)
    await unread(async () => {
      renameSync(path('a.jpg'), path('b.jpg'))
      await library.rescan()
      await tag('b.jpg', 'x', 'no')
      await rate('b.jpg', 5)
    })
    expect(await said('b.jpg')).toEqual({ ...nothing, tags: ['no x'], stars: 5 })
    await undo()
    await undo()
    expect(await said('b.jpg')).toEqual({ ...nothing, tags: ['yes x'], stars: 2 })
    await redo()
    await undo()
    await undo()
    await undo()
    expect(await said('b.jpg')).toEqual(nothing)
  })

  test('stands as long as one step of several says it', async () => {
    await unread(async () => {
      for (const name of ['b.jpg', 'c.jpg']) await writePicture(path(name), 9)
      await library.rescan()
      await tag('b.jpg', 'x')
      await tag('c.jpg', 'x')
    })
    const [card] = library.cards('tag:x -name:other*')
    const name = card?.name ?? ''
    expect((await library.detail(name)).files).toHaveLength(2)
    await undo()
    expect(await said(name)).toMatchObject({ tags: ['yes x'] })
    await undo()
    expect(await said(name)).toEqual(nothing)
  })

  test('stays with it through a rename, and when its folder is removed and added again', async () => {
    library.readNothing()
    await fixture.picture('new.jpg', 9)
    await library.rescan()
    await tag('new.jpg', 'x')
    renameSync(path('new.jpg'), path('renamed.jpg'))
    await library.rescan()
    expect(await said('renamed.jpg')).toMatchObject({ tags: ['yes x'] })
    const [folder] = await library.ask('listFolders', {})
    await library.ask('removeFolder', { id: folder?.id ?? 0 })
    await library.index()
    expect(await said('renamed.jpg')).toMatchObject({ tags: ['yes x'] })
    await library.ask('resumeJobs', {})
    await library.engine.idle()
    expect(await said('renamed.jpg')).toMatchObject({ tags: ['yes x'] })
  })
})

test('a tag that was removed comes back with its photos though their folder was removed meanwhile', async () => {
  await tag('a.jpg', 'y')
  await library.ask('removeTag', { id: await tagId('y') })
  const [folder] = await library.ask('listFolders', {})
  await library.ask('removeFolder', { id: folder?.id ?? 0 })
  expect(await library.ask('missingPhotos', { offset: 0, limit: 9 })).toMatchObject({ count: 1 })
  await library.index()
  await undo()
  expect(await said('a.jpg')).toMatchObject({ tags: ['yes y'] })
})

test('a change of no photo makes no tag and no step', async () => {
  await undo()
  const input = {
    target: { query: 'name:nowhere' },
    tag: { name: 'ghost' },
    verdict: 'yes',
  } as const
  expect(await library.ask('tagPhotos', input)).toMatchObject({ photos: 0, changed: false })
  expect(await tagId('ghost')).toBe(0)
  expect((await redo()) ?? '').toContain('“x”')
})

describe('with a model that brings a class of the same name', () => {
  const useModel = (name: string, label: { wnid: string | null; name: string }) =>
    library.useModel(
      writeSmallModel(join(fixture.root, 'models'), name, 3, {
        labels: [label, ...smallLabels.slice(1)],
      }),
    )

  test('undo of a rename goes on, and the tag is that of the class', async () => {
    await tag('a.jpg', 'pets')
    await library.ask('renameTag', { id: await tagId('pets'), name: 'animals' })
    await useModel('pets', { wnid: null, name: 'pets' })
    await undo()
    expect(await said('a.jpg')).toMatchObject({ tags: ['yes pets'] })
    await redo()
    expect(await said('a.jpg')).toMatchObject({ tags: ['yes animals'] })
    await undo()
    await undo()
    expect(await said('a.jpg')).toEqual(nothing)
  })

  test('redo of a new tag goes on', async () => {
    await tag('a.jpg', 'pets')
    await undo()
    await useModel('pets', { wnid: null, name: 'pets' })
    await redo()
    expect(await said('a.jpg')).toMatchObject({ tags: ['yes pets'] })
    await undo()
    expect(await said('a.jpg')).toEqual(nothing)
  })

  test('a class that was merged stays so under another name, and undo of that goes on', async () => {
    await tag('a.jpg', 'mine')
    const { name } = smallLabels[1] ?? { name: '' }
    await library.ask('mergeTags', { from: await tagId(name), into: await tagId('mine') })
    const labels = smallLabels.map((label) =>
      label.name === name ? { ...label, name: 'tabby cat' } : label,
    )
    await library.useModel(writeSmallModel(join(fixture.root, 'models'), 'cats', 3, { labels }))
    expect(await tagId('tabby cat')).toBe(0)
    await undo()
    expect(await said('a.jpg')).toMatchObject({ tags: ['yes mine'] })
    await redo()
    expect(await said('a.jpg')).toMatchObject({ tags: ['yes mine'] })
  })

  test('but no WordNet id, a rejected class stays rejected', async () => {
    const { id, tags } = await library.detail('a.jpg')
    for (const each of tags) {
      await library.ask('tagPhotos', { target: { ids: [id] }, tag: { id: each.id }, verdict: 'no' })
    }
    const labels = smallLabels.map(({ name }) => ({ wnid: null, name }))
    await library.useModel(writeSmallModel(join(fixture.root, 'models'), 'bare', 1, { labels }))
    await library.engine.idle()
    const after = await library.detail('a.jpg')
    const rejected = tags.map(({ name }) => name)
    expect(
      after.tags.filter(({ name }) => rejected.includes(name)).map(({ verdict }) => verdict),
    ).toEqual(rejected.map(() => 'no'))
  })
})

test('a photo that shows a tag keeps it when another that was rejected is merged into it', async () => {
  const { id, tags } = await library.detail('a.jpg')
  const [shown, rejected] = tags
  if (!shown || !rejected) throw new Error('too little was predicted')
  await library.ask('tagPhotos', { target: { ids: [id] }, tag: { id: rejected.id }, verdict: 'no' })
  await library.ask('mergeTags', { from: rejected.id, into: shown.id })
  const after = (await library.detail('a.jpg')).tags.find((each) => each.id === shown.id)
  expect(after).toMatchObject({ confident: true, verdict: null })
  await undo()
  expect(await said('a.jpg')).toMatchObject({ tags: [`no ${rejected.name}`] })
})
