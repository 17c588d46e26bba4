/** From folders on disk to the library, and again when they change. */
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEngineFixture, type EngineFixture } from '../support/engineFixture.ts'
import { smallLabels, writePicture } from '../support/pictures.ts'

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
})
afterEach(() => fixture.remove())

describe('indexing a folder', () => {
  test('reads and classifies every photo in it and below it', async () => {
    await fixture.picture('a.jpg', 1)
    await fixture.picture('deep/er/b.JPEG', 2)
    const library = await fixture.open()
    await library.index()
    expect(library.names()).toEqual(['a.jpg', 'b.JPEG'])
    const { state, width, height, format, files, tags } = await library.detail('b.JPEG')
    expect({ state, width, height, format }).toEqual({
      state: 'ready',
      width: 64,
      height: 48,
      format: 'jpeg',
    })
    expect(files.map(({ path }) => path)).toEqual([join(fixture.photos, 'deep/er/b.JPEG')])
    expect(tags).toHaveLength(5)
    const scores = tags.map(({ score }) => score ?? 0)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    for (const { name, wnid } of tags) expect(smallLabels).toContainEqual({ name, wnid })
    expect(await library.ask('libraryStatus', {})).toMatchObject({
      folders: 1,
      files: 2,
      photos: 2,
      classified: 2,
      quarantined: 0,
      pending: 0,
    })
  })

  test('looks at one photo alone as well as at many: no batch waits for company', async () => {
    for (const count of [1, 2, 5]) {
      for (let seed = 0; seed < count; seed++) {
        await fixture.picture(`${count}/${seed}.jpg`, 100 * count + seed)
      }
    }
    const library = await fixture.open()
    for (const count of [1, 2, 5]) await library.index(join(fixture.photos, String(count)))
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 8, pending: 0 })
  })

  test('keeps names as they are', async () => {
    const names = ["it's.jpg", 'per%cent.jpg', 'Ünïcode 写真.jpg', 'noextension', 'two  spaces.jpg']
    for (const [seed, name] of names.entries()) await fixture.picture(`odd " folder/${name}`, seed)
    const library = await fixture.open()
    await library.index()
    expect(library.names().toSorted()).toEqual(names.toSorted())
    const { files } = await library.detail("it's.jpg")
    expect(files[0]?.path).toBe(join(fixture.photos, 'odd " folder', "it's.jpg"))
  })

  test('leaves hidden files, system folders and what is no photo alone', async () => {
    await fixture.picture('yes.jpg', 1)
    for (const name of ['.hidden.jpg', '.thumbnails/a.jpg', '@eaDir/a.jpg', '$RECYCLE.BIN/a.jpg']) {
      await fixture.picture(name, 2)
    }
    writeFileSync(join(fixture.photos, 'letter.txt'), 'hello')
    const library = await fixture.open()
    await library.index()
    expect(library.looks).toEqual([join(fixture.photos, 'yes.jpg')])
    expect(library.names()).toEqual(['yes.jpg'])
  })

  test('follows links to photos, and links that lead in circles do not hang it', async () => {
    const outside = join(fixture.root, 'outside.jpg')
    await writePicture(outside, 7)
    await fixture.picture('sub/a.jpg', 1)
    symlinkSync(outside, join(fixture.photos, 'link.jpg'))
    symlinkSync('..', join(fixture.photos, 'sub', 'circle'))
    symlinkSync('self.jpg', join(fixture.photos, 'self.jpg'))
    symlinkSync('nowhere.jpg', join(fixture.photos, 'dangling.jpg'))
    const library = await fixture.open()
    await library.index()
    expect(library.names()).toEqual(['a.jpg', 'link.jpg'])
    expect(library.log).toEqual([])
  })

  test('takes a folder that was added twice, or lies in another, as one', async () => {
    await fixture.picture('sub/a.jpg', 1)
    const library = await fixture.open()
    await library.index()
    await library.index(fixture.photos)
    await library.index(join(fixture.photos, 'sub'))
    symlinkSync(fixture.photos, join(fixture.root, 'link'))
    await library.index(join(fixture.root, 'link'))
    expect(await library.ask('listFolders', {})).toMatchObject([
      { path: fixture.photos, photos: 1 },
    ])
    expect(library.looks).toHaveLength(1)
  })

  test('counts nothing twice when a folder around an added one is added', async () => {
    await fixture.picture('a.jpg', 1)
    await fixture.picture('sub/b.jpg', 2)
    const library = await fixture.open()
    await library.index(join(fixture.photos, 'sub'))
    await library.index()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ folders: 2, files: 2 })
    await library.rescan()
    expect(library.looks).toHaveLength(2)
  })

  test.each([
    ['no-such-folder', 'nowhere'],
    ['not-a-folder', 'a.jpg'],
  ])('refuses what is no folder: %s', async (code, name) => {
    await fixture.picture('a.jpg', 1)
    const library = await fixture.open()
    const path = join(fixture.photos, name)
    await expect(library.ask('addFolder', { path })).rejects.toMatchObject({ code })
    expect(await library.ask('listFolders', {})).toEqual([])
  })
})

describe('a folder that was indexed before', () => {
  test('opens no photo when nothing changed, not even after a restart', async () => {
    for (let seed = 0; seed < 6; seed++) await fixture.picture(`${seed}.jpg`, seed)
    const first = await fixture.open()
    await first.index()
    expect(first.looks).toHaveLength(6)
    await first.rescan()
    expect(first.looks).toHaveLength(6)
    first.close()
    const second = await fixture.open()
    await second.index()
    expect(second.looks).toEqual([])
  })

  test('a touched file is read again and stays the same photo', async () => {
    const path = await fixture.picture('a.jpg', 1)
    const library = await fixture.open()
    await library.index()
    const before = await library.detail('a.jpg')
    utimesSync(path, 1_600_000_000, 1_600_000_000)
    await library.rescan()
    const after = await library.detail('a.jpg')
    expect(after.id).toBe(before.id)
    expect(after.tags).toEqual(before.tags)
    expect(after.files[0]?.modifiedAt).toBe(new Date(1_600_000_000_000).toISOString())
    expect(library.names()).toEqual(['a.jpg'])
  })

  test('new pixels under an old name are another photo, and of the old one nothing is left', async () => {
    const path = await fixture.picture('a.jpg', 1)
    const library = await fixture.open()
    await library.index()
    const before = await library.detail('a.jpg')
    await writePicture(path, 2)
    await library.rescan()
    const after = await library.detail('a.jpg')
    expect(after.id).not.toBe(before.id)
    expect(after.thumbnail).not.toBe(before.thumbnail)
    expect(await library.ask('libraryStatus', {})).toMatchObject({ photos: 1, pending: 0 })
    const { photos } = await library.ask('libraryStatus', {})
    expect(photos).toBe(library.db.prepare('SELECT count(*) FROM photo').pluck().get())
  })

  test('a file that keeps changing before it was read leaves nothing behind', async () => {
    const path = await fixture.picture('a.jpg', 1)
    const library = await fixture.open()
    library.readNothing()
    for (let round = 1; round < 4; round++) {
      await writePicture(path, round)
      utimesSync(path, round, round)
      await library.index()
    }
    await library.ask('resumeJobs', {})
    await library.engine.idle()
    expect(library.looks).toHaveLength(1)
    expect(await library.ask('libraryStatus', {})).toMatchObject({ files: 1, photos: 1 })
  })

  test('a moved file is the same photo with the same tags', async () => {
    await fixture.picture('a.jpg', 1)
    const library = await fixture.open()
    await library.index()
    const before = await library.detail('a.jpg')
    mkdirSync(join(fixture.photos, 'album'))
    renameSync(join(fixture.photos, 'a.jpg'), join(fixture.photos, 'album', 'holiday.jpg'))
    await library.rescan()
    expect(library.names()).toEqual(['holiday.jpg'])
    const after = await library.detail('holiday.jpg')
    expect(after.id).toBe(before.id)
    expect(after.tags).toEqual(before.tags)
    expect(after.files.map(({ state }) => state)).toEqual(['present', 'missing'])
  })

  test('two copies are one photo with two files, and one may go', async () => {
    await fixture.picture('a.jpg', 1)
    const library = await fixture.open()
    await library.index()
    copyFileSync(join(fixture.photos, 'a.jpg'), join(fixture.photos, 'copy.jpg'))
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ files: 2, photos: 1 })
    rmSync(join(fixture.photos, 'a.jpg'))
    await library.rescan()
    expect(library.names()).toEqual(['copy.jpg'])
    expect(await library.ask('libraryStatus', {})).toMatchObject({ files: 1, photos: 1 })
  })

  test('a deleted file leaves the search, and keeps all that is known for its return', async () => {
    const path = await fixture.picture('sub/a.jpg', 1)
    await fixture.picture('b.jpg', 2)
    const library = await fixture.open()
    await library.index()
    const before = await library.detail('a.jpg')
    const bytes = readFileSync(path)
    rmSync(join(fixture.photos, 'sub'), { recursive: true })
    await library.rescan()
    expect(library.names()).toEqual(['b.jpg'])
    const missing = await library.ask('photoDetail', { id: before.id })
    expect(missing?.files).toMatchObject([{ path, state: 'missing' }])
    expect(missing?.tags).toEqual(before.tags)
    mkdirSync(join(fixture.photos, 'sub'))
    writeFileSync(path, bytes)
    await library.rescan()
    expect((await library.detail('a.jpg')).id).toBe(before.id)
  })

  test('a root out of reach is offline: its photos stay, and are there when it is back', async () => {
    for (let seed = 0; seed < 3; seed++) await fixture.picture(`${seed}.jpg`, seed)
    const library = await fixture.open()
    await library.index()
    const stale: string[] = []
    library.engine.events.on('stale', ({ queries }) => stale.push(...queries))
    const away = join(fixture.root, 'unplugged')
    renameSync(fixture.photos, away)
    await library.rescan()
    expect(await library.ask('listFolders', {})).toMatchObject([{ state: 'offline', photos: 3 }])
    expect(library.names()).toHaveLength(3)
    renameSync(away, fixture.photos)
    await library.rescan()
    expect(await library.ask('listFolders', {})).toMatchObject([{ state: 'online', photos: 3 }])
    expect(library.looks).toHaveLength(3)
    await expect.poll(() => stale, { timeout: 5000 }).toContain('listFolders')
  })

  test('a root that goes while its photos are looked at waits for its return', async () => {
    for (let seed = 0; seed < 40; seed++) await fixture.picture(`${seed}.jpg`, seed)
    const library = await fixture.open()
    library.engine.indexFolder(fixture.photos)
    await expect.poll(() => library.looks.length, { interval: 5 }).toBeGreaterThan(0)
    const away = join(fixture.root, 'unplugged')
    renameSync(fixture.photos, away)
    await library.engine.idle()
    expect(await library.ask('listFolders', {})).toMatchObject([{ state: 'offline', photos: 40 }])
    expect(await library.ask('jobs', {})).toMatchObject({ state: 'idle', quarantined: 0 })
    // What is out of reach does not count towards the progress of the rest.
    const told: number[] = []
    library.engine.events.on('jobs', ({ total }) => told.push(total))
    await writePicture(join(fixture.root, 'other', 'a.jpg'), 77)
    await library.index(join(fixture.root, 'other'))
    await expect.poll(() => told.length, { timeout: 5000 }).toBeGreaterThan(0)
    expect(Math.max(...told)).toBeLessThanOrEqual(1)
    renameSync(away, fixture.photos)
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({
      classified: 41,
      quarantined: 0,
      pending: 0,
    })
  })

  test('a folder that is removed takes along only what lies nowhere else', async () => {
    await fixture.picture('one/a.jpg', 1)
    await fixture.picture('one/b.jpg', 2)
    await fixture.picture('two/copy of a.jpg', 1)
    const library = await fixture.open()
    await library.index(join(fixture.photos, 'one'))
    await library.index(join(fixture.photos, 'two'))
    const folders = await library.ask('listFolders', {})
    const { id } = folders.find(({ path }) => path.endsWith('one')) ?? {}
    await library.ask('removeFolder', { id: Number(id) })
    expect(library.names()).toEqual(['copy of a.jpg'])
    const page = await library.ask('photoPage', { query: '', sort: 'name', offset: 0, limit: 9 })
    expect(page).toHaveLength(1)
    expect(readFileSync(join(fixture.photos, 'one', 'b.jpg')).length).toBeGreaterThan(0)
  })
})
