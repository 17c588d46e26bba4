/** A library on a disk that is full or may only be read: Albumen as it runs, on a real file system. */
import { existsSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { JobsStatus, LibraryStatus, PhotoCard } from '../../contract/domain.ts'
import { migrations } from '../../main/engine/db/migrations/index.ts'
import { libraryFile, openLibrary } from '../../main/engine/db/open.ts'
import { startEngine } from '../../main/processes/node.ts'
import type { SupervisedEngine } from '../../main/processes/supervisor.ts'
import { makeProfile } from '../../main/shell/profile.ts'
import { namesIn, read, saidIn } from '../support/backupFixture.ts'
import { albumen } from '../support/commandLine.ts'
import { createEngineFixture, type EngineFixture } from '../support/engineFixture.ts'
import {
  bindForReading,
  fillDisk,
  mountMemory,
  mountsMemory,
  remount,
  unmount,
} from '../support/memoryDisk.ts'

const PICTURES = 6
const noRoom =
  /^There is no room left for the library in .*: make room on its disk, then press Resume/
const readOnly = /Nothing may be written to the library in .*: allow writing .*then press Resume/

let fixture: EngineFixture
let disk: string
let library: string
let engine: SupervisedEngine | null
let lines: string[]

beforeEach(() => {
  fixture = createEngineFixture()
  disk = join(fixture.root, 'disk')
  library = join(disk, 'library')
  engine = null
  lines = []
})
afterEach(async () => {
  await engine?.stop()
  unmount(disk)
  fixture.remove()
})

function start(): void {
  const options = { library, model: fixture.model, anyArchitecture: false }
  engine = startEngine(options, (line) => lines.push(line))
}

const ask = <Value>(name: string, input: unknown = {}): Promise<Value> => {
  if (!engine) throw new Error('the engine is not running')
  return engine.client.call(name, input) as Promise<Value>
}

async function pictures(from: number, to: number): Promise<void> {
  for (let seed = from; seed < to; seed++) await fixture.picture(`${seed}.jpg`, seed)
}

const names = async (query = '') => {
  const page = await ask<PhotoCard[]>('photoPage', { query, sort: 'name', offset: 0, limit: 500 })
  return page.map(({ name }) => name)
}

const classified = (count: number) =>
  vi.waitFor(
    async () => {
      const { classified, pending } = await ask<LibraryStatus>('libraryStatus')
      expect({ classified, pending }).toEqual({ classified: count, pending: 0 })
    },
    { timeout: 30_000, interval: 100 },
  )

const problem = (sentence: RegExp) =>
  vi.waitFor(async () => expect((await ask<JobsStatus>('jobs')).problem).toMatch(sentence), {
    timeout: 30_000,
    interval: 100,
  })

const crashes = () => lines.filter((line) => line.includes('ended with'))

async function indexed(): Promise<void> {
  await pictures(0, PICTURES)
  start()
  await ask('addFolder', { path: fixture.photos })
  await classified(PICTURES)
  await ask('tagPhotos', { target: { query: '' }, tag: { name: 'my cat' }, verdict: 'yes' })
}

describe.skipIf(!mountsMemory)('on a full disk', () => {
  beforeEach(() => mountMemory(disk, 'size=16m'))

  test('the work stops with a sentence, reading goes on, and resuming finishes it', async () => {
    await indexed()
    await pictures(PICTURES, 60)
    const filling = fillDisk(disk)
    await ask('rescan')
    await problem(noRoom)
    expect((await names()).length).toBeGreaterThanOrEqual(PICTURES)
    expect(await names('tag:"my cat"')).toHaveLength(PICTURES)
    await vi.waitFor(async () => {
      // What fits into what is left of the log may still be said; then it is refused, whole.
      const tag = { name: `said on a full disk ${Math.random()} ${'long '.repeat(20)}` }
      await expect(
        ask('tagPhotos', { target: { query: '' }, tag, verdict: 'yes' }),
      ).rejects.toMatchObject({ name: 'UserError', message: expect.stringMatching(noRoom) })
    })
    await ask('resumeJobs')
    await problem(noRoom)

    rmSync(filling)
    await ask('resumeJobs')
    await classified(60)
    expect((await ask<JobsStatus>('jobs')).problem).toBeNull()
    expect(crashes()).toEqual([])
    await engine?.stop()
    expect(read(libraryFile(library), saidIn).decision?.length).toBeGreaterThanOrEqual(PICTURES)
  })

  test('Albumen opens for reading, says so, and resuming opens it for writing when there is room', async () => {
    await indexed()
    await engine?.stop()
    await pictures(PICTURES, 10)
    const filling = fillDisk(disk)
    start()
    await problem(noRoom)
    expect(await names('tag:"my cat"')).toHaveLength(PICTURES)
    await ask('resumeJobs')
    await problem(noRoom)
    rmSync(filling)
    await ask('resumeJobs')
    await ask('rescan')
    await classified(10)
    expect(crashes()).toEqual([])
  })

  test('a backup says that there is no room, in the window too, and leaves nothing', async () => {
    await indexed()
    const filling = fillDisk(disk)
    await expect(ask('backUp')).rejects.toMatchObject({ code: 'no-room' })
    expect(await ask('listBackups')).toMatchObject({
      problem: expect.stringMatching(/make room there, or choose another folder/),
      backups: [],
    })
    expect(namesIn(join(library, 'backups'))).toEqual([])
    rmSync(filling)
    await ask('backUp')
    expect(await ask('listBackups')).toMatchObject({ problem: null })
  })

  test('the command line says so and ends, and goes on when there is room', async () => {
    await pictures(0, 40)
    openLibrary(library).close()
    const filling = fillDisk(disk, 200_000)
    const index = () =>
      albumen('index', fixture.photos, '--library', library, '--model', fixture.model)
    const full = await index()
    expect(full.code).toBe(1)
    expect(full.stderr).toMatch(/albumen: There is no room left for the library/)
    rmSync(filling)
    expect((await index()).code).toBe(0)
    read(libraryFile(library), (db) =>
      expect(db.prepare(`SELECT count(*) FROM task WHERE state = 'done'`).pluck().get()).toBe(40),
    )
  })

  test('an update of the library is refused, and the library stays as it was', async () => {
    await indexed()
    await engine?.stop()
    const before = read(libraryFile(library), saidIn)
    const added = migrations as ((db: Database) => void)[]
    const version = migrations.length
    added.push(() => {})
    const filling = fillDisk(disk)
    try {
      expect(() => openLibrary(library)).toThrow(/no room left|brought up to date/)
    } finally {
      added.length = version
    }
    rmSync(filling)
    expect(namesIn(join(library, 'backups'))).toEqual([])
    expect(read(libraryFile(library), saidIn)).toEqual(before)
  })
})

describe.skipIf(!mountsMemory)('on a disk for reading alone', () => {
  beforeEach(async () => {
    mountMemory(disk, 'size=16m')
    await indexed()
    await engine?.stop()
    remount(disk, 'ro')
  })

  test('Albumen shows and finds photos and says why nothing can be stored, until it can', async () => {
    start()
    await problem(readOnly)
    expect(await names('tag:"my cat"')).toHaveLength(PICTURES)
    const [first] = await ask<PhotoCard[]>('photoPage', {
      ...{ query: '', sort: 'name', offset: 0, limit: 1 },
    })
    expect(await ask('thumbnail', { id: first?.id })).toBeInstanceOf(Uint8Array)
    for (const [name, input] of [
      ['tagPhotos', { target: { query: '' }, tag: { name: 'other' }, verdict: 'yes' }],
      ['rebuildThumbnails', {}],
      ['pauseJobs', {}],
    ] as const) {
      await expect(ask(name, input), name).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(readOnly),
      })
    }
    await ask('resumeJobs')
    await problem(readOnly)
    remount(disk, 'rw')
    await pictures(PICTURES, 10)
    await ask('resumeJobs')
    await ask('rescan')
    await classified(10)
    expect((await ask<JobsStatus>('jobs')).problem).toBeNull()
    expect(crashes()).toEqual([])
  })

  test('where writing is refused only when it comes to it, as on Windows, it is opened for reading', () => {
    remount(disk, 'rw')
    const cache = join(library, 'cache.sqlite')
    bindForReading(cache)
    const opened = openLibrary(library, 'as-possible')
    expect(opened.readOnly).toMatch(readOnly)
    expect(saidIn(opened.db)).toEqual(read(libraryFile(library), saidIn))
    opened.close()
    unmount(cache)
    const again = openLibrary(library, 'as-possible')
    expect(again.readOnly).toBeNull()
    again.close()
  })

  test('the desktop has its profile elsewhere, and none for a library that cannot be made', () => {
    const elsewhere = makeProfile(library)
    expect(elsewhere).not.toContain(disk)
    expect(existsSync(elsewhere)).toBe(true)
    rmdirSync(elsewhere)
    expect(() => makeProfile(join(disk, 'new', 'library'))).toThrow()
  })

  test('the command line finds and tells, and refuses to change anything with a sentence', async () => {
    const asked = (...args: string[]) => albumen(...args, '--library', library)
    const found = await asked('search', 'tag:"my cat"')
    expect(found.stdout.trim().split('\n')).toHaveLength(PICTURES)
    expect((await asked('status')).stdout).toMatch(/Photos: +6/)
    expect((await asked('show', join(fixture.photos, '0.jpg'))).stdout).toMatch(/my cat/)
    for (const args of [
      ['index', fixture.photos],
      ['tag', '0.jpg', '--add', 'other'],
      ['rebuild', '--all'],
      ['restore', libraryFile(library), '--yes'],
      ['backup'],
    ]) {
      const refused = await asked(...args)
      expect(refused.code, args[0]).toBe(1)
      expect(refused.stderr, args[0]).toMatch(/^albumen: .*(may be written|allow)/)
      expect(refused.stderr, args[0]).not.toMatch(/at .*\.ts/)
    }
    const to = join(fixture.root, 'elsewhere')
    expect((await asked('backup', '--to', to)).code).toBe(0)
  })
})
