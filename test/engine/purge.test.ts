/** Photos that are gone stay known until a person lets them go, and then nothing of them is left. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PhotoId } from '../../contract/domain.ts'
import { albumen, albumenJson } from '../support/commandLine.ts'
import { createDrive, mayMount } from '../support/drive.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../support/engineFixture.ts'
import { writePicture } from '../support/pictures.ts'

let fixture: EngineFixture
let library: OpenEngine
beforeEach(async () => {
  fixture = createEngineFixture()
  await fixture.picture('a.jpg', 1)
  await fixture.picture('sub/b.jpg', 2)
  await fixture.picture('stays.jpg', 3)
  library = await fixture.open()
  await library.index()
})
afterEach(() => fixture.remove())

const idOf = async (name: string) => (await library.detail(name)).id
const missing = () => library.ask('missingPhotos', { offset: 0, limit: 100 })
const tag = (ids: PhotoId[], name: string) =>
  library.ask('tagPhotos', { target: { ids }, tag: { name }, verdict: 'yes' })
const rate = (id: PhotoId, stars: number) =>
  library.ask('ratePhotos', { target: { ids: [id] }, stars })
const purge = async (ids: PhotoId[] | null) => (await library.ask('purgeMissing', { ids })).purged
const count = (table: string) =>
  library.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number

/** Takes the photos away, all but one, after something was said of both. */
async function lose(): Promise<{ a: PhotoId; b: PhotoId }> {
  const [a, b] = [await idOf('a.jpg'), await idOf('b.jpg')]
  await tag([a, b], 'holiday')
  await tag([a], 'beach')
  await rate(a, 4)
  const album = await library.ask('addAlbum', { name: 'Best' })
  await library.ask('addToAlbum', { id: album.id, target: { ids: [a] } })
  rmSync(join(fixture.photos, 'a.jpg'))
  rmSync(join(fixture.photos, 'sub'), { recursive: true })
  await library.rescan()
  return { a, b }
}

describe('missing photos', () => {
  test('are listed with where they lay, their thumbnails, and what was said of them', async () => {
    expect(await missing()).toEqual({ count: 0, photos: [] })
    const { a, b } = await lose()
    const version = expect.stringMatching(/^[0-9a-f]{16}$/)
    expect(await missing()).toEqual({
      count: 2,
      photos: [
        {
          ...{ id: a, path: join(fixture.photos, 'a.jpg'), thumbnail: version },
          ...{ decisions: 2, albums: 1, stars: 4 },
        },
        {
          ...{ id: b, path: join(fixture.photos, 'sub', 'b.jpg'), thumbnail: version },
          ...{ decisions: 1, albums: 0, stars: 0 },
        },
      ],
    })
    expect(await library.ask('missingPhotos', { offset: 1, limit: 1 })).toMatchObject({
      count: 2,
      photos: [{ id: b }],
    })
    expect(library.engine.hostHandlers.thumbnail({ id: a } as never)).not.toBeNull()
  })

  test('are none that have another file, are left out by a rule, or lie on a drive that is away', async () => {
    await fixture.picture('copy of a.jpg', 1)
    await library.rescan()
    rmSync(join(fixture.photos, 'a.jpg'))
    writeFileSync(join(fixture.photos, '.albumenignore'), 'sub')
    await library.rescan()
    expect(await missing()).toMatchObject({ count: 0 })
    rmSync(join(fixture.photos, 'stays.jpg'))
    await library.rescan()
    expect(await missing()).toMatchObject({ count: 1 })
    renameSync(fixture.photos, join(fixture.root, 'unplugged'))
    await library.rescan()
    expect(await missing()).toMatchObject({ count: 0 })
    expect(await purge(null)).toBe(0)
  })

  test('are none whose pixels were changed in place', async () => {
    const a = await idOf('a.jpg')
    await tag([a], 'holiday')
    await writePicture(join(fixture.photos, 'a.jpg'), 9)
    await library.rescan()
    expect(await idOf('a.jpg')).not.toBe(a)
    expect(await missing()).toMatchObject({ count: 0 })
    const edited = await idOf('a.jpg')
    rmSync(join(fixture.photos, 'a.jpg'))
    await library.rescan()
    // One file is one missing photo, and goes with what it was before.
    expect((await missing()).photos.map(({ id }) => id)).toEqual([edited])
    expect(await purge(null)).toBe(1)
    expect(library.db.prepare('SELECT id FROM photo WHERE id IN (?, ?)').all(a, edited)).toEqual([])
  })

  test('include those of a removed folder of which something was said, until it is added again', async () => {
    const a = await idOf('a.jpg')
    await tag([a], 'holiday')
    const [folder] = await library.ask('listFolders', {})
    await library.ask('removeFolder', { id: Number(folder?.id) })
    expect(await missing()).toMatchObject({
      count: 1,
      photos: [{ id: a, path: join(fixture.photos, 'a.jpg'), decisions: 1 }],
    })
    await library.index()
    expect(await missing()).toMatchObject({ count: 0 })
    expect(await idOf('a.jpg')).toBe(a)
    expect(library.names('tag:holiday')).toEqual(['a.jpg'])
  })

  test('of a removed folder go when they are named, not with all others', async () => {
    const a = await idOf('a.jpg')
    await tag([a], 'holiday')
    const [folder] = await library.ask('listFolders', {})
    await library.ask('removeFolder', { id: Number(folder?.id) })
    expect(await purge(null)).toBe(0)
    expect(await missing()).toMatchObject({ count: 1 })
    expect(await purge([a])).toBe(1)
    expect(await missing()).toMatchObject({ count: 0 })
  })

  test('are there again, with all that was said of them, when a file comes back anywhere', async () => {
    const bytes = readFileSync(join(fixture.photos, 'a.jpg'))
    const { a } = await lose()
    mkdirSync(join(fixture.photos, 'elsewhere'))
    writeFileSync(join(fixture.photos, 'elsewhere', 'other name.jpg'), bytes)
    await library.rescan()
    expect(await missing()).toMatchObject({ count: 1 })
    const detail = await library.detail('other name.jpg')
    expect(detail).toMatchObject({ id: a, stars: 4 })
    expect(library.names('tag:beach')).toEqual(['other name.jpg'])
    expect(library.looks).toHaveLength(3)
  })
})

describe('purging', () => {
  test('forgets those named, with everything, and leaves the others', async () => {
    const { a, b } = await lose()
    expect(await purge([a])).toBe(1)
    expect((await missing()).photos.map(({ id }) => id)).toEqual([b])
    expect(await library.ask('photoDetail', { id: a })).toBeNull()
    expect(library.engine.hostHandlers.thumbnail({ id: a } as never)).toBeNull()
    expect(await purge([a])).toBe(0)
  })

  test('forgets all, and nothing of them is left in the library', async () => {
    await lose()
    expect(await purge(null)).toBe(2)
    expect(await missing()).toEqual({ count: 0, photos: [] })
    const tables = ['photo', 'file', 'task', 'cache.thumbnail']
    expect(tables.map(count)).toEqual([1, 1, 1, 1])
    expect(['decision', 'album_photo', 'rating'].map(count)).toEqual([0, 0, 0])
    expect(library.db.pragma('foreign_key_check')).toEqual([])
    expect(library.names()).toEqual(['stays.jpg'])
  })

  test('cannot be undone, and undoing what was said before it does no harm', async () => {
    await lose()
    await tag([await idOf('stays.jpg')], 'last')
    await purge(null)
    for (let step = 0; step < 6; step++) await library.ask('undo', {})
    for (let step = 0; step < 6; step++) await library.ask('redo', {})
    expect(library.names('tag:last')).toEqual(['stays.jpg'])
    expect(library.db.pragma('foreign_key_check')).toEqual([])
    expect(count('decision')).toBe(1)
  })

  test('leaves alone what is no missing photo, and what came back since the last scan', async () => {
    const bytes = readFileSync(join(fixture.photos, 'a.jpg'))
    const { a, b } = await lose()
    writeFileSync(join(fixture.photos, 'a.jpg'), bytes)
    expect(await purge([a, b, await idOf('stays.jpg')])).toBe(1)
    await library.rescan()
    expect(await library.detail('a.jpg')).toMatchObject({ id: a, stars: 4 })
    expect(library.names()).toEqual(['a.jpg', 'stays.jpg'])
  })

  test('tells the window', async () => {
    await lose()
    const stale: string[] = []
    library.engine.events.on('stale', ({ queries }) => stale.push(...queries))
    await purge(null)
    await expect.poll(() => stale).toContain('missingPhotos')
  })

  test.skipIf(!mayMount)('leaves what lies on a drive that was taken away meanwhile', async () => {
    const drive = createDrive()
    try {
      drive.plugIn()
      await writePicture(join(drive.point, 'c.jpg'), 5)
      await writePicture(join(drive.point, 'd.jpg'), 6)
      await library.index(drive.point)
      await tag([await idOf('c.jpg')], 'holiday')
      rmSync(join(drive.point, 'c.jpg'))
      await library.rescan()
      drive.takeAway()
      expect(await missing()).toMatchObject({ count: 1 })
      expect(await purge(null)).toBe(0)
      drive.plugIn()
      await library.rescan()
      expect(await missing()).toMatchObject({ count: 1 })
    } finally {
      drive.remove()
    }
  })

  test('on the command line is shown first, and done when it is told to', async () => {
    const { a } = await lose()
    const beside = await albumenJson('purge', '--library', fixture.library)
    expect(beside).toMatchObject([{ id: a, decisions: 2, albums: 1, stars: 4 }, { decisions: 1 }])
    const refused = await albumen('purge', '--yes', '--library', fixture.library)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('already runs') })
    library.close()

    const listed = await albumen('purge', '--list', '--yes', '--library', fixture.library)
    expect(listed.stdout.split('\n')).toEqual([
      `${join(fixture.photos, 'a.jpg')}\t2 tags, 1 album, 4 stars`,
      `${join(fixture.photos, 'sub', 'b.jpg')}\t1 tag`,
      '',
    ])
    expect(listed.stderr).toContain('2 photos would be forgotten: add --yes')
    expect(await albumenJson('purge', '--yes', '--library', fixture.library)).toEqual([
      { purged: 2, staying: 0 },
    ])
    expect((await albumen('purge', '--library', fixture.library)).stdout).toBe(
      'No photo is missing.\n',
    )
    expect(existsSync(join(fixture.photos, 'stays.jpg'))).toBe(true)
  })

  test('on the command line forgets what the list says: of removed folders only when they are named', async () => {
    const { a } = await lose()
    await tag([await idOf('stays.jpg')], 'holiday')
    const other = join(fixture.root, 'other')
    await writePicture(join(other, 'other.jpg'), 7)
    await library.index(other)
    await tag([await idOf('other.jpg')], 'holiday')
    for (const { id, path } of await library.ask('listFolders', {})) {
      if (path === other) await library.ask('removeFolder', { id })
    }
    library.close()
    const run = (...args: string[]) => albumen('purge', ...args, '--library', fixture.library)
    const stays = '1 photo stays, as the folder was removed from Albumen: to forget them'

    const listed = await run()
    expect(listed.stdout).toContain(
      `${join(other, 'other.jpg')}\t1 tag\tstays: the folder was removed from Albumen\n`,
    )
    expect(listed.stderr).toContain('2 photos would be forgotten')
    expect(listed.stderr).toContain(stays)
    expect(await albumenJson('purge', '--library', fixture.library)).toMatchObject([
      { id: a, stays: null },
      { stays: null },
      { stays: 'folder-removed' },
    ])
    const done = await run('--yes')
    expect(done.stdout).toBe('Forgotten: 2 photos.\n')
    expect(done.stderr).toContain(stays)
    expect((await run()).stderr).toContain('No photo would be forgotten.')

    // It is in the library still.
    expect(await run('--removed', fixture.photos, '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No photo is left of a folder'),
    })
    const named = await run('--removed', other)
    expect(named).toMatchObject({ stdout: `${join(other, 'other.jpg')}\t1 tag\n` })
    expect(named.stderr).toContain('1 photo would be forgotten')
    expect((await run('--removed', other, '--yes')).stdout).toBe('Forgotten: 1 photo.\n')
    expect((await run()).stdout).toBe('No photo is missing.\n')
  })

  test('on the command line tells what has come back since the last scan, and keeps it', async () => {
    const bytes = readFileSync(join(fixture.photos, 'a.jpg'))
    await lose()
    writeFileSync(join(fixture.photos, 'a.jpg'), bytes)
    library.close()
    const { stdout, stderr } = await albumen('purge', '--library', fixture.library)
    expect(stdout).toContain('a.jpg\t2 tags, 1 album, 4 stars\tstays: there is a file again')
    expect(stderr).toContain('1 photo would be forgotten')
    expect(stderr).toContain('1 photo stays, as there is a file again')
  })
})
