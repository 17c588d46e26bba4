/** How the engine chooses what runs the model, keeps to it, and retreats. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Acceleration, GraphicsCard } from '../../contract/domain.ts'
import type { StartVision } from '../../main/engine/jobs/visionSupervisor.ts'
import type { Provider } from '../../main/rpc/execution.ts'
import { createVision, type Vision } from '../../main/vision/vision.ts'
import { buildResNet } from '../../models/resnet/build.ts'
import { asQdq } from '../fixtures/models/quantise.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
  type OpenOptions,
} from '../support/engineFixture.ts'
import { serveInProcess } from '../support/inProcessVision.ts'
import { smallLabels } from '../support/pictures.ts'

/** A graphics card, which is the edge of the system: what it runs, the CPU runs for it. */
interface Card {
  /** Photos a second that it claims. */
  photosPerSecond: number
  /** Added to what it answers. */
  error?: number
  /** How often it ends the process that looks; never while it is tried. */
  breaks?: number
  /** Whether its driver ends the process that tries it. */
  breaksTrying?: boolean
}

function machineWith(cards: Partial<Record<Provider, Card>>) {
  const loads: string[] = []
  const tried: string[] = []
  let breaks = 0
  const start =
    (looking: boolean): StartVision =>
    async () => {
      const real = createVision()
      let provider: Provider = 'cpu'
      const vision: Vision = {
        ...real,
        async libraries() {
          const names = Object.keys(cards).map((name) => ({ name, bundled: true }))
          return { ...(await real.libraries()), providers: names }
        },
        async loadModel(input) {
          const report = await real.loadModel({
            ...input,
            execution: { ...input.execution, provider: 'cpu' },
          })
          ;({ provider } = input.execution)
          if (input.model) loads.push(provider)
          return report && { ...report, provider, batchSize: input.execution.batchSize }
        },
        async look(input) {
          const card = cards[provider]
          if (looking && card?.breaks && breaks < card.breaks) {
            breaks++
            process.channel.close()
          }
          return real.look(input)
        },
        async openProbe(input) {
          tried.push(input.provider)
          ;({ provider } = input)
          const card = cards[provider]
          if (card?.breaksTrying) process.channel.close()
          const report = await real.openProbe({ ...input, provider: 'cpu' })
          const scores = report.scores.map((row) => row.map((score) => score + (card?.error ?? 0)))
          return { ...report, scores }
        },
        async timeProbe(input) {
          const card = cards[provider]
          return card ? 1000 / card.photosPerSecond : real.timeProbe(input)
        },
      }
      const process = serveInProcess(vision)
      return process
    }
  const candidates = Object.keys(cards).filter((name) => name !== 'cpu') as 'webgpu'[]
  const options = (graphics: GraphicsCard[] = []): OpenOptions => ({
    startVision: start(true),
    startProbe: start(false),
    machine: { candidates, graphics: async () => graphics },
  })
  return { options, loads, tried }
}

const fast: Card = { photosPerSecond: 1e9 }

describe('what runs the model', () => {
  let fixture: EngineFixture
  beforeEach(async () => {
    fixture = createEngineFixture()
    for (let seed = 0; seed < 12; seed++) await fixture.picture(`${seed}.jpg`, seed)
  })
  afterEach(() => fixture.remove())

  const measured = (library: OpenEngine): Promise<Acceleration> =>
    vi.waitFor(
      async () => {
        const acceleration = await library.ask('acceleration', {})
        expect(acceleration.state).toBe('measured')
        return acceleration
      },
      { timeout: 10_000 },
    )

  test('is the CPU first, then the fastest that agrees with it', async () => {
    const { options, loads } = machineWith({
      cuda: { photosPerSecond: 2e9, error: 0.05 },
      webgpu: fast,
      coreml: { photosPerSecond: 1 },
    })
    const library = await fixture.open(options())
    await library.index()
    const acceleration = await measured(library)
    expect(acceleration).toMatchObject({ provider: 'webgpu', batchSize: 1, retreat: null })
    expect(acceleration.candidates.map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['cpu', 'slower'],
      ['cuda', 'disagrees'],
      ['webgpu', 'chosen'],
      ['coreml', 'slower'],
    ])
    expect(loads).toEqual(['cpu', 'webgpu'])
    expect(await library.ask('libraryStatus', {})).toMatchObject({
      model: { state: 'ready', provider: 'webgpu' },
      classified: 12,
    })
    await fixture.picture('new.jpg', 99)
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 13, quarantined: 0 })
  })

  test('is not measured where nothing needs to be looked at', async () => {
    const { options, tried } = machineWith({ webgpu: fast })
    const library = await fixture.open(options())
    await library.engine.idle()
    expect(await library.ask('acceleration', {})).toMatchObject({ state: 'not-measured' })
    expect(tried).toEqual([])
  })

  test('is not measured while Albumen is paused, nor in the background, but after that', async () => {
    const hanging = machineWith({ webgpu: fast })
    const options = hanging.options()
    const { startProbe } = options
    let hangs = true
    const probe = { asked: 0, ended: false }
    options.startProbe = async () => {
      const started = await (startProbe as StartVision)()
      const close = () => {
        probe.ended = true
        started.channel.close()
      }
      // A card that takes its time.
      const send: typeof started.channel.send = (message) => {
        probe.asked++
        if (!hangs) started.channel.send(message)
      }
      return { ...started, channel: { ...started.channel, send, close } }
    }
    const library = await fixture.open(options)
    const state = async () => (await library.ask('acceleration', {})).state
    void library.index()
    await vi.waitFor(() => expect(probe.asked).toBe(1), { timeout: 10_000 })
    expect(await state()).toBe('measuring')
    await library.ask('pauseJobs', {})
    await vi.waitFor(async () => expect(await state()).toBe('not-measured'))
    expect(probe.ended).toBe(true)
    hangs = false
    await library.ask('changeSettings', { background: true })
    await library.ask('resumeJobs', {})
    await fixture.picture('new.jpg', 99)
    await library.rescan()
    expect(await state()).toBe('not-measured')
    await library.ask('changeSettings', { background: false })
    await fixture.picture('newer.jpg', 98)
    await library.rescan()
    expect(await measured(library)).toMatchObject({ provider: 'webgpu' })
  })

  test('is kept for the next start, until the driver is another', async () => {
    const { options, loads, tried } = machineWith({ webgpu: fast })
    const card = (driver: string) => options([{ name: 'A card', driver }])
    const first = await fixture.open(card('1.0'))
    await first.index()
    await measured(first)
    first.close()
    tried.length = loads.length = 0

    const second = await fixture.open(card('1.0'))
    expect(await second.ask('acceleration', {})).toMatchObject({
      state: 'measured',
      provider: 'webgpu',
    })
    await fixture.picture('new.jpg', 98)
    await second.rescan()
    second.close()
    expect({ loads, tried }).toEqual({ loads: ['webgpu'], tried: [] })

    const third = await fixture.open(card('1.1'))
    await fixture.picture('newer.jpg', 97)
    await third.rescan()
    await vi.waitFor(() => expect(tried).toEqual(['webgpu', 'cpu']))
    const acceleration = await measured(third)
    expect(acceleration.graphics).toEqual([{ name: 'A card', driver: '1.1' }])
  })

  test('a driver that ends the process which tries it costs nothing but its chance', async () => {
    const { options } = machineWith({ cuda: { ...fast, breaksTrying: true }, webgpu: fast })
    const library = await fixture.open(options())
    await library.index()
    const { candidates, provider } = await measured(library)
    expect(candidates[1]).toMatchObject({
      provider: 'cuda',
      outcome: 'failed',
      reason: 'It ended the process that tried it.',
    })
    expect(provider).toBe('webgpu')
    expect(library.log.join('\n')).not.toContain('stopped')
  })

  test('a card that breaks while it works gives way to the CPU, says so, and no photo pays', async () => {
    const { options, loads } = machineWith({ webgpu: { ...fast, breaks: 1000 } })
    const library = await fixture.open(options())
    await library.index()
    await measured(library)
    for (let seed = 100; seed < 130; seed++) await fixture.picture(`${seed}.jpg`, seed)
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({
      classified: 42,
      quarantined: 0,
      model: { provider: 'cpu' },
    })
    expect(loads.at(-1)).toBe('cpu')
    expect((await library.ask('acceleration', {})).retreat).toBe(
      'It runs on cpu, 16 photos at a time, since this happened: with webgpu, the part of Albumen that looks at photos stopped 2 times in a row.',
    )
  })

  test('can be measured again when a person wants it', async () => {
    const { options, tried } = machineWith({ webgpu: fast })
    const library = await fixture.open(options())
    await library.index()
    await measured(library)
    tried.length = 0
    expect(await library.ask('measureAcceleration', {})).toMatchObject({ state: 'measured' })
    expect(tried).toEqual(['webgpu', 'cpu'])
  })
})

describe('the int8 variant of a model', () => {
  let fixture: EngineFixture
  beforeEach(async () => {
    fixture = createEngineFixture()
    for (let seed = 0; seed < 6; seed++) await fixture.picture(`${seed}.jpg`, seed)
    const classes = smallLabels.length
    const bytes = buildResNet({
      depth: 18,
      variant: 'v1',
      classes,
      seed: 1,
      width: 8,
      inputSize: 64,
    })
    writeFileSync(join(fixture.root, 'models', 'pair.onnx'), bytes)
    writeFileSync(join(fixture.root, 'models', 'pair-int8.onnx'), asQdq(bytes))
    for (const name of ['pair', 'pair-int8']) {
      const manifest = JSON.stringify({ labels: smallLabels })
      writeFileSync(join(fixture.root, 'models', `${name}.json`), manifest)
    }
  })
  afterEach(() => fixture.remove())

  /** Claims that int8 is so many times as fast as the model itself. */
  function machine(faster: number): OpenOptions {
    return {
      startProbe: async () => {
        const real = createVision()
        let speed = 1000
        return serveInProcess({
          ...real,
          openProbe(input) {
            if (input.model.file.includes('int8')) speed = 1000 * faster
            return real.openProbe(input)
          },
          timeProbe: async () => 1000 / speed,
        })
      },
    }
  }
  const modelOf = async (library: OpenEngine) => (await library.ask('libraryStatus', {})).model

  test('takes its place where it is faster and a person allows it, and leaves it again', async () => {
    const library = await fixture.open(machine(2))
    await library.useModel(join(fixture.root, 'models', 'pair.onnx'))
    await library.index()
    expect(await modelOf(library)).toMatchObject({ id: 'pair' })
    await library.ask('changeSettings', { allowInt8: true })
    await vi.waitFor(
      async () => expect(await modelOf(library)).toMatchObject({ id: 'pair-int8' }),
      5000,
    )
    const { candidates } = await library.ask('acceleration', {})
    expect(candidates.map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['cpu', 'slower'],
      ['cpu int8', 'chosen'],
    ])
    await library.engine.idle()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 6, quarantined: 0 })
    library.close()

    const again = await fixture.open({ ...machine(2), model: null })
    expect(await modelOf(again)).toMatchObject({ id: 'pair-int8' })
    await again.ask('changeSettings', { allowInt8: false })
    await vi.waitFor(async () => expect(await modelOf(again)).toMatchObject({ id: 'pair' }), 5000)
  })

  const tried = async (library: OpenEngine) => {
    await library.ask('changeSettings', { allowInt8: true })
    await library.index()
    const { candidates } = await library.ask('measureAcceleration', {})
    return candidates.find(({ provider }) => provider === 'cpu int8')
  }
  const pair = () => join(fixture.root, 'models', 'pair.onnx')
  const int8 = (ending: string) => join(fixture.root, 'models', `pair-int8${ending}`)

  test('needs no manifest of its own', async () => {
    rmSync(int8('.json'))
    const library = await fixture.open(machine(2))
    await library.useModel(pair())
    expect(await tried(library)).toMatchObject({ outcome: 'chosen' })
    expect(await modelOf(library)).toMatchObject({ id: 'pair-int8' })
  })

  test.each([
    ['is damaged', () => writeFileSync(int8('.onnx'), 'half'), /is no ONNX model/],
    [
      'means other classes',
      () => writeFileSync(int8('.json'), JSON.stringify({ labels: smallLabels.toReversed() })),
      /it is not its int8 variant/,
    ],
  ])('that %s costs nothing but its chance', async (_, damage, reason) => {
    damage()
    const library = await fixture.open(machine(2))
    await library.useModel(pair())
    expect(await tried(library)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(reason),
    })
    expect(await modelOf(library)).toMatchObject({ id: 'pair' })
  })

  test('that is damaged later leaves its place to the model', async () => {
    const library = await fixture.open(machine(2))
    await library.useModel(pair())
    await tried(library)
    library.close()
    writeFileSync(int8('.onnx'), 'half')
    const again = await fixture.open({ ...machine(2), model: null })
    expect(await modelOf(again)).toMatchObject({ id: 'pair', state: 'ready' })
  })

  test('is another network that says other things: then it is not chosen', async () => {
    const options = { depth: 18, variant: 'v1', classes: smallLabels.length, width: 8 } as const
    const other = buildResNet({ ...options, seed: 99, inputSize: 64 })
    writeFileSync(int8('.onnx'), asQdq(other))
    const library = await fixture.open(machine(2))
    await library.useModel(pair())
    expect(await tried(library)).toMatchObject({ outcome: 'disagrees' })
  })

  test('is tried as soon as it is there', async () => {
    renameSync(int8('.onnx'), int8('.away'))
    const library = await fixture.open(machine(2))
    await library.useModel(pair())
    expect(await tried(library)).toBeUndefined()
    renameSync(int8('.away'), int8('.onnx'))
    await library.useModel(pair())
    await fixture.picture('new.jpg', 99)
    await library.rescan()
    await vi.waitFor(
      async () => expect(await modelOf(library)).toMatchObject({ id: 'pair-int8' }),
      5000,
    )
  })

  test('stays aside where it is slower', async () => {
    const library = await fixture.open(machine(0.5))
    await library.useModel(join(fixture.root, 'models', 'pair.onnx'))
    await library.ask('changeSettings', { allowInt8: true })
    await vi.waitFor(async () =>
      expect(await library.ask('acceleration', {})).toMatchObject({
        state: 'measured',
        candidates: [{ outcome: 'chosen' }, { provider: 'cpu int8', outcome: 'slower' }],
      }),
    )
    expect(await modelOf(library)).toMatchObject({ id: 'pair' })
  })
})
