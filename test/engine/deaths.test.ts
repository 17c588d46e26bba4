/** Real processes that die: vision by a photo or by force, the command line in the middle of its work. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { forkVision } from '../../main/processes/vision.ts'
import { albumenJson, startAlbumen } from '../support/commandLine.ts'
import { createEngineFixture, type EngineFixture } from '../support/engineFixture.ts'
import { writePicture, writeSmallModel } from '../support/pictures.ts'

const mortalEntry = fileURLToPath(new URL('../support/visionThatDies.ts', import.meta.url))
const mortalVision = forkVision(mortalEntry, () => {})

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
})
afterEach(() => fixture.remove())

async function pictures(count: number): Promise<void> {
  for (let seed = 0; seed < count; seed++) await fixture.picture(`${seed}.jpg`, seed)
}

describe('vision', () => {
  test('that a photo kills costs that photo only', async () => {
    await pictures(20)
    const killer = await fixture.picture('10 kills-vision.jpg', 77)
    const library = await fixture.open({ startVision: mortalVision })
    await library.index()
    expect(await library.ask('libraryStatus', {})).toMatchObject({
      classified: 20,
      quarantined: 1,
      pending: 0,
    })
    expect(await library.ask('quarantined', { offset: 0, limit: 10 })).toMatchObject([
      { path: killer, code: 'killed-vision' },
    ])
    const looksAtKiller = library.looks.filter((path) => path === killer)
    expect(looksAtKiller).toHaveLength(3)
  })

  test('that many photos kill, one after the other, still looks at the others', async () => {
    for (let seed = 0; seed < 6; seed++) await fixture.picture(`a${seed} kills-vision.jpg`, seed)
    for (let seed = 0; seed < 3; seed++) await fixture.picture(`b${seed}.jpg`, 50 + seed)
    const library = await fixture.open({ startVision: mortalVision })
    await library.index()
    expect(await library.ask('libraryStatus', {})).toMatchObject({
      classified: 3,
      quarantined: 6,
      pending: 0,
    })
    expect(library.engine.jobs().problem).toBeNull()
  })

  test('that is killed while it works loses nothing and puts nothing in quarantine', async () => {
    await pictures(90)
    const library = await fixture.open({ startVision: mortalVision })
    library.engine.indexFolder(fixture.photos)
    // The second time when all that were asked at once have been asked again.
    for (const looks of [10, 100]) {
      await expect.poll(() => library.looks.length, { interval: 2 }).toBeGreaterThan(looks)
      library.vision().kill()
    }
    await library.engine.idle()
    expect(await library.ask('libraryStatus', {})).toMatchObject({
      classified: 90,
      quarantined: 0,
      pending: 0,
    })
    expect(library.log.filter((line) => line.includes('stopped'))).toHaveLength(2)
  })

  test('that never starts blames no photo: the queue stops with a sentence', async () => {
    await pictures(3)
    const library = await fixture.open({ startVision: mortalVision, model: null })
    vi.stubEnv('ALBUMEN_TEST_VISION_NEVER_STARTS', '1')
    await library.index()
    expect(library.engine.jobs()).toMatchObject({
      quarantined: 0,
      problem: expect.stringContaining('stopped 5 times in a row'),
    })
    vi.unstubAllEnvs()
    await library.ask('resumeJobs', {})
    await library.engine.idle()
    expect(library.engine.jobs()).toMatchObject({ state: 'idle', problem: null, quarantined: 0 })
    expect((await library.detail('0.jpg')).state).toBe('ready')
  })

  test('that a model kills keeps the one before, and looks on', async () => {
    await pictures(3)
    const killer = writeSmallModel(join(fixture.root, 'models'), 'kills-vision', 2)
    const library = await fixture.open({ startVision: mortalVision })
    expect(await library.useModel(killer)).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/stopped while it loaded .*: choose another model\.$/),
    })
    await library.index()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 3, quarantined: 0 })
    expect((await library.detail('0.jpg')).tags).toHaveLength(5)
  })

  test('that a photo hangs is ended after a while, and costs that photo only', async () => {
    await pictures(3)
    const hanging = await fixture.picture('hangs-vision.jpg', 9)
    const library = await fixture.open({ startVision: mortalVision })
    // Ten fake seconds pass in each real tenth of one.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const clock = setInterval(() => vi.advanceTimersByTime(10_000), 100)
    try {
      await library.index()
    } finally {
      clearInterval(clock)
      vi.useRealTimers()
    }
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 3, quarantined: 1 })
    expect(await library.ask('quarantined', { offset: 0, limit: 10 })).toMatchObject([
      { path: hanging, code: 'killed-vision' },
    ])
  })
})

describe('a command line that is killed while it indexes', () => {
  test('goes on where it was: no finished photo is looked at again', async () => {
    const count = 150
    for (let seed = 0; seed < count; seed++) await fixture.picture(`${seed}.jpg`, seed)
    const { library, photos, model } = fixture
    const { child, finished } = startAlbumen([
      'index',
      photos,
      '--library',
      library,
      '--model',
      model,
    ])
    await expect
      .poll(() => finishedPhotos(library), { timeout: 20_000, interval: 10 })
      .not.toEqual([])
    child.kill('SIGKILL')
    expect((await finished).signal).toBe('SIGKILL')
    const before = finishedPhotos(library)
    expect(before.length).toBeLessThan(count)

    const again = await fixture.open({ model: null, startVision: mortalVision })
    await again.rescan()
    expect(again.looks).toHaveLength(count - before.length)
    expect(again.looks.filter((path) => before.includes(path))).toEqual([])
    expect(await again.ask('libraryStatus', {})).toMatchObject({
      classified: count,
      quarantined: 0,
      pending: 0,
    })
    again.close()
    const db = new Sqlite(join(library, 'library.sqlite'), { readonly: true })
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(db.pragma('foreign_key_check')).toEqual([])
    db.close()
  })

  test('leaves no vision process behind', async () => {
    for (let seed = 0; seed < 40; seed++)
      await writePicture(join(fixture.photos, `${seed}.jpg`), seed)
    writeFileSync(join(fixture.photos, 'bad.jpg'), 'bad')
    const { library, photos, model } = fixture
    const { child, finished } = startAlbumen([
      'index',
      photos,
      '--library',
      library,
      '--model',
      model,
    ])
    await expect
      .poll(() => finishedPhotos(library), { timeout: 20_000, interval: 10 })
      .not.toEqual([])
    child.kill('SIGKILL')
    // Its standard error is shared with vision: it closes when both are gone.
    await finished
    const [status] = await albumenJson<{ folders: number }>('status', '--library', library)
    expect(status?.folders).toBe(1)
  })
})

/** Paths of the photos whose predictions are stored; none while there is no library. */
function finishedPhotos(library: string): string[] {
  try {
    const db = new Sqlite(join(library, 'library.sqlite'), { readonly: true, fileMustExist: true })
    try {
      const paths = db.prepare(
        `SELECT folder.path || '/' || name FROM file JOIN folder ON folder.id = folder_id
         JOIN task USING (photo_id) WHERE task.kind = 'classify' AND task.state = 'done'`,
      )
      return paths.pluck().all() as string[]
    } finally {
      db.close()
    }
  } catch {
    return []
  }
}
