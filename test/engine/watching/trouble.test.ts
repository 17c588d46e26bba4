/** Watching is a hint: where it fails, scans find what it missed. Drives come and go meanwhile. */
import { type FSWatcher, mkdirSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type WatchDirectory,
  watchDirectories,
} from '../../../main/engine/watching/watchDirectories.ts'
import type { Hint, WatchRoot } from '../../../main/engine/watching/watchRoot.ts'
import { createDrive, type Drive, mayMount } from '../../support/drive.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../../support/engineFixture.ts'
import { writePicture } from '../../support/pictures.ts'
import { soon, watched } from '../../support/watching.ts'

let fixture: EngineFixture
beforeEach(async () => {
  fixture = createEngineFixture()
  await fixture.picture('a.jpg', 1)
})
afterEach(() => fixture.remove())

const folderStates = async (library: OpenEngine) =>
  (await library.ask('listFolders', {})).map(({ state }) => state)
const looked = (library: OpenEngine) =>
  soon(async () => (await library.ask('libraryStatus', {})).pending).toBe(0)

/** A watch that tells only what it is told to tell. */
function fakeWatch(start: (tell: (hint: Hint) => void) => void = () => {}) {
  const told: { starts: number; closes: number; tell: (hint: Hint) => void } = {
    starts: 0,
    closes: 0,
    tell: () => {},
  }
  const watchRoot: WatchRoot = async (_, tell) => {
    told.starts++
    told.tell = tell
    start(tell)
    return { enter() {}, close: () => void told.closes++ }
  }
  return { told, watchRoot }
}

describe('a watch', () => {
  test('that lost changes is made up for by a scan of all, and goes on', async () => {
    const { told, watchRoot } = fakeWatch()
    const library = await fixture.open(watched({ watchRoot }))
    await library.index()
    await soon(library.names).toEqual(['a.jpg'])
    await fixture.picture('sub/b.jpg', 2)
    told.tell({ kind: 'lost', reason: 'the queue was full' })
    await soon(library.names).toEqual(['a.jpg', 'b.jpg'])
    told.tell({ kind: 'lost', reason: 'the queue was full' })
    expect(library.log).toEqual([
      `${fixture.photos} changed unseen (the queue was full): it is looked through.`,
    ])
    expect(told).toMatchObject({ starts: 1, closes: 0 })
  })

  test('that ended is started again at once, with a scan of all', async () => {
    const { told, watchRoot } = fakeWatch()
    const library = await fixture.open(watched({ watchRoot, life: 100 }))
    await library.index()
    await soon(library.names).toEqual(['a.jpg'])
    await fixture.picture('b.jpg', 2)
    told.tell({ kind: 'ended', reason: 'the buffer was too small' })
    await soon(library.names).toEqual(['a.jpg', 'b.jpg'])
    expect(told).toMatchObject({ starts: 2, closes: 1 })
  })

  test('that ends as soon as it has begun waits for the next scan of all', async () => {
    const { told, watchRoot } = fakeWatch()
    const library = await fixture.open(watched({ watchRoot, rescan: 2000 }))
    await library.index()
    await soon(library.names).toEqual(['a.jpg'])
    await fixture.picture('b.jpg', 2)
    told.tell({ kind: 'ended', reason: 'the buffer was too small' })
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(library.names()).toEqual(['a.jpg'])
    await soon(library.names).toEqual(['a.jpg', 'b.jpg'])
    expect(told).toMatchObject({ starts: 2, closes: 1 })
  })

  test.each([
    [
      'does not tell everything',
      'is not watched in full',
      (tell: (hint: Hint) => void) => tell({ kind: 'blind', reason: 'it is a network drive' }),
    ],
    [
      'cannot be started',
      'cannot be watched',
      () => {
        throw new Error('it is a network drive')
      },
    ],
  ])('that %s is said once, and scans of all do its work', async (_, words, start) => {
    const { watchRoot } = fakeWatch(start)
    const library = await fixture.open(watched({ watchRoot, rescan: 300 }))
    await library.index()
    await fixture.picture('b.jpg', 2)
    await soon(library.names).toEqual(['a.jpg', 'b.jpg'])
    await fixture.picture('deep/er/c.jpg', 3)
    await soon(library.names).toEqual(['a.jpg', 'b.jpg', 'c.jpg'])
    expect(library.log).toEqual([
      expect.stringMatching(
        new RegExp(`${words} \\(it is a network drive\\): it is looked through`),
      ),
    ])
  })

  test('is over when its folder is removed and when the engine is', async () => {
    const { told, watchRoot } = fakeWatch()
    const library = await fixture.open(watched({ watchRoot }))
    await library.index()
    const [folder] = await library.ask('listFolders', {})
    await library.ask('removeFolder', { id: Number(folder?.id) })
    expect(told).toMatchObject({ starts: 1, closes: 1 })
    await library.index()
    library.close()
    expect(told).toMatchObject({ starts: 2, closes: 2 })
    told.tell({ kind: 'lost', reason: 'nobody listens' })
  })
})

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test('more changes at once than the kernel keeps are found all the same', async () => {
    const library = await fixture.open(watched())
    await library.index()
    await soon(library.names).toEqual(['a.jpg'])
    library.readNothing()
    library.log.length = 0
    const count = 9000
    mkdirSync(join(fixture.photos, 'flood'))
    await soon(async () => library.log.length).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 300))
    for (let file = 0; file < count; file++) {
      writeFileSync(join(fixture.photos, 'flood', `${file}.jpg`), 'x')
    }
    await fixture.picture('last.jpg', 2)
    await soon(async () => (await library.ask('libraryStatus', {})).files).toBe(count + 2)
    expect(library.log).toEqual([expect.stringContaining('too much changed at once')])
  })

  test('when the system watches no more folders, that is said once, and scans do the rest', async () => {
    const open: FSWatcher[] = []
    const sparing: WatchDirectory = (path, options, listener) => {
      if (open.length >= 2) throw Object.assign(new Error('too many'), { code: 'ENOSPC' })
      const watcher = watch(path, options, listener)
      open.push(watcher)
      return watcher
    }
    for (let folder = 0; folder < 5; folder++) await fixture.picture(`${folder}/b.jpg`, folder + 2)
    const watchRoot = watchDirectories(sparing)
    const library = await fixture.open(watched({ watchRoot, rescan: 400 }))
    await library.index()
    await soon(() => library.names().length).toBe(6)
    for (let folder = 0; folder < 5; folder++) await fixture.picture(`${folder}/c.jpg`, folder + 20)
    await soon(() => library.names().length).toBe(11)
    expect(library.log).toEqual([expect.stringContaining('max_user_watches')])
  })
})

describe('a root', () => {
  test('that goes and comes back is noticed, and watched again', async () => {
    await fixture.picture('sub/b.jpg', 2)
    const library = await fixture.open(watched())
    await library.index()
    await soon(library.names).toEqual(['a.jpg', 'b.jpg'])
    await looked(library)
    const away = join(fixture.root, 'unplugged')
    renameSync(fixture.photos, away)
    await soon(() => folderStates(library)).toEqual(['offline'])
    expect(library.names()).toEqual(['a.jpg', 'b.jpg'])
    await writePicture(join(away, 'sub', 'c.jpg'), 3)
    renameSync(away, fixture.photos)
    await soon(() => folderStates(library)).toEqual(['online'])
    await soon(library.names).toEqual(['a.jpg', 'b.jpg', 'c.jpg'])
    await fixture.picture('sub/d.jpg', 4)
    await soon(library.names).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'])
    await looked(library)
    expect(library.looks).toHaveLength(4)
  })

  test('that is not there at the start is taken up when it comes', async () => {
    const first = await fixture.open(watched())
    await first.index()
    await soon(first.names).toEqual(['a.jpg'])
    first.close()
    const away = join(fixture.root, 'unplugged')
    renameSync(fixture.photos, away)
    const library = await fixture.open(watched())
    library.engine.scan()
    await soon(() => folderStates(library)).toEqual(['offline'])
    renameSync(away, fixture.photos)
    await soon(() => folderStates(library)).toEqual(['online'])
    await fixture.picture('b.jpg', 2)
    await soon(library.names).toEqual(['a.jpg', 'b.jpg'])
  })

  test('inside another one is watched on its own account', async () => {
    await fixture.picture('inner/b.jpg', 2)
    const library = await fixture.open(watched())
    await library.index(join(fixture.photos, 'inner'))
    await library.index()
    await fixture.picture('inner/deep/c.jpg', 3)
    await fixture.picture('d.jpg', 4)
    await soon(library.names).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'])
    await looked(library)
    expect(await library.ask('libraryStatus', {})).toMatchObject({ files: 4, photos: 4 })
    expect(library.looks).toHaveLength(4)
  })
})

describe.skipIf(!mayMount)('a drive', () => {
  let drive: Drive
  beforeEach(() => {
    drive = createDrive()
    drive.plugIn()
  })
  afterEach(() => drive.remove())

  test('that comes and goes while its photos are looked at is looked at to the end', async () => {
    for (let seed = 0; seed < 60; seed++) {
      await writePicture(join(drive.point, `${seed % 6}`, `${seed}.jpg`), seed)
    }
    const library = await fixture.open(watched())
    library.engine.indexFolder(drive.point)
    for (const looks of [5, 15]) {
      await expect
        .poll(() => library.looks.length, { interval: 2, timeout: 20_000 })
        .toBeGreaterThan(looks)
      drive.takeAway()
      await soon(() => folderStates(library)).toEqual(['offline'])
      drive.plugIn('anew')
      await soon(() => folderStates(library)).toEqual(['online'])
    }
    await looked(library)
    expect(await library.ask('libraryStatus', {})).toMatchObject({
      ...{ files: 60, photos: 60, classified: 60, quarantined: 0 },
    })
    expect(await library.ask('missingPhotos', { offset: 0, limit: 9 })).toMatchObject({ count: 0 })
    await writePicture(join(drive.point, '3', 'new.jpg'), 100)
    await soon(() => library.names().includes('new.jpg')).toBe(true)
    rmSync(join(drive.point, '3'), { recursive: true })
    await soon(() => library.names().length).toBe(50)
  })
})
