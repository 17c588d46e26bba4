/** What becomes of photos when a provider fails while it runs: a driver reset, no memory. */
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { cpuExecution, type Execution } from '../../main/rpc/execution.ts'
import type { Retreat, VisionModel } from '../../main/rpc/visionCommands.ts'
import { createClassifier } from '../../main/vision/classifier.ts'
import type { Pixels } from '../../main/vision/decode.ts'
import type { OpenSession } from '../../main/vision/session.ts'

const side = 8
const model: VisionModel = {
  file: 'model.onnx',
  inputName: 'data',
  outputName: 'logits',
  inputSize: side,
  resize: side,
  channels: 'rgb',
  mean: [0, 0, 0],
  std: [1, 1, 1],
  outputKind: 'logits',
  temperature: 1,
}

/** All of one grey, by which its photo is known. */
const square = (grey: number): Pixels => ({
  data: Buffer.alloc(side * side * 3, grey),
  width: side,
  height: side,
})

/**
 * ONNX Runtime, as it behaves with a card that `fits` so many photos: the edge of the system. Its
 * model says of a photo its grey.
 */
function runtime(
  fits: (provider: string) => number,
  fixedBatch: number | null = null,
  photoMs = 0,
) {
  const runs: string[] = []
  const open: OpenSession = async (_model, { provider }) => ({
    fixedBatch,
    async run(input, count) {
      runs.push(`${provider} ${count}`)
      if (count > fits(provider)) throw new Error('out of memory')
      if (photoMs > 0) await setTimeout(count * photoMs)
      const logits = new Float32Array(count * 256)
      for (let at = 0; at < count; at++) {
        const grey = Math.round((input[at * side * side * 3] as number) * 255)
        logits[at * 256 + grey] = 20
      }
      return { classes: logits, features: null }
    },
    inside: null,
    release: async () => {},
  })
  return { open, runs }
}

async function classify(
  { open }: ReturnType<typeof runtime>,
  execution: Partial<Execution>,
  count: number,
) {
  const retreats: Retreat[] = []
  const classifier = await createClassifier({
    model,
    execution: { ...cpuExecution, provider: 'webgpu', batchSize: 16, ...execution },
    onRetreat: (retreat) => retreats.push(retreat),
    open,
  })
  const greys = Array.from({ length: count }, (_, index) => index)
  const waiting = greys.map((grey) => classifier.classify(square(grey)))
  classifier.flush()
  const found = await Promise.allSettled(waiting)
  return { found, retreats, classifier }
}

const answers = (count: number) =>
  Array.from({ length: count }, (_, grey) =>
    expect.objectContaining({
      status: 'fulfilled',
      value: {
        predictions: expect.arrayContaining([{ index: grey, score: expect.closeTo(1, 5) }]),
        features: null,
      },
    }),
  )

test('too little memory halves the batch until it fits; every photo gets its own answer', async () => {
  const card = runtime(() => 5)
  const { found, retreats, classifier } = await classify(card, {}, 50)
  expect(found).toEqual(answers(50))
  expect(retreats).toEqual([
    { provider: 'webgpu', batchSize: 8, reason: 'out of memory' },
    { provider: 'webgpu', batchSize: 4, reason: 'out of memory' },
  ])
  expect(classifier.provider()).toBe('webgpu')
  expect(card.runs.slice(0, 3)).toEqual(['webgpu 16', 'webgpu 8', 'webgpu 4'])
})

test('a provider that fails altogether gives way to the CPU, and no photo is lost', async () => {
  const card = runtime((provider) => (provider === 'cpu' ? 64 : 0))
  const { found, retreats, classifier } = await classify(card, {}, 21)
  expect(found).toEqual(answers(21))
  expect(retreats.at(-1)).toEqual({ provider: 'cpu', batchSize: 16, reason: 'out of memory' })
  expect(classifier.provider()).toBe('cpu')
})

test('a provider that fails after a while keeps what it answered before', async () => {
  let left = 3
  const card = runtime((provider) => (provider === 'cpu' || left-- > 0 ? 64 : 0))
  const { found, classifier } = await classify(card, {}, 64)
  expect(found).toEqual(answers(64))
  expect(classifier.provider()).toBe('cpu')
  expect(card.runs.filter((run) => run === 'webgpu 16')).toHaveLength(4)
})

test('a model of one batch size goes to the CPU at once', async () => {
  const card = runtime((provider) => (provider === 'cpu' ? 64 : 0), 2)
  const { found, retreats } = await classify(card, {}, 3)
  expect(found).toEqual(answers(3))
  expect(retreats).toEqual([{ provider: 'cpu', batchSize: 2, reason: 'out of memory' }])
})

test('on the CPU, one photo at a time that fails is the model’s fault, not the photo’s', async () => {
  const { found, retreats } = await classify(
    runtime(() => 0),
    { provider: 'cpu', batchSize: 4 },
    2,
  )
  expect(found).toEqual([
    expect.objectContaining({ reason: expect.objectContaining({ code: 'model-unusable' }) }),
    expect.objectContaining({ reason: expect.objectContaining({ code: 'model-unusable' }) }),
  ])
  expect(retreats.map(({ batchSize }) => batchSize)).toEqual([2, 1])
})

test('a graphics card always gets full batches: it prepares itself anew for every other size', async () => {
  const card = runtime(() => 64)
  await classify(card, { batchSize: 8 }, 11)
  expect(card.runs).toEqual(['webgpu 8', 'webgpu 8'])
})

test.each([
  { model: 'a quick one', photoMs: 0, runs: ['cpu 4', 'cpu 16', 'cpu 1'] },
  { model: 'a slow one', photoMs: 150, runs: ['cpu 4', 'cpu 2', 'cpu 2', 'cpu 1'] },
])('on the CPU, a run of $model takes half a second at most', async ({ photoMs, runs }) => {
  const processor = runtime(() => 64, null, photoMs)
  const photos = runs.reduce((sum, run) => sum + Number(run.split(' ')[1]), 0)
  const { found } = await classify(processor, { provider: 'cpu' }, photos)
  expect(found).toEqual(answers(photos))
  expect(processor.runs).toEqual(runs)
})
