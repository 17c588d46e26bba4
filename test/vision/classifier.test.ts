/** From squares of pixels to classes, in the real ONNX Runtime. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visionModel } from '../../main/engine/tags/currentModel.ts'
import { cpuExecution } from '../../main/rpc/execution.ts'
import type { VisionModel } from '../../main/rpc/visionCommands.ts'
import { type Classifier, createClassifier } from '../../main/vision/classifier.ts'
import type { Pixels } from '../../main/vision/decode.ts'
import { fillPlanes, normalisationTables } from '../../main/vision/scores.ts'
import { unpackFeatures } from '../../models/features.ts'
import { loadModel } from '../../models/manifest.ts'
import { type ModelProto, modelProto } from '../../models/onnx/schema.ts'
import { encodeModel, floatValue } from '../../models/onnx/write.ts'
import { buildResNet } from '../../models/resnet/build.ts'
import { exposeFeatures } from '../../models/resnet/expose.ts'
import { asCaffe2 } from '../fixtures/models/restyle.ts'

const SIDE = 32
const CLASSES = 6
let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'albumen-classifier-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const built = () =>
  buildResNet({ family: 'cifar', depth: 8, variant: 'v1', classes: CLASSES, seed: 5, width: 8 })

async function open(name: string, bytes: Uint8Array, manifest: object = {}): Promise<Classifier> {
  const file = join(directory, `${name}.onnx`)
  writeFileSync(file, bytes)
  const labels = Array.from({ length: CLASSES }, (_, index) => ({ name: `class ${index}` }))
  writeFileSync(file.replace('.onnx', '.json'), JSON.stringify({ labels, ...manifest }))
  return onCpu(visionModel(await loadModel(file, { imagenetLabels: [] })))
}

const onCpu = (model: VisionModel): Promise<Classifier> =>
  createClassifier({ model, execution: cpuExecution, onRetreat: () => {} })

/** Stripes whose width and colour depend on `seed`. */
function square(seed: number): Pixels {
  const data = Buffer.alloc(SIDE * SIDE * 3)
  for (let at = 0; at < data.length; at++) data[at] = (at * (seed + 3)) % 251
  return { data, width: SIDE, height: SIDE }
}

/** The same model, but it takes `batch` photos at once and no other number. */
function withFixedBatch(bytes: Uint8Array, batch: number): Uint8Array {
  const model = modelProto.decode(bytes) as ModelProto
  return encodeModel({
    ...model,
    graph: {
      ...model.graph,
      input: [floatValue('input', [batch, 3, SIDE, SIDE])],
      output: [floatValue('logits', [batch, CLASSES])],
    },
  })
}

/** What several photos that are asked for at once are classified as. */
async function classifiedAll(classifier: Classifier, seeds: number[]) {
  const waiting = seeds.map((seed) => classifier.classify(square(seed)))
  classifier.flush()
  return Promise.all(waiting)
}

const classifyAll = async (...asked: Parameters<typeof classifiedAll>) =>
  (await classifiedAll(...asked)).map(({ predictions }) => predictions)

describe('a classifier', () => {
  test('says the same of a photo whatever photos share its batch', async () => {
    const classifier = await open('open', built())
    const seeds = [0, 1, 2, 3, 4, 5, 6]
    const together = await classifyAll(classifier, seeds)
    for (const [index, seed] of seeds.entries()) {
      const [alone = []] = await classifyAll(classifier, [seed])
      const shared = together[index] ?? []
      expect(shared.map(({ index }) => index)).toEqual(alone.map(({ index }) => index))
      for (const [at, { score }] of alone.entries()) expect(shared[at]?.score).toBeCloseTo(score, 5)
    }
    const kinds = new Set(together.map((predictions) => JSON.stringify(predictions)))
    expect(kinds.size).toBe(seeds.length)
    await classifier.close()
  })

  test.each([1, 3])(
    'runs a model that takes %d photos at once and no other number',
    async (batch) => {
      const reference = await open('reference', built())
      const classifier = await open(`fixed-${batch}`, withFixedBatch(built(), batch))
      expect(classifier.batchSize()).toBe(batch)
      const seeds = [7, 8, 9, 10]
      const expected = await classifyAll(reference, seeds)
      for (const [at, predictions] of (await classifyAll(classifier, seeds)).entries()) {
        expect(predictions.map(({ index }) => index)).toEqual(
          expected[at]?.map(({ index }) => index),
        )
      }
      await Promise.all([classifier.close(), reference.close()])
    },
  )

  test('runs a model of Caffe2, which fixes the number of photos at its output alone', async () => {
    const shape = { depth: 18, variant: 'v1', width: 8, inputSize: SIDE } as const
    const bytes = buildResNet({ ...shape, classes: CLASSES, seed: 5 })
    const reference = await open('open-18', bytes)
    const classifier = await open('caffe2', asCaffe2(bytes, { maps: 1, features: 64 }))
    expect(classifier.batchSize()).toBe(1)
    const seeds = [7, 8, 9, 10]
    const expected = await classifyAll(reference, seeds)
    const found = await classifyAll(classifier, seeds)
    expect(found.map(([best]) => best?.index)).toEqual(expected.map(([best]) => best?.index))
    await Promise.all([classifier.close(), reference.close()])
  })

  test.each([
    ['any number of photos', 1, built],
    ['three photos', 3, () => withFixedBatch(built(), 3)],
  ])(
    'keeps the features that a model pools of %s, in a quarter of the bytes',
    async (_how, batch, bytes) => {
      const classifier = await open(`features-${batch}`, bytes())
      const seeds = [1, 2, 3, 4]
      const exposed = exposeFeatures(built())
      const session = await InferenceSession.create(exposed.bytes)
      const tables = normalisationTables(classifier.model)
      for (const [at, { features }] of (await classifiedAll(classifier, seeds)).entries()) {
        const input = new Float32Array(3 * SIDE * SIDE)
        fillPlanes(input, square(seeds[at] ?? 0).data, tables, 'rgb')
        const feeds = { [exposed.inputName]: new Tensor('float32', input, [1, 3, SIDE, SIDE]) }
        const pooled = (await session.run(feeds))[exposed.featuresName]?.data as Float32Array
        expect(features).toHaveLength(8 + exposed.featureCount)
        const found = unpackFeatures(features ?? new Uint8Array(8))
        const step = (Math.max(...pooled) - Math.min(...pooled)) / 255
        expect(step).toBeGreaterThan(0)
        for (const [index, feature] of pooled.entries()) {
          expect(Math.abs((found[index] ?? 0) - feature)).toBeLessThanOrEqual(0.51 * step)
        }
      }
      await Promise.all([classifier.close(), session.release()])
    },
  )

  test('gives blue first to a model that was trained so', async () => {
    // The same mean and deviation for every colour, so that swapped photos are swapped inputs.
    const grey = { mean: [0.4, 0.4, 0.4], std: [0.2, 0.2, 0.2] }
    const bgr = await open('bgr', built(), { channels: 'bgr', ...grey })
    const rgb = await open('rgb', built(), grey)
    const seen = square(5)
    const swapped = { ...seen, data: Buffer.from(seen.data) }
    for (let at = 0; at < seen.data.length; at += 3) {
      swapped.data[at] = seen.data[at + 2] ?? 0
      swapped.data[at + 2] = seen.data[at] ?? 0
    }
    const ask = (classifier: Classifier, pixels: Pixels) => {
      const waiting = classifier.classify(pixels)
      classifier.flush()
      return waiting
    }
    expect(await ask(bgr, seen)).toEqual(await ask(rgb, swapped))
    expect(await ask(bgr, seen)).not.toEqual(await ask(rgb, seen))
    await Promise.all([bgr.close(), rgb.close()])
  })

  test('divides logits by the temperature, so that scores come closer to each other', async () => {
    const sharp = await open('sharp', built())
    const soft = await open('soft', built(), { temperature: 4 })
    const [[[first] = []], [[softFirst] = []]] = await Promise.all([
      classifyAll(sharp, [1]),
      classifyAll(soft, [1]),
    ])
    expect(softFirst?.index).toBe(first?.index)
    expect(softFirst?.score).toBeLessThan(first?.score ?? 0)
    await Promise.all([sharp.close(), soft.close()])
  })

  test('blames the model, not the photo, when it cannot be run', async () => {
    const model = visionModel(
      await loadModel(join(directory, 'reference.onnx'), { imagenetLabels: [] }),
    )
    await expect(onCpu({ ...model, file: join(directory, 'gone.onnx') })).rejects.toMatchObject({
      code: 'model-unusable',
      message: expect.stringContaining('choose another model'),
    })
    // Squares of another size than the model takes: whatever the photo, it fails.
    const wrong = await onCpu({ ...model, inputSize: SIDE / 2 })
    const waiting = wrong.classify({ data: Buffer.alloc(16 * 16 * 3), width: 16, height: 16 })
    wrong.flush()
    await expect(waiting).rejects.toMatchObject({ code: 'model-unusable' })
    await wrong.close()
  })
})
