/** How a model is run on the CPU, in the real ONNX Runtime. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { visionModel } from '../../main/engine/tags/currentModel.ts'
import { cpuExecution } from '../../main/rpc/execution.ts'
import { type ModelSession, openSession } from '../../main/vision/session.ts'
import { loadModel } from '../../models/manifest.ts'
import { dimensionsOf, floatsOf } from '../../models/onnx/tensor.ts'
import { floatTensor } from '../../models/onnx/write.ts'
import { buildResNet } from '../../models/resnet/build.ts'
import { describeModel } from '../../models/resnet/describe.ts'
import { seededWeights } from '../../models/resnet/weights.ts'
import { putWeightsApart } from '../fixtures/models/apart.ts'
import { withStoredWeights } from '../fixtures/models/quantise.ts'
import { bytesOf, draftOf } from '../fixtures/models/restyle.ts'

const SIDE = 64
const CLASSES = 6
const COUNT = 2
let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'albumen-session-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const built = () =>
  buildResNet({ depth: 18, variant: 'v1', classes: CLASSES, seed: 5, width: 16, inputSize: SIDE })

const photos = seededWeights(
  3,
  1,
)({
  name: 'photos',
  dims: [COUNT, 3, SIDE, SIDE],
  role: 'classifier-weight',
}) as Float32Array

async function open(name: string, bytes: Uint8Array): Promise<ModelSession> {
  const file = join(directory, `${name}.onnx`)
  writeFileSync(file, bytes)
  const labels = Array.from({ length: CLASSES }, (_, index) => ({ name: `class ${index}` }))
  writeFileSync(file.replace('.onnx', '.json'), JSON.stringify({ labels }))
  return openSession(visionModel(await load(name)), cpuExecution)
}

const load = (name: string) => loadModel(join(directory, `${name}.onnx`), { imagenetLabels: [] })

/** The same with every convolution's weights times `factor`. */
function scaled(bytes: Uint8Array, factor: number): Uint8Array {
  const draft = draftOf(bytes)
  const weights = draft.nodes.filter(({ op_type }) => op_type === 'Conv')
  for (const name of weights.map(({ input }) => input?.[1] ?? '')) {
    const tensor = draft.tensors.get(name) ?? {}
    const values = floatsOf(tensor).map((value) => value * factor)
    draft.tensors.set(name, floatTensor(name, dimensionsOf(tensor), values))
  }
  return bytesOf(draft)
}

async function milliseconds(session: ModelSession): Promise<number> {
  const started = performance.now()
  await session.run(photos, COUNT)
  return performance.now() - started
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

test('weights that are next to nothing take no longer than others', async () => {
  const [usual, tiny] = await Promise.all([
    open('usual', built()),
    // Denormal float32 begins below 1.2e-38.
    open('tiny', scaled(built(), 1e-39)),
  ])
  const times = { usual: [] as number[], tiny: [] as number[] }
  for (let round = 0; round < 9; round++) {
    times.usual.push(await milliseconds(usual))
    times.tiny.push(await milliseconds(tiny))
  }
  expect(median(times.tiny) / median(times.usual)).toBeLessThan(3)
  await Promise.all([usual.release(), tiny.release()])
})

test('weights that are stored as integers give what ONNX Runtime gives in its usual way', async () => {
  const bytes = withStoredWeights(built())
  expect(describeModel(bytes)).toMatchObject({ resnet: true, quantised: 'weights' })
  const session = await open('stored', bytes)
  const { classes: found } = await session.run(photos, COUNT)
  const usual = await InferenceSession.create(bytes)
  const input = new Tensor('float32', photos, [COUNT, 3, SIDE, SIDE])
  const { logits } = await usual.run({ input })
  const expected = logits?.data as Float32Array
  expect(found).toHaveLength(COUNT * CLASSES)
  expect(new Set(found).size).toBeGreaterThan(CLASSES)
  for (const [index, value] of found.entries()) expect(value).toBeCloseTo(expected[index] ?? 0, 4)
  await Promise.all([session.release(), usual.release()])
})

test('a model with weights in another file runs without a look inside; other weights are another model', async () => {
  const draft = draftOf(built())
  const { name, weights } = putWeightsApart(draft, join(directory, 'apart.bin'))
  const apart = await open('apart', bytesOf(draft))
  const whole = await open('whole', built())
  expect(apart.inside).toBeNull()
  const [answers, asWhole] = [await apart.run(photos, COUNT), await whole.run(photos, COUNT)]
  expect(answers).toEqual({ ...asWhole, features: null })
  expect(asWhole.features).toHaveLength(COUNT * 128)
  const sha256 = async () => (await load('apart')).manifest.sha256
  const before = await sha256()
  expect(await sha256()).toBe(before)
  writeFileSync(join(directory, 'apart.bin'), weights.toReversed())
  expect(await sha256()).not.toBe(before)
  rmSync(join(directory, 'apart.bin'))
  await expect(sha256()).rejects.toThrow(/put that beside it/)
  const hostile = { ...draft.tensors.get(name), name }
  hostile.external_data = [{ key: 'location', value: '../../../../../../dev/zero' }]
  draft.tensors.set(name, hostile)
  await expect(open('apart', bytesOf(draft))).rejects.toThrow(/outside of the model/)
})
