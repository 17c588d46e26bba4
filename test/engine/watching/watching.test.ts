/** What changes in a watched folder shows by itself: nobody rescans here. */
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openable, textOfPath } from '../../../main/rpc/pathText.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../../support/engineFixture.ts'
import { writePicture } from '../../support/pictures.ts'
import { soon, watched } from '../../support/watching.ts'

let fixture: EngineFixture
let library: OpenEngine
beforeEach(async () => {
  fixture = createEngineFixture()
  await fixture.picture('a.jpg', 1)
  library = await fixture.open(watched())
  await library.index()
  await soon(state).toBe('idle')
  expect(library.looks).toHaveLength(1)
})
afterEach(() => fixture.remove())

const state = async () => (await library.ask('jobs', {})).state
/** Nothing of what was noticed is left to be looked at. */
const looked = () => soon(async () => (await library.ask('libraryStatus', {})).pending).toBe(0)
const at = (...names: string[]) => join(fixture.photos, ...names)
const places = () =>
  library.db
    .prepare(
      `SELECT directory || '/' || name FROM file WHERE state = 'present' ORDER BY directory, name`,
    )
    .pluck()
    .all()

describe('a watched folder', () => {
  test('shows a new photo, looks at it once, and tells the window', async () => {
    const stale: string[] = []
    library.engine.events.on('stale', ({ queries }) => stale.push(...queries))
    const path = await fixture.picture('b.jpg', 2)
    await soon(async () => (await library.detail('b.jpg').catch(() => null))?.state).toBe('ready')
    expect(library.looks).toEqual([at('a.jpg'), path])
    await soon(() => stale).toContain('searchPhotos')
  })

  test('shows what is in new folders, however deep, and what comes into them later', async () => {
    await fixture.picture('one/two/three/b.jpg', 2)
    await soon(places).toEqual(['/a.jpg', 'one/two/three/b.jpg'])
    await fixture.picture('one/two/three/c.jpg', 3)
    await fixture.picture('one/two/d.jpg', 4)
    await fixture.picture('one/two/three/four/e.jpg', 5)
    await soon(() => library.names()).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg'])
  })

  test('takes a photo that was changed as the changed one', async () => {
    const before = await library.detail('a.jpg')
    await writePicture(at('a.jpg'), 2)
    await soon(async () => (await library.detail('a.jpg')).thumbnail).not.toBe(before.thumbnail)
  })

  test('takes what is gone away, and gives back what returns', async () => {
    await fixture.picture('sub/b.jpg', 2)
    await soon(library.names).toEqual(['a.jpg', 'b.jpg'])
    await looked()
    const { id } = await library.detail('b.jpg')
    const away = join(fixture.root, 'away')
    renameSync(at('sub'), away)
    await soon(library.names).toEqual(['a.jpg'])
    renameSync(away, at('sub'))
    await soon(library.names).toEqual(['a.jpg', 'b.jpg'])
    expect((await library.detail('b.jpg')).id).toBe(id)
    rmSync(at('sub'), { recursive: true })
    rmSync(at('a.jpg'))
    await soon(library.names).toEqual([])
    expect(library.looks).toHaveLength(2)
  })

  test('follows files and folders that get other names, and looks at none again', async () => {
    await fixture.picture('sub/deep/b.jpg', 2)
    await soon(places).toEqual(['/a.jpg', 'sub/deep/b.jpg'])
    await looked()
    renameSync(at('a.jpg'), at('renamed.jpg'))
    renameSync(at('sub'), at('moved'))
    await soon(places).toEqual(['/renamed.jpg', 'moved/deep/b.jpg'])
    mkdirSync(at('x'))
    renameSync(at('moved'), at('x', 'y'))
    await soon(places).toEqual(['/renamed.jpg', 'x/y/deep/b.jpg'])
    await fixture.picture('x/y/deep/c.jpg', 3)
    await soon(places).toEqual(['/renamed.jpg', 'x/y/deep/b.jpg', 'x/y/deep/c.jpg'])
    await looked()
    expect(library.looks).toHaveLength(3)
  })

  test('tells two folders that change places apart', async () => {
    await fixture.picture('one/b.jpg', 2)
    await fixture.picture('two/c.jpg', 3)
    await soon(() => places().length).toBe(3)
    await looked()
    renameSync(at('one'), at('between'))
    renameSync(at('two'), at('one'))
    renameSync(at('between'), at('two'))
    await soon(places).toEqual(['/a.jpg', 'one/c.jpg', 'two/b.jpg'])
    await fixture.picture('one/d.jpg', 4)
    await soon(places).toEqual(['/a.jpg', 'one/c.jpg', 'one/d.jpg', 'two/b.jpg'])
    await looked()
    expect(library.looks).toHaveLength(4)
  })

  test('leaves a file alone that is still being written, however slowly', async () => {
    await writePicture(join(fixture.root, 'whole.jpg'), 2)
    const bytes = readFileSync(join(fixture.root, 'whole.jpg'))
    writeFileSync(at('slow.jpg'), '')
    for (let from = 0; from < bytes.length; from += Math.ceil(bytes.length / 12)) {
      appendFileSync(at('slow.jpg'), bytes.subarray(from, from + Math.ceil(bytes.length / 12)))
      // Some programs give a file its time before they have written it.
      utimesSync(at('slow.jpg'), 1_600_000_000, 1_600_000_000)
      await new Promise((resolve) => setTimeout(resolve, 60))
      expect(library.looks).toHaveLength(1)
    }
    await soon(() => library.looks.length).toBe(2)
    await soon(async () => (await library.detail('slow.jpg')).state).toBe('ready')
    expect(await library.ask('jobs', {})).toMatchObject({ quarantined: 0 })
  })

  test('says that it looks for files while one is being written', async () => {
    const told: string[] = []
    library.engine.events.on('jobs', ({ state }) => told.push(state))
    await soon(state).toBe('idle')
    await fixture.picture('b.jpg', 2)
    await soon(state).toBe('scanning')
    await soon(state).toBe('idle')
    expect(library.names()).toEqual(['a.jpg', 'b.jpg'])
  })

  test('follows rules that are written, changed and taken away', async () => {
    await fixture.picture('drafts/b.jpg', 2)
    await fixture.picture('drafts/deep/c.jpg', 3)
    await soon(() => library.names().length).toBe(3)
    writeFileSync(at('.albumenignore'), 'drafts')
    await soon(library.names).toEqual(['a.jpg'])
    await fixture.picture('drafts/d.jpg', 4)
    writeFileSync(at('.albumenignore'), 'drafts/*\n!drafts/d.jpg')
    await soon(library.names).toEqual(['a.jpg', 'd.jpg'])
    rmSync(at('.albumenignore'))
    await soon(library.names).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'])
  })

  test('notices while nothing can be read, and looks when it goes on', async () => {
    library.readNothing()
    await fixture.picture('b.jpg', 2)
    await soon(library.names).toEqual(['a.jpg', 'b.jpg'])
    expect(library.looks).toHaveLength(1)
    await library.ask('resumeJobs', {})
    await soon(() => library.looks.length).toBe(2)
  })

  test('does not mind what is no photo, hidden, or a link to a folder', async () => {
    writeFileSync(at('notes.txt'), 'x')
    await fixture.picture('.hidden/b.jpg', 2)
    await fixture.picture('@eaDir/c.jpg', 3)
    symlinkSync('..', at('circle'))
    await fixture.picture('d.jpg', 4)
    await soon(library.names).toEqual(['a.jpg', 'd.jpg'])
    await soon(() => library.looks.length).toBe(2)
  })

  test.runIf(process.platform === 'linux')('sees names that are no text', async () => {
    const name = textOfPath(Buffer.from('Zürich', 'latin1'))
    mkdirSync(openable(at(name)))
    copyFileSync(at('a.jpg'), openable(at(name, `${name}.jpg`)))
    await soon(places).toEqual(['/a.jpg', `${name}/${name}.jpg`])
    rmSync(openable(at(name, `${name}.jpg`)))
    await soon(places).toEqual(['/a.jpg'])
  })

  test('is not disturbed by an export into itself', async () => {
    await fixture.picture('b.jpg', 2)
    await soon(() => places().length).toBe(2)
    await looked()
    const report = await library.ask('exportPhotos', {
      target: { query: '' },
      to: at('out'),
      as: 'copies',
    })
    expect(report.photos).toBe(2)
    await soon(() => places().length).toBeGreaterThan(2)
    await looked()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ photos: 2, pending: 0 })
    expect(library.looks).toHaveLength(2)
  })

  test('follows a burst of thousands, and the last word counts', async () => {
    const bytes = readFileSync(at('a.jpg'))
    for (let directory = 0; directory < 20; directory++) {
      mkdirSync(at(`${directory}`))
      for (let file = 0; file < 150; file++) writeFileSync(at(`${directory}`, `${file}.jpg`), bytes)
    }
    await soon(() => places().length).toBe(3001)
    for (let directory = 0; directory < 20; directory += 2)
      rmSync(at(`${directory}`), { recursive: true })
    for (let directory = 1; directory < 20; directory += 2) {
      renameSync(at(`${directory}`), at(`renamed ${directory}`))
    }
    await soon(() => places().length).toBe(1501)
    await soon(() => places().filter((place) => String(place).startsWith('renamed')).length).toBe(
      1500,
    )
    await looked()
    expect(library.looks).toHaveLength(1)
    expect(await library.ask('libraryStatus', {})).toMatchObject({ photos: 1, files: 1501 })
  })

  test('that is removed is no longer watched, and a removed one may be added again', async () => {
    const [folder] = await library.ask('listFolders', {})
    await library.ask('removeFolder', { id: Number(folder?.id) })
    await fixture.picture('b.jpg', 2)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(places()).toEqual([])
    await library.index()
    await soon(library.names).toEqual(['a.jpg', 'b.jpg'])
    truncateSync(at('b.jpg'), 0)
    await soon(async () => (await library.ask('jobs', {})).quarantined).toBe(1)
  })
})
