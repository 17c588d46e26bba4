/** What a scan must get past: permissions, pipes, links in circles, and what goes while it looks. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unattended } from '../../../main/engine/library/compare.ts'
import { scanFolder } from '../../../main/engine/library/scan.ts'
import { createRest } from '../../../main/engine/rest.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../../support/engineFixture.ts'
import { permissionsBind, withoutPrivileges } from '../../support/withoutPrivileges.ts'

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
  // Whoever tests may be somebody else for a while.
  chmodSync(fixture.root, 0o755)
})
afterEach(() => fixture.remove())

const states = (library: OpenEngine) =>
  library.db.prepare('SELECT name, state FROM file ORDER BY name').all()
const present = (...names: string[]) => names.map((name) => ({ name, state: 'present' }))

/** Scans as `rescan` does, with a hand on what happens meanwhile. */
async function scan(
  library: OpenEngine,
  enter: (directory: string) => void = () => {},
): Promise<string[]> {
  const said: string[] = []
  const [folder] = await library.ask('listFolders', {})
  if (!folder) throw new Error('there is no folder')
  await scanFolder(
    folder,
    {
      ...{ db: library.db, attention: { ...unattended, enter }, otherRoots: new Set<string>() },
      ...{ signal: new AbortController().signal, rest: createRest() },
      say: (sentence) => said.push(sentence),
      onProgress: () => {},
    },
    null,
  )
  return said
}

describe.runIf(permissionsBind)('without permission', () => {
  let library: OpenEngine
  beforeEach(async () => {
    await fixture.picture('a.jpg', 1)
    await fixture.picture('sub/b.jpg', 2)
    await fixture.picture('sub/deep/c.jpg', 3)
    library = await fixture.open()
    await library.index()
  })

  test.each([
    ['to read a folder', 0o333, /sub cannot be read/],
    ['to look into a folder', 0o444, /A file in .*sub cannot be reached/],
    ['for a folder at all', 0o000, /sub cannot be read/],
  ])('%s, what is known of it stays', async (_, mode, sentence) => {
    chmodSync(join(fixture.photos, 'sub'), mode)
    const said = await withoutPrivileges(() => scan(library))
    expect(states(library)).toEqual(present('a.jpg', 'b.jpg', 'c.jpg'))
    expect(said).toContainEqual(expect.stringMatching(sentence))
    chmodSync(join(fixture.photos, 'sub'), 0o755)
    expect(await scan(library)).toEqual([])
    expect(states(library)).toEqual(present('a.jpg', 'b.jpg', 'c.jpg'))
  })

  test('for a root, it is offline until it is allowed again', async () => {
    chmodSync(fixture.photos, 0o000)
    const said = await withoutPrivileges(() => scan(library))
    expect(await library.ask('listFolders', {})).toMatchObject([{ state: 'offline', photos: 3 }])
    expect(said).toHaveLength(1)
    chmodSync(fixture.photos, 0o755)
    await scan(library)
    expect(await library.ask('listFolders', {})).toMatchObject([{ state: 'online', photos: 3 }])
  })

  test('to read a file, it is set aside with the reason, and looked at when it is allowed', async () => {
    const path = await fixture.picture('locked.jpg', 4)
    chmodSync(path, 0o000)
    await withoutPrivileges(() => library.rescan())
    expect(await library.ask('quarantined', { offset: 0, limit: 9 })).toMatchObject([
      { path, code: 'no-permission' },
    ])
    chmodSync(path, 0o644)
    await library.ask('retryQuarantined', { ids: null })
    await library.engine.idle()
    expect(await library.detail('locked.jpg')).toMatchObject({ state: 'ready' })
  })
})

describe.skipIf(process.platform === 'win32')('what is no file', () => {
  const pipe = (name: string) => execFileSync('mkfifo', [join(fixture.photos, name)])

  test('is never opened: pipes, sockets, devices', async () => {
    await fixture.picture('a.jpg', 1)
    pipe('pipe.jpg')
    symlinkSync('/dev/zero', join(fixture.photos, 'zero.jpg'))
    const server = createServer().listen(join(fixture.photos, 'socket.jpg'))
    const library = await fixture.open()
    await library.index()
    server.close()
    expect(states(library)).toEqual(present('a.jpg'))
    expect(library.looks).toHaveLength(1)
  })

  test('and took the place of a photo leaves that missing, and nobody waits for it', async () => {
    const path = await fixture.picture('a.jpg', 1)
    await fixture.picture('b.jpg', 2)
    const library = await fixture.open()
    await library.index()
    const { id, tags } = await library.detail('a.jpg')
    rmSync(path)
    pipe('a.jpg')
    // Before a scan has noticed.
    expect(await library.ask('heatMap', { id, tag: Number(tags[0]?.id) })).toBeNull()
    await library.rescan()
    expect(states(library)).toEqual([{ name: 'a.jpg', state: 'missing' }, ...present('b.jpg')])
  })
})

test('links in circles are not followed, and a link to a folder is no folder', async () => {
  await fixture.picture('sub/a.jpg', 1)
  symlinkSync('..', join(fixture.photos, 'sub', 'up'))
  symlinkSync('second', join(fixture.photos, 'first'))
  symlinkSync('first', join(fixture.photos, 'second'))
  symlinkSync('sub', join(fixture.photos, 'again'))
  const library = await fixture.open()
  await library.index()
  await library.rescan()
  expect(states(library)).toEqual(present('a.jpg'))
  expect(library.log).toEqual([])
})

test('a folder that goes while it is scanned is gone, with what lay in it', async () => {
  await fixture.picture('a.jpg', 1)
  await fixture.picture('sub/b.jpg', 2)
  await fixture.picture('sub/deep/c.jpg', 3)
  const library = await fixture.open()
  await library.index()
  const said = await scan(library, (directory) => {
    if (directory === 'sub') rmSync(join(fixture.photos, 'sub'), { recursive: true })
  })
  expect(said).toEqual([])
  expect(states(library)).toEqual([
    ...present('a.jpg'),
    { name: 'b.jpg', state: 'missing' },
    { name: 'c.jpg', state: 'missing' },
  ])
})

test('a folder that takes the place of a photo is a folder', async () => {
  const path = await fixture.picture('a.jpg', 1)
  const library = await fixture.open()
  await library.index()
  rmSync(path)
  mkdirSync(path)
  await fixture.picture('a.jpg/b.jpg', 2)
  await library.rescan()
  expect(states(library)).toEqual([{ name: 'a.jpg', state: 'missing' }, ...present('b.jpg')])
})

test('a file that goes before it was ever read leaves nothing behind', async () => {
  await fixture.picture('a.jpg', 1)
  const library = await fixture.open()
  library.readNothing()
  await library.index()
  rmSync(join(fixture.photos, 'a.jpg'))
  await library.rescan()
  expect(states(library)).toEqual([])
  expect(library.db.prepare('SELECT count(*) FROM photo').pluck().get()).toBe(0)
})
