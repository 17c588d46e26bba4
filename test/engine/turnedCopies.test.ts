/** Copies of one photo that are turned otherwise by their orientation tags, and come and go. */
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PhotoDetail } from '../../contract/domain.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../support/engineFixture.ts'
import { editMetadata, endExifTool } from '../support/exifTool.ts'
import { knownPhoto, said } from '../support/knownPhoto.ts'
import { writePicture, writeSmallModel } from '../support/pictures.ts'

let fixture: EngineFixture
let library: OpenEngine
beforeEach(async () => {
  fixture = createEngineFixture()
  library = await fixture.open()
})
afterEach(() => fixture.remove())
afterAll(endExifTool)

const path = (name: string) => join(fixture.photos, name)
/** As thumbnails are named. */
const hashOf = (file: string) =>
  createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)
const known = (name: string, seed?: number) => knownPhoto(fixture, library, name, seed)

describe('what was said of a photo follows it', () => {
  test('as a copy that the orientation tag turns: the picture is of the file that the thumbnail is of', async () => {
    await known('a.jpg')
    copyFileSync(path('a.jpg'), path('b.jpg'))
    await editMetadata(path('b.jpg'), { 'Orientation#': 6 })
    await library.rescan()
    const { id, thumbnail, files } = await library.detail('a.jpg')
    expect(files).toHaveLength(2)
    const pictured = async () => {
      const picture = await library.engine.hostHandlers.picture({ id } as never)
      return (picture as { path: string }).path
    }
    const shown = await pictured()
    expect(hashOf(shown)).toBe(thumbnail)
    rmSync(shown)
    await library.rescan()
    const left = await pictured()
    expect([path('a.jpg'), path('b.jpg')]).toContain(left)
    expect(left).not.toBe(shown)
    const after = await library.detail(basename(left))
    expect(hashOf(left)).toBe(after.thumbnail)
  })

  test('to a copy that is turned otherwise, which shows it as it lies when it is the only one left', async () => {
    const before = await known('a.jpg')
    copyFileSync(path('a.jpg'), path('b.jpg'))
    await editMetadata(path('b.jpg'), { 'Orientation#': 6 })
    await library.rescan()
    const both = await library.detail('a.jpg')
    expect([both.width, both.height]).toEqual([before.height, before.width])
    library.looks.length = 0
    rmSync(path('b.jpg'))
    await library.rescan()
    const left = await library.detail('a.jpg')
    expect(left).toMatchObject({ id: before.id, width: before.width, height: before.height })
    expect(left.thumbnail).toBe(before.thumbnail)
    expect(said(left)).toEqual(said(before))
    // The model sees it as it lies, too.
    expect(left.tags).toEqual(before.tags)
    expect(library.looks).toEqual([path('a.jpg'), path('a.jpg')])
  })

  test.each([
    ['when the folder of the one that described it is removed', 'removed'],
    ['when a rule leaves that out', 'ignored'],
    ['when that is edited to be another picture', 'edited'],
    ['when that gets the bytes of the other', 'overwritten'],
  ])('to a copy that is turned otherwise, %s', async (_when, how) => {
    mkdirSync(path('one'))
    mkdirSync(path('two'))
    await fixture.picture('one/a.jpg', 1)
    copyFileSync(path('one/a.jpg'), path('two/b.jpg'))
    await editMetadata(path('two/b.jpg'), { 'Orientation#': 6 })
    await library.index(path('one'))
    await library.index(path('two'))
    const before = await library.detail('a.jpg')
    expect([before.width, before.height]).toEqual([48, 64])
    if (how === 'removed') {
      const folder = (await library.ask('listFolders', {})).find(({ path: at }) =>
        at.endsWith('two'),
      )
      await library.ask('removeFolder', { id: folder?.id ?? 0 })
    }
    if (how === 'ignored') writeFileSync(path('two/.albumenignore'), 'b.jpg')
    if (how === 'edited') await writePicture(path('two/b.jpg'), 77)
    if (how === 'overwritten') copyFileSync(path('one/a.jpg'), path('two/b.jpg'))
    await library.rescan()
    const left = await library.detail('a.jpg')
    expect(left).toMatchObject({ id: before.id, width: 64, height: 48 })
    expect(left.thumbnail).toBe(hashOf(path('one/a.jpg')))
  })

  describe('to copies that are turned otherwise: the picture, thumbnail and size are of one file', () => {
    /** Turned ones with other metadata each, beside one that is not. */
    async function turned(...names: string[]): Promise<void> {
      await fixture.picture('upright.jpg', 1)
      for (const name of names) {
        copyFileSync(path('upright.jpg'), path(name))
        await editMetadata(path(name), { 'Orientation#': 6, Keywords: [name] })
      }
      await library.index()
    }
    async function expectUpright(): Promise<void> {
      const [photo] = library.cards()
      const { width, height, thumbnail } = await library.detail(photo?.name ?? '')
      expect({ width, height, thumbnail }).toEqual({
        ...{ width: 64, height: 48, thumbnail: hashOf(path('upright.jpg')) },
      })
    }
    const away = (name: string) => renameSync(path(name), join(fixture.root, name))

    test('after one that described it went, and then one that was turned as that was', async () => {
      await turned('a.jpg', 'b.jpg')
      for (const name of ['a.jpg', 'b.jpg']) {
        rmSync(path(name))
        await library.rescan()
      }
      await expectUpright()
    })

    test('when all were away and another one alone comes back', async () => {
      await turned('a.jpg')
      await fixture.picture('zz.jpg', 5)
      for (const name of ['a.jpg', 'upright.jpg']) away(name)
      await library.rescan()
      renameSync(join(fixture.root, 'upright.jpg'), path('upright.jpg'))
      await library.rescan()
      await expectUpright()
    })

    test('when the one that described it becomes unreadable', async () => {
      await turned('a.jpg')
      writeFileSync(path('a.jpg'), 'no picture at all')
      await library.rescan()
      await expectUpright()
    })

    test('when it goes, and its twin is unreadable', async () => {
      await turned('a.jpg')
      copyFileSync(path('a.jpg'), path('twin.jpg'))
      await library.rescan()
      writeFileSync(path('twin.jpg'), 'no picture at all')
      await library.rescan()
      rmSync(path('a.jpg'))
      await library.rescan()
      await expectUpright()
    })

    test('and it is shown as before when one comes back whose twin stays away', async () => {
      await turned('a.jpg')
      copyFileSync(path('a.jpg'), path('twin.jpg'))
      await library.rescan()
      for (const name of ['a.jpg', 'twin.jpg']) away(name)
      await library.rescan()
      await expectUpright()
      renameSync(join(fixture.root, 'a.jpg'), path('a.jpg'))
      await library.rescan()
      const [photo] = library.cards()
      const { width, height, thumbnail } = await library.detail(photo?.name ?? '')
      expect({ width, height, thumbnail }).toEqual({
        ...{ width: 48, height: 64, thumbnail: hashOf(path('a.jpg')) },
      })
    })

    test('also after thumbnails were made again when one went that another is turned as', async () => {
      await turned('a.jpg', 'b.jpg')
      const [photo] = library.cards()
      const described = (await library.detail(photo?.name ?? '')).thumbnail
      const first = ['a.jpg', 'b.jpg'].find((name) => hashOf(path(name)) === described) ?? ''
      rmSync(path(first))
      await library.rescan()
      await library.ask('rebuildThumbnails', {})
      await library.engine.idle()
      const { width, height } = await library.detail(library.cards()[0]?.name ?? '')
      expect([width, height]).toEqual([48, 64])
    })

    test('when it goes, and another one is out of reach', async () => {
      for (const folder of ['one', 'two']) mkdirSync(path(folder))
      await fixture.picture('one/b.jpg', 1)
      await library.index(path('one'))
      copyFileSync(path('one/b.jpg'), path('two/upright.jpg'))
      copyFileSync(path('one/b.jpg'), path('two/a.jpg'))
      await editMetadata(path('two/a.jpg'), { 'Orientation#': 6 })
      await library.index(path('two'))
      away('one')
      rmSync(path('two/a.jpg'))
      await library.rescan()
      copyFileSync(path('two/upright.jpg'), path('upright.jpg'))
      await expectUpright()
    })
  })

  test('through a turn while another model is in use: each sees it as it is now', async () => {
    const before = await known('a.jpg')
    const second = writeSmallModel(join(fixture.root, 'models'), 'second', 2)
    await library.useModel(second)
    await library.engine.idle()
    await editMetadata(path('a.jpg'), { 'Orientation#': 6 })
    await library.rescan()
    await library.useModel(fixture.model)
    await library.engine.idle()
    const scores = ({ tags }: PhotoDetail) => tags.map(({ score }) => score)
    expect(scores(await library.detail('a.jpg'))).not.toEqual(scores(before))
  })

  test('to many copies, of which none is read again when one goes that is turned as another is', async () => {
    await known('a.jpg')
    for (const name of ['b.jpg', 'c.jpg']) {
      copyFileSync(path('a.jpg'), path(name))
      await editMetadata(path(name), { Keywords: [name] })
    }
    await library.rescan()
    const before = await library.detail('a.jpg')
    expect(before.files).toHaveLength(3)
    library.looks.length = 0
    rmSync(path('a.jpg'))
    await library.rescan()
    expect(library.looks).toEqual([])
    expect(await library.detail('b.jpg')).toMatchObject({ thumbnail: before.thumbnail })
  })
})
