/** What was said of a photo follows it, whatever happens to its files. */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PhotoDetail } from '../../contract/domain.ts'
import type { FileId } from '../../main/engine/db/files.ts'
import { type FileNow, fileNow } from '../../main/engine/db/identity.ts'
import { joinKnown, settleUnknown } from '../../main/engine/library/identity.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../support/engineFixture.ts'
import { editMetadata, endExifTool } from '../support/exifTool.ts'
import { knownPhoto, said } from '../support/knownPhoto.ts'
import { writePicture } from '../support/pictures.ts'

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
const photos = () => library.db.prepare('SELECT count(*) FROM photo').pluck().get()

const known = (name: string, seed?: number) => knownPhoto(fixture, library, name, seed)

describe('what was said of a photo follows it', () => {
  test('through a rename', async () => {
    const before = await known('a.jpg')
    renameSync(path('a.jpg'), path('b.jpg'))
    await library.rescan()
    expect(await library.detail('b.jpg')).toMatchObject({ id: before.id, tags: before.tags })
    expect(said(await library.detail('b.jpg'))).toEqual(said(before))
    // It was recognised by its bytes: nothing had to be decoded.
    expect(library.looks).toEqual([])
  })

  test('through a move to another folder', async () => {
    const before = await known('a.jpg')
    mkdirSync(path('deep/er'), { recursive: true })
    renameSync(path('a.jpg'), path('deep/er/a.jpg'))
    await library.rescan()
    expect(said(await library.detail('a.jpg'))).toEqual(said(before))
    expect(library.looks).toEqual([])
  })

  test('through a move to another root, and when its old root is removed', async () => {
    const before = await known('a.jpg')
    const other = join(fixture.root, 'other drive')
    mkdirSync(other)
    renameSync(path('a.jpg'), join(other, 'a.jpg'))
    await library.rescan()
    const [folder] = await library.ask('listFolders', {})
    await library.ask('removeFolder', { id: folder?.id ?? 0 })
    await library.index(other)
    expect(said(await library.detail('a.jpg'))).toEqual(said(before))
    expect(library.looks).toEqual([])
  })

  test('when its root is removed and added again', async () => {
    const before = await known('a.jpg')
    const [folder] = await library.ask('listFolders', {})
    await library.ask('removeFolder', { id: folder?.id ?? 0 })
    expect(library.cards()).toEqual([])
    await library.index()
    expect(said(await library.detail('a.jpg'))).toEqual(said(before))
  })

  test('to a copy, which is the same photo with two files', async () => {
    const before = await known('a.jpg')
    copyFileSync(path('a.jpg'), path('copy.jpg'))
    await library.rescan()
    const after = await library.detail('a.jpg')
    expect(after.files).toHaveLength(2)
    expect(said(after)).toEqual(said(before))
    expect(library.looks).toEqual([])
    rmSync(path('a.jpg'))
    await library.rescan()
    expect(said(await library.detail('copy.jpg'))).toEqual(said(before))
  })

  test.each([
    ['that is read after it', ['a.jpg', 'bare.jpg']],
    ['that is read before it', ['bare.jpg', 'a.jpg']],
  ] as const)(
    'to a copy without metadata %s, which takes nothing from it',
    async (_when, order) => {
      await fixture.picture('a.jpg', 1)
      copyFileSync(path('a.jpg'), path('bare.jpg'))
      await editMetadata(path('a.jpg'), {
        ...{ DateTimeOriginal: '2020:05:04 12:00:00', Model: 'X100V', 'Orientation#': 6 },
        ...{ GPSLatitude: 48.85, GPSLongitude: 2.35 },
      })
      const aside = (name: string) => join(fixture.root, name)
      for (const name of order) renameSync(path(name), aside(name))
      for (const name of order) {
        renameSync(aside(name), path(name))
        await library.index()
      }
      const photo = await library.detail(order[0])
      expect(photo.files).toHaveLength(2)
      expect([photo.width, photo.height]).toEqual([48, 64])
      expect(photo).toMatchObject({ takenAt: '2020-05-04T12:00:00', camera: 'X100V' })
      expect(photo.place?.latitude).toBeCloseTo(48.85, 3)
      // Both are read again, and neither looks worse for it.
      await library.ask('rebuildThumbnails', {})
      await library.rescan()
      const again = await library.detail(order[0])
      expect(again).toMatchObject({ takenAt: '2020-05-04T12:00:00', camera: 'X100V' })
      expect(again.thumbnail).toBe(photo.thumbnail)
      expect([again.width, again.height]).toEqual([photo.width, photo.height])
      // What the other told stays when the bare one is the only one left; it is shown as it lies.
      renameSync(path('a.jpg'), aside('a.jpg'))
      await library.rescan()
      const left = await library.detail('bare.jpg')
      const told = { takenAt: '2020-05-04T12:00:00', camera: 'X100V', place: photo.place }
      expect(left).toMatchObject({ id: photo.id, ...told, width: 64, height: 48 })
      expect(left.thumbnail).toBe(hashOf(path('bare.jpg')))
      await library.ask('rebuildThumbnails', {})
      await library.rescan()
      expect(await library.detail('bare.jpg')).toEqual(left)
      renameSync(aside('a.jpg'), path('a.jpg'))
      await library.rescan()
      const back = await library.detail(order[0])
      expect(back).toMatchObject({ id: photo.id, ...told, width: 48, height: 64 })
      expect(back.thumbnail).toBe(hashOf(path('a.jpg')))
      expect(library.db.prepare('SELECT count(*) FROM cache.thumbnail').pluck().get()).toBe(1)
    },
  )

  test.each([
    ['a keyword', { Keywords: ['Rome', 'holiday'] }],
    ['a caption', { Description: 'In the garden', Title: 'Garden' }],
    ['a place', { GPSLatitude: 48.85, GPSLongitude: 2.35 }],
  ])('through an edit of its metadata by another program: %s', async (_what, tags) => {
    const before = await known('a.jpg')
    await editMetadata(path('a.jpg'), tags)
    await library.rescan()
    const after = await library.detail('a.jpg')
    expect(after).toMatchObject({ id: before.id, tags: before.tags, thumbnail: expect.any(String) })
    expect(after.thumbnail).not.toBe(before.thumbnail)
    expect(said(after)).toEqual(said(before))
    // Its picture is the one that was classified.
    expect(library.looks).toEqual([path('a.jpg')])
    expect(photos()).toBe(1)
  })

  test('through a turn by the orientation tag, and the model sees it as it is now', async () => {
    const before = await known('a.jpg')
    await editMetadata(path('a.jpg'), { 'Orientation#': 6 })
    await library.rescan()
    const after = await library.detail('a.jpg')
    expect(after.id).toBe(before.id)
    expect([after.width, after.height]).toEqual([before.height, before.width])
    expect(said(after)).toEqual(said(before))
    expect(library.looks).toHaveLength(2)
    const scores = ({ tags }: PhotoDetail) => tags.map(({ score }) => score)
    expect(scores(after)).not.toEqual(scores(before))
  })

  test('through a turn by a program that keeps size and time', async () => {
    await fixture.picture('a.jpg', 1)
    await editMetadata(path('a.jpg'), { 'Orientation#': 1 })
    const { mtime, size } = statSync(path('a.jpg'))
    const before = await known('b.jpg', 2).then(() => library.detail('a.jpg'))
    await editMetadata(path('a.jpg'), { 'Orientation#': 6 })
    utimesSync(path('a.jpg'), mtime, mtime)
    expect(statSync(path('a.jpg')).size).toBe(size)
    await library.rescan()
    const after = await library.detail('a.jpg')
    expect([after.width, after.height]).toEqual([before.height, before.width])
  })

  test('and nothing is read again for other permissions alone, nor for another inode alone', async () => {
    await known('a.jpg')
    // What is queued stays so.
    library.readNothing()
    chmodSync(path('a.jpg'), 0o600)
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ pending: 0 })
    // Such as a network drive gives at its next connection.
    library.db.prepare('UPDATE file SET inode = inode + 1').run()
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ pending: 0 })
    chmodSync(path('a.jpg'), 0o640)
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ pending: 1 })
  })

  test('from one that was read when image data was not told from the rest', async () => {
    await known('a.jpg')
    copyFileSync(path('a.jpg'), path('b.jpg'))
    await editMetadata(path('b.jpg'), { Keywords: ['b'] })
    await library.rescan()
    // As such an Albumen left the second: a photo of its own.
    library.db.exec(`INSERT INTO photo (sorted_at) VALUES (0);
      INSERT INTO task (photo_id, kind, version) SELECT max(id), 'classify', '' FROM photo;
      UPDATE photo SET content_hash = (SELECT content_hash FROM file WHERE name = 'b.jpg')
        WHERE id = (SELECT max(id) FROM photo);
      UPDATE file SET photo_id = (SELECT max(id) FROM photo) WHERE name = 'b.jpg';
      UPDATE photo SET content_hash = randomblob(32) WHERE id = 1;
      UPDATE file SET reading = 'pending' WHERE name = 'b.jpg'`)
    await library.rescan()
    expect(library.log).toEqual([])
    expect(photos()).toBe(1)
    expect((await library.detail('a.jpg')).files).toHaveLength(2)
  })

  test('through a move and an edit of its metadata at once', async () => {
    const before = await known('a.jpg')
    renameSync(path('a.jpg'), path('b.jpg'))
    await editMetadata(path('b.jpg'), { Keywords: ['Rome'] })
    await library.rescan()
    expect(said(await library.detail('b.jpg'))).toEqual(said(before))
    expect(photos()).toBe(1)
  })

  test('through an edit of its pixels in place; the model looks anew', async () => {
    const before = await known('a.jpg')
    await writePicture(path('a.jpg'), 77)
    await library.rescan()
    const after = await library.detail('a.jpg')
    expect(after.thumbnail).not.toBe(before.thumbnail)
    const scores = ({ tags }: PhotoDetail) => tags.map(({ score }) => score)
    expect(scores(after)).not.toEqual(scores(before))
    expect(said(after)).toEqual(said(before))
  })

  test('through an edit of one of two copies: the other stays as it was', async () => {
    const before = await known('a.jpg')
    copyFileSync(path('a.jpg'), path('copy.jpg'))
    await library.rescan()
    await writePicture(path('a.jpg'), 77)
    await library.rescan()
    const [edited, copy] = [await library.detail('a.jpg'), await library.detail('copy.jpg')]
    expect(copy.id).toBe(before.id)
    expect(edited.id).not.toBe(before.id)
    expect(said(edited)).toEqual(said(before))
    expect(said(copy)).toEqual(said(before))
  })

  test('through an edit that is taken back', async () => {
    const original = await known('a.jpg')
    const bytes = readFileSync(path('a.jpg'))
    await writePicture(path('a.jpg'), 77)
    await library.rescan()
    writeFileSync(path('a.jpg'), bytes)
    utimesSync(path('a.jpg'), 1, 1)
    await library.rescan()
    expect(said(await library.detail('a.jpg'))).toEqual(said(original))
  })

  test('while it is gone, and when it comes back', async () => {
    const before = await known('a.jpg')
    const aside = join(fixture.root, 'aside.jpg')
    renameSync(path('a.jpg'), aside)
    await library.rescan()
    expect(library.cards()).toEqual([])
    renameSync(aside, path('elsewhere.jpg'))
    await library.rescan()
    expect(said(await library.detail('elsewhere.jpg'))).toEqual(said(before))
  })
})

describe('what was said of a photo does not stray', () => {
  test('when two files of one size and time change names', async () => {
    const blank = (shade: number) =>
      sharp(Buffer.alloc(64 * 48, shade), { raw: { width: 64, height: 48, channels: 1 } })
        .tiff({ compression: 'none' })
        .toFile(path(shade > 9 ? 'a.tiff' : 'b.tiff'))
    await blank(200)
    await blank(7)
    for (const name of ['a.tiff', 'b.tiff']) utimesSync(path(name), 10, 10)
    await library.index()
    const target = { ids: [(await library.detail('a.tiff')).id] }
    await library.ask('tagPhotos', { target, tag: { name: 'bright' }, verdict: 'yes' })
    renameSync(path('a.tiff'), path('c.tiff'))
    renameSync(path('b.tiff'), path('a.tiff'))
    renameSync(path('c.tiff'), path('b.tiff'))
    await library.rescan()
    expect(said(await library.detail('b.tiff')).tags).toEqual(['yes bright'])
    expect(said(await library.detail('a.tiff')).tags).toEqual([])
  })

  test('when two files change names', async () => {
    const [a, b] = [await known('a.jpg', 1), await known('b.jpg', 2)]
    renameSync(path('a.jpg'), path('c.jpg'))
    renameSync(path('b.jpg'), path('a.jpg'))
    renameSync(path('c.jpg'), path('b.jpg'))
    // Both were written at different times, so that the scan sees that they changed.
    utimesSync(path('a.jpg'), 10, 10)
    utimesSync(path('b.jpg'), 20, 20)
    await library.rescan()
    expect(said(await library.detail('b.jpg'))).toEqual(said(a))
    expect(said(await library.detail('a.jpg'))).toEqual(said(b))
    expect(photos()).toBe(2)
  })

  test('when two files change names, whichever is read first', async () => {
    for (const [index, name] of ['a.jpg', 'b.jpg'].entries()) await fixture.picture(name, index)
    await library.index()
    const target = { ids: [(await library.detail('a.jpg')).id] }
    await library.ask('tagPhotos', { target, tag: { name: 'mine' }, verdict: 'yes' })
    const { db } = library
    const row = (name: string) => {
      const id = db.prepare('SELECT id FROM file WHERE name = ?').pluck().get(name) as FileId
      return { id, ...(fileNow(db, id) as FileNow) }
    }
    const [a, b] = [row('a.jpg'), row('b.jpg')]
    // As large as the other, which it was found beside.
    db.prepare('UPDATE file SET copy_of = ? WHERE id = ?').run(a.id, b.id)
    joinKnown(db, row('b.jpg'), a.photoId, a.contentHash as Buffer)
    settleUnknown(db, row('a.jpg'), null)
    expect(said(await library.detail('b.jpg')).tags).toEqual(['yes mine'])
    expect(said(await library.detail('a.jpg')).tags).toEqual([])
  })

  describe('when a file of its name turns up after a while, and shows something else', () => {
    /** The next photo that the camera calls so, or an edit of the same one. */
    async function other(takenAt: string): Promise<void> {
      await writePicture(path('a.jpg'), 77)
      await editMetadata(path('a.jpg'), { DateTimeOriginal: takenAt })
    }
    let before: PhotoDetail
    beforeEach(async () => {
      await fixture.picture('a.jpg', 1)
      await editMetadata(path('a.jpg'), { DateTimeOriginal: '2020:05:04 12:00:00' })
      await library.index()
      const { id } = await library.detail('a.jpg')
      await library.ask('tagPhotos', { target: { ids: [id] }, tag: { name: 'x' }, verdict: 'yes' })
      await library.ask('ratePhotos', { target: { ids: [id] }, stars: 3 })
      before = await library.detail('a.jpg')
    })
    const missing = async () => (await library.ask('missingPhotos', { offset: 0, limit: 9 })).photos
    const goAWhileAgo = async () => {
      rmSync(path('a.jpg'))
      await library.rescan()
      library.db.exec('UPDATE file SET missing_at = missing_at - 3600')
    }
    const removeFolder = async () => {
      const [folder] = await library.ask('listFolders', {})
      await library.ask('removeFolder', { id: folder?.id ?? 0 })
    }

    test.each([
      ['deleted', goAWhileAgo],
      ['of a folder that was removed', removeFolder],
      ['replaced while nobody looked', async () => {}],
    ])('another photo has nothing of one that was %s, which is still missing', async (_how, go) => {
      await go()
      await other('2024:08:09 10:00:00')
      await library.index()
      expect(said(await library.detail('a.jpg'))).toEqual({ tags: [], stars: 0, albums: [] })
      expect(await missing()).toMatchObject([{ id: before.id, decisions: 1, stars: 3 }])
    })

    test.each([
      ['deleted', goAWhileAgo],
      ['of a folder that was removed', removeFolder],
      ['replaced while nobody looked', async () => {}],
    ])('an edit of one that was %s keeps what was said of it', async (_how, go) => {
      await go()
      await other('2020:05:04 12:00:00')
      await library.index()
      expect(said(await library.detail('a.jpg'))).toEqual(said(before))
      expect(await missing()).toEqual([])
    })

    test('what a program wrote anew in a moment is an edit, whatever it tells', async () => {
      rmSync(path('a.jpg'))
      await library.rescan()
      await writePicture(path('a.jpg'), 77)
      await library.rescan()
      expect(said(await library.detail('a.jpg'))).toEqual(said(before))
    })
  })

  test('when a camera’s names move on by one, and another photo takes the first', async () => {
    const names = ['IMG_1.jpg', 'IMG_2.jpg', 'IMG_3.jpg']
    const before: PhotoDetail[] = []
    for (const [index, name] of names.entries()) before.push(await known(name, index + 1))
    for (const [index, name] of [...names].reverse().entries()) {
      renameSync(path(name), path(`IMG_${4 - index}.jpg`))
      utimesSync(path(`IMG_${4 - index}.jpg`), 10 + index, 10 + index)
    }
    await writePicture(path('IMG_1.jpg'), 50)
    await library.rescan()
    for (const [index, photo] of before.entries()) {
      expect(said(await library.detail(`IMG_${index + 2}.jpg`))).toEqual(said(photo))
    }
    expect(said(await library.detail('IMG_1.jpg'))).toEqual({ tags: [], stars: 0, albums: [] })
  })

  test('when a file is overwritten with a copy of another', async () => {
    const [a, b] = [await known('a.jpg', 1), await known('b.jpg', 2)]
    copyFileSync(path('b.jpg'), path('a.jpg'))
    utimesSync(path('a.jpg'), 10, 10)
    await library.rescan()
    const [card] = library.cards()
    expect(library.cards()).toHaveLength(1)
    const after = await library.detail(card?.name ?? '')
    expect(after.files).toHaveLength(2)
    expect(said(after)).toEqual(said(b))
    // The first is gone from the disk, and nothing that was said of it from the library.
    await writePicture(path('back.jpg'), 1)
    await library.rescan()
    expect(said(await library.detail('back.jpg'))).toEqual(said(a))
  })
})

test('what was said of a photo before it was read is kept when it turns out to be a copy', async () => {
  const before = await known('a.jpg')
  library.readNothing()
  copyFileSync(path('a.jpg'), path('copy.jpg'))
  await library.rescan()
  const waiting = await library.detail('copy.jpg')
  expect(waiting).toMatchObject({ state: 'waiting' })
  const target = { ids: [waiting.id] }
  await library.ask('tagPhotos', { target, tag: { name: 'holiday' }, verdict: 'yes' })
  await library.ask('resumeJobs', {})
  await library.engine.idle()
  const after = await library.detail('a.jpg')
  expect(after.id).toBe(before.id)
  expect(said(after)).toEqual({
    ...said(before),
    tags: [...said(before).tags, 'yes holiday'].sort(),
  })
  // The step was made when it was another photo, and finds it all the same.
  await library.ask('undo', {})
  expect(said(await library.detail('a.jpg'))).toEqual(said(before))
})

test('a file that was only touched is read, not looked at', async () => {
  await known('a.jpg')
  utimesSync(path('a.jpg'), 123, 123)
  await library.rescan()
  expect(library.looks).toEqual([])
  expect(await library.ask('libraryStatus', {})).toMatchObject({ pending: 0, photos: 1 })
})

test('two pictures of the same pixels in another coding are two photos', async () => {
  await fixture.picture('a.jpg', 1)
  await sharp(readFileSync(path('a.jpg')))
    .png()
    .toFile(path('a.png'))
  await library.index()
  expect(library.cards()).toHaveLength(2)
})
