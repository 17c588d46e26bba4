/** The queue: pausing, cancelling, trying again, and models that come and go. */
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobsStatus, PhotoId } from '../../contract/domain.ts'
import { createVision } from '../../main/vision/vision.ts'
import { pytorchSample } from '../fixtures/models/samples.ts'
import { createEngineFixture, type EngineFixture } from '../support/engineFixture.ts'
import { serveInProcess } from '../support/inProcessVision.ts'
import { smallLabels, writePicture, writeSmallModel } from '../support/pictures.ts'

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
})
afterEach(() => fixture.remove())

async function pictures(count: number): Promise<void> {
  for (let seed = 0; seed < count; seed++) await fixture.picture(`${seed}.jpg`, seed)
}

describe('the queue', () => {
  test('tells its progress, and that it is idle in the end', async () => {
    await pictures(60)
    const library = await fixture.open()
    const told: JobsStatus[] = []
    library.engine.events.on('jobs', (status) => told.push(status))
    await library.index()
    await expect.poll(() => told.at(-1)?.state, { timeout: 5000 }).toBe('idle')
    expect(told.some(({ state }) => state === 'looking' || state === 'scanning')).toBe(true)
    for (const { done, total, provider, problem } of told) {
      expect(done).toBeLessThanOrEqual(total)
      expect({ provider, problem }).toEqual({ provider: 'cpu', problem: null })
    }
    expect(library.engine.jobs()).toMatchObject({ done: 0, total: 0, perSecond: 0 })
  })

  test('a pause ends what is under way, survives a restart, and ends when it is told to', async () => {
    await pictures(60)
    const first = await fixture.open()
    first.engine.indexFolder(fixture.photos)
    await expect.poll(() => first.looks.length, { interval: 2 }).toBeGreaterThan(0)
    await first.ask('pauseJobs', {})
    await first.engine.idle()
    expect(first.looks.length).toBeLessThan(60)
    expect(await first.ask('jobs', {})).toMatchObject({ state: 'paused', perSecond: 0 })
    const { classified, pending } = await first.ask('libraryStatus', {})
    expect(pending).toBeGreaterThan(0)
    expect(classified + pending).toBe(60)
    first.close()

    const second = await fixture.open()
    await second.rescan()
    expect(second.looks).toEqual([])
    expect(await second.ask('jobs', {})).toMatchObject({ state: 'paused' })
    await second.ask('resumeJobs', {})
    await second.engine.idle()
    expect(second.looks).toHaveLength(pending)
    expect(await second.ask('libraryStatus', {})).toMatchObject({ classified: 60, pending: 0 })
  })

  test('a pause takes effect at once, however long a photo takes', async () => {
    await pictures(4)
    const slow = createVision()
    const library = await fixture.open({
      startVision: async () =>
        serveInProcess({
          ...slow,
          async look(input, context) {
            await sleep(60_000, undefined, { signal: context?.signal }).catch(() => {})
            return slow.look(input, context)
          },
        }),
    })
    library.engine.indexFolder(fixture.photos)
    await expect.poll(() => library.looks.length, { interval: 2 }).toBe(4)
    const asked = performance.now()
    await library.ask('pauseJobs', {})
    await library.engine.idle()
    expect(performance.now() - asked).toBeLessThan(2000)
    expect(await library.ask('libraryStatus', {})).toMatchObject({ pending: 4, quarantined: 0 })
  })

  test('cancelling drops what waits and keeps what is finished; a rescan takes it up', async () => {
    await pictures(60)
    const library = await fixture.open()
    library.engine.indexFolder(fixture.photos)
    await expect.poll(() => library.looks.length, { interval: 2 }).toBeGreaterThan(0)
    await library.ask('cancelJobs', {})
    await library.engine.idle()
    const looked = library.looks.length
    expect(looked).toBeLessThan(60)
    const { classified, pending } = await library.ask('libraryStatus', {})
    expect(classified + pending).toBe(60)
    expect(await library.ask('jobs', {})).toMatchObject({ state: 'idle' })
    await library.rescan()
    expect(library.looks).toHaveLength(looked + pending)
    expect(new Set(library.looks).size).toBe(60)
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 60, pending: 0 })
  })

  test('cancelling ends the scans that wait for their turn too', async () => {
    await fixture.picture('one/a.jpg', 1)
    await fixture.picture('two/b.jpg', 2)
    const library = await fixture.open()
    await library.index(join(fixture.photos, 'one'))
    await library.index(join(fixture.photos, 'two'))
    await fixture.picture('two/new.jpg', 3)
    const rescan = library.rescan()
    await library.ask('cancelJobs', {})
    await rescan
    expect(library.names()).toEqual(['a.jpg', 'b.jpg'])
    await library.rescan()
    expect(library.names()).toEqual(['a.jpg', 'b.jpg', 'new.jpg'])
  })

  test('a quarantined file has a reason, and is looked at again when somebody asks', async () => {
    const bad = await fixture.picture('bad.jpg', 1)
    await fixture.picture('good.jpg', 2)
    writeFileSync(bad, 'no picture at all')
    const library = await fixture.open()
    await library.index()
    const [entry] = await library.ask('quarantined', { offset: 0, limit: 10 })
    expect(entry).toMatchObject({ path: bad, code: 'not-a-photo' })
    expect((await library.detail('bad.jpg')).reason).toBe(entry?.reason)
    expect(await library.ask('jobs', {})).toMatchObject({ quarantined: 1, state: 'idle' })
    await library.rescan()
    expect(library.looks).toHaveLength(2)

    await writePicture(bad, 1)
    await library.ask('retryQuarantined', { ids: [entry?.id as PhotoId] })
    await library.engine.idle()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ quarantined: 0, classified: 2 })
    expect(await library.detail('bad.jpg')).toMatchObject({ state: 'ready', reason: null })
  })

  test('trying all quarantined files again leaves those that are still bad where they were', async () => {
    for (const name of ['a.jpg', 'b.jpg']) writeFileSync(join(fixture.photos, name), `bad ${name}`)
    const library = await fixture.open()
    await library.index()
    await library.ask('retryQuarantined', { ids: null })
    await library.engine.idle()
    expect(library.looks).toHaveLength(4)
    expect(await library.ask('jobs', {})).toMatchObject({ state: 'idle', quarantined: 2 })
  })
})

describe('a full disk', () => {
  /** SQLite answers as it does when the disk has no room for another page. */
  const fill = ({ db }: { db: Database }) =>
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`)
  const makeRoom = ({ db }: { db: Database }) => db.pragma('max_page_count = 1000000')

  test('stops the looking with a sentence, loses nothing, and resuming goes on', async () => {
    await pictures(80)
    const library = await fixture.open()
    library.readNothing()
    await library.index()
    fill(library)
    await library.ask('resumeJobs', {})
    await library.engine.idle()
    const { problem } = await library.ask('jobs', {})
    expect(problem).toMatch(/^There is no room left for the library in .*: make room on its disk/)
    expect(await library.ask('libraryStatus', {})).toMatchObject({ photos: 80, quarantined: 0 })
    makeRoom(library)
    await library.ask('resumeJobs', {})
    await library.engine.idle()
    expect(await library.ask('jobs', {})).toMatchObject({ state: 'idle', problem: null })
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 80, pending: 0 })
  })

  test('stops a scan with a sentence, and resuming finds the rest', async () => {
    for (let seed = 0; seed < 200; seed++) {
      writeFileSync(join(fixture.photos, `${'long name '.repeat(20)}${seed}.jpg`), '')
    }
    const library = await fixture.open()
    fill(library)
    library.engine.indexFolder(fixture.photos)
    await library.engine.idle()
    expect((await library.ask('jobs', {})).problem).toMatch(
      /^There is no room left for the library in .*then press Resume/,
    )
    makeRoom(library)
    await library.ask('resumeJobs', {})
    await library.engine.idle()
    expect(await library.ask('jobs', {})).toMatchObject({ problem: null, quarantined: 200 })
  })
})

describe('models', () => {
  test('without one everything but tags works; one that arrives later classifies what was read', async () => {
    await pictures(3)
    const without = await fixture.open({ model: null })
    await without.index()
    const { state, tags, thumbnail } = await without.detail('0.jpg')
    expect({ state, tags }).toEqual({ state: 'ready', tags: [] })
    expect(thumbnail).not.toBeNull()
    const status = await without.ask('libraryStatus', {})
    expect(status).toMatchObject({ photos: 3, classified: 0, pending: 0, model: { state: 'none' } })
    expect(status.model).toHaveProperty('advice', expect.stringContaining('--model'))
    without.close()

    const withModel = await fixture.open()
    await withModel.rescan()
    expect(withModel.looks).toHaveLength(3)
    expect(await withModel.ask('libraryStatus', {})).toMatchObject({ classified: 3, pending: 0 })
    expect((await withModel.detail('0.jpg')).tags).toHaveLength(5)
  })

  test('another one looks again, and going back costs no look: each keeps its predictions', async () => {
    await pictures(4)
    const other = writeSmallModel(join(fixture.root, 'models'), 'other', 2)
    const library = await fixture.open()
    await library.index()
    const before = await library.detail('1.jpg')
    expect(await library.useModel(other)).toMatchObject({ state: 'ready', name: 'other' })
    await library.engine.idle()
    expect(library.looks).toHaveLength(8)
    const after = await library.detail('1.jpg')
    expect(after.id).toBe(before.id)
    expect(after.tags).not.toEqual(before.tags)

    await fixture.picture('new.jpg', 99)
    await library.rescan()
    await library.useModel(fixture.model)
    await library.engine.idle()
    expect((await library.detail('1.jpg')).tags).toEqual(before.tags)
    // Nobody but the other model had seen the new one.
    expect(library.looks.slice(9)).toEqual([join(fixture.photos, 'new.jpg')])
  })

  test('a change while photos are looked at mixes no predictions up', async () => {
    await pictures(40)
    const other = writeSmallModel(join(fixture.root, 'models'), 'other', 2)
    const library = await fixture.open()
    library.engine.indexFolder(fixture.photos)
    await expect.poll(() => library.looks.length, { interval: 2 }).toBeGreaterThan(0)
    await library.useModel(other)
    await library.engine.idle()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 40, quarantined: 0 })
    const tags = await Promise.all([3, 17, 39].map((seed) => library.detail(`${seed}.jpg`)))
    library.close()
    rmSync(fixture.library, { recursive: true })
    const fresh = await fixture.open({ model: other })
    await fresh.index()
    for (const [index, seed] of [3, 17, 39].entries()) {
      expect((await fresh.detail(`${seed}.jpg`)).tags).toEqual(tags[index]?.tags)
    }
  })

  test('that ran before is loaded when there is a photo to look at, and not sooner', async () => {
    await pictures(1)
    const first = await fixture.open()
    await first.index()
    first.close()
    const second = await fixture.open()
    await second.index()
    expect(() => second.vision()).toThrow('vision was not started')
    await fixture.picture('new.jpg', 99)
    await second.rescan()
    expect(second.looks).toHaveLength(1)
    expect((await second.detail('new.jpg')).tags).toHaveLength(5)
  })

  test('is remembered: the next start uses it without being told', async () => {
    await pictures(1)
    const first = await fixture.open()
    await first.index()
    first.close()
    const second = await fixture.open({ model: null })
    expect(await second.ask('libraryStatus', {})).toMatchObject({
      classified: 1,
      pending: 0,
      model: { state: 'ready', name: 'small' },
    })
  })

  test('its manifest says what it is called, its classes and from which score on they are tags', async () => {
    await pictures(1)
    const labels = smallLabels.map((_, index) => ({ name: `kind ${index}` }))
    const thresholds = labels.map(() => 1)
    const name = 'My own'
    const own = writeSmallModel(join(fixture.root, 'models'), 'own', 3, {
      name,
      labels,
      thresholds,
    })
    const library = await fixture.open({ model: own })
    await library.index()
    const { tags } = await library.detail('0.jpg')
    expect(tags[0]?.name).toMatch(/^kind \d$/)
    expect(tags.every(({ confident, wnid }) => !confident && wnid === null)).toBe(true)
    expect((await library.ask('libraryStatus', {})).model).toMatchObject({ name, classes: 8 })
  })

  test('two outputs of one name are one class', async () => {
    await pictures(2)
    const labels = smallLabels.map((_, index) => ({ name: `kind ${index % 2}` }))
    const own = writeSmallModel(join(fixture.root, 'models'), 'own', 3, { labels })
    const library = await fixture.open({ model: own })
    await library.index()
    expect(library.engine.jobs().problem).toBeNull()
    const names = (await library.detail('0.jpg')).tags.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test('one that is no ResNet is refused with the reason, unless somebody allows it', async () => {
    await pictures(1)
    const foreign = join(fixture.root, 'models', 'mobilenet.onnx')
    writeFileSync(foreign, pytorchSample('not-mobilenet-v3'))
    const labels = Array.from({ length: 10 }, (_, index) => ({
      wnid: null,
      name: `thing ${index}`,
    }))
    writeFileSync(foreign.replace('.onnx', '.json'), JSON.stringify({ labels, thresholds: 0 }))
    const library = await fixture.open()
    await library.index()
    const use = (anyArchitecture: boolean) =>
      library.ask('useModel', { model: foreign, anyArchitecture })
    await expect(use(false)).rejects.toThrow(
      /mobilenet\.onnx is not used\. This is no ResNet: \d+ of its \d+ convolutions are depthwise .* --any-architecture/,
    )
    expect((await library.ask('libraryStatus', {})).model).toMatchObject({ name: 'small' })
    expect(await use(true)).toMatchObject({ state: 'ready', name: 'mobilenet' })
    await library.engine.idle()
    expect((await library.detail('0.jpg')).tags[0]?.name).toMatch(/^thing /)
    library.close()
    // What was allowed once needs no permission at the next start.
    const again = await fixture.open({ model: null })
    expect((await again.ask('libraryStatus', {})).model).toMatchObject({ name: 'mobilenet' })
  })

  test('one that cannot be used says why, and the one before stays in use', async () => {
    await pictures(1)
    const library = await fixture.open()
    await library.index()
    const before = await library.detail('0.jpg')
    const broken = join(fixture.root, 'models', 'broken.onnx')
    copyFileSync(fixture.model, broken)
    // A manifest that promises another number of classes than the model has.
    writeFileSync(
      broken.replace('.onnx', '.json'),
      JSON.stringify({ labels: smallLabels.slice(2) }),
    )
    const failed = await library.useModel(broken)
    expect(failed).toMatchObject({ state: 'failed', reason: expect.stringContaining('labels') })
    expect((await library.detail('0.jpg')).tags).toEqual(before.tags)
    await fixture.picture('new.jpg', 9)
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 2, quarantined: 0 })
  })
})
