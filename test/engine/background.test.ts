/** The background mode: one photo after the other, low priority, nothing on battery. */
import { getPriority } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { processEntry } from '../../main/processes/entries.ts'
import { forkVision } from '../../main/processes/vision.ts'
import { createVision, type Vision } from '../../main/vision/vision.ts'
import { createEngineFixture, type EngineFixture } from '../support/engineFixture.ts'
import { serveInProcess } from '../support/inProcessVision.ts'
import { childrenOf } from '../support/processes.ts'

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
})
afterEach(() => fixture.remove())

async function pictures(from: number, count: number): Promise<void> {
  for (let seed = from; seed < from + count; seed++) await fixture.picture(`${seed}.jpg`, seed)
}

test('on battery nothing is looked at, and everything when mains power is back', async () => {
  await pictures(0, 5)
  const library = await fixture.open()
  await library.ask('changeSettings', { background: true })
  library.engine.hostHandlers.power({ onBattery: true } as never)
  await library.index()
  expect(library.looks).toEqual([])
  expect(await library.ask('jobs', {})).toMatchObject({ state: 'waiting', problem: null })
  // Only the background mode minds.
  await library.ask('changeSettings', { background: false })
  await library.engine.idle()
  expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 5 })
  await library.ask('changeSettings', { background: true })
  await pictures(5, 3)
  await library.rescan()
  expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 5, pending: 0 })
  library.engine.hostHandlers.power({ onBattery: false } as never)
  await library.engine.idle()
  expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 8, pending: 0 })
})

test('is remembered, and photos are looked at one after the other', async () => {
  await pictures(0, 12)
  const first = await fixture.open()
  await first.ask('changeSettings', { background: true })
  first.close()
  const real = createVision()
  let [underWay, most] = [0, 0]
  const look: Vision['look'] = async (...asked) => {
    most = Math.max(most, ++underWay)
    return real.look(...asked).finally(() => underWay--)
  }
  const library = await fixture.open({ startVision: async () => serveInProcess({ ...real, look }) })
  expect(await library.ask('settings', {})).toMatchObject({ background: true })
  await library.index()
  expect(most).toBe(1)
  expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 12 })
  expect(await library.ask('acceleration', {})).toMatchObject({ provider: 'cpu', batchSize: 1 })
})

test.skipIf(process.platform === 'win32')(
  'has a process of low priority, and one of usual priority afterwards',
  async () => {
    await pictures(0, 2)
    const startVision = forkVision(processEntry('vision'), null)
    const library = await fixture.open({ startVision })
    const priorities = () =>
      childrenOf(process.pid, 'vision/process').map((pid) => getPriority(pid))
    await library.index()
    const usual = getPriority()
    expect(priorities()).toEqual([usual])
    await library.ask('changeSettings', { background: true })
    expect(priorities()).toEqual([19])
    await library.ask('changeSettings', { background: false })
    await fixture.picture('new.jpg', 9)
    await library.rescan()
    expect(priorities()).toEqual([usual])
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 3, quarantined: 0 })
  },
)
