import { InferenceSession, type InferenceSession as Session, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../contract/errors.ts'
import { readGraph } from '../../models/onnx/graph.ts'
import { interfaceOf } from '../../models/onnx/interface.ts'
import { nodeProto } from '../../models/onnx/write.ts'
import { buildResNet } from '../../models/resnet/build.ts'
import { exposeFeatures } from '../../models/resnet/expose.ts'
import { seededWeights } from '../../models/resnet/weights.ts'
import { bytesOf, draftOf } from '../fixtures/models/restyle.ts'
import { pytorchSample, pytorchSamples, restyled, sharedModel } from '../fixtures/models/samples.ts'

/** Real quantised graphs have real scales; the made ones of quantise.ts round by 0.05. */
const coarse = 0.06
const exact = 1e-4

const shared = ['resnet18-imagenet', 'mobilenetv2-imagenet-int8'].flatMap((name) => {
  const bytes = sharedModel(name)
  return bytes
    ? [{ name, bytes: () => bytes, tolerance: name.endsWith('int8') ? coarse : exact }]
    : []
})

const cases = [
  ...pytorchSamples()
    .filter((name) => !/headless|transformer/.test(name))
    .map((name) => ({ name, bytes: () => pytorchSample(name), tolerance: exact })),
  ...Object.entries(restyled).map(([name, bytes]) => ({
    name,
    bytes,
    tolerance: /^q/.test(name) ? coarse : exact,
  })),
  { name: 'built ResNet-50', bytes: builtResNet50, tolerance: exact },
  ...shared,
]

function builtResNet50(): Uint8Array {
  return buildResNet({ depth: 50, variant: 'v1.5', classes: 1000, seed: 5 })
}

/** A photo in [-2, 2] and another one, as far as the model takes two at a time. */
function photosFor(bytes: Uint8Array): Tensor {
  const dims = interfaceOf(readGraph(bytes))?.inputDims.map((dim) => dim ?? 2) ?? []
  const size = dims.reduce((product, dim) => product * dim, 1)
  const parameter = { name: 'photos', dims: [size / 3, 3], role: 'classifier-weight' as const }
  const values = seededWeights(11, 1)(parameter)
  return new Tensor(
    'float32',
    values.map((value) => 2 * value),
    dims,
  )
}

async function run(bytes: Uint8Array, photos: Tensor): Promise<Session.OnnxValueMapType> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 })
  const outputs = await session.run({ [session.inputNames[0] ?? '']: photos })
  await session.release()
  return outputs
}

function numbersOf(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('The output is not float32.')
  return tensor.data
}

describe.each(cases)('exposeFeatures of $name', ({ bytes, tolerance }) => {
  test('adds features and maps, and the logits stay the same bit for bit', async () => {
    const original = bytes()
    const exposed = exposeFeatures(original)
    const photos = photosFor(original)
    const before = await run(original, photos)
    const after = await run(exposed.bytes, photos)
    const { outputName, featuresName, mapsName } = exposed
    expect(Object.keys(after)).toEqual([...Object.keys(before), featuresName, mapsName])
    const [logits, same] = [numbersOf(before[outputName]), numbersOf(after[outputName])]
    expect(new Set(logits).size).toBeGreaterThan(1)
    expect(Buffer.from(same.buffer).equals(Buffer.from(logits.buffer))).toBe(true)

    const [photoCount = 0] = photos.dims
    const { featureCount } = exposed
    const maps = numbersOf(after[mapsName])
    const features = numbersOf(after[featuresName])
    expect(after[mapsName]?.dims.slice(0, 2)).toEqual([photoCount, featureCount])
    expect(features).toHaveLength(photoCount * featureCount)
    const area = maps.length / features.length
    const largest = Math.max(...features.map(Math.abs))
    features.forEach((feature, index) => {
      const mean = sum(maps.subarray(index * area, (index + 1) * area)) / area
      expect(Math.abs(feature - mean)).toBeLessThan(tolerance * Math.max(1, largest))
    })
  })
})

test.skipIf(shared.length < 2)('the models of ../shared are among those above', () => {
  expect(shared).toHaveLength(2)
})

describe('the classifier’s weights', () => {
  const linear = cases.filter(({ name }) => !/softmax|caffe2|keras|int8/.test(name))

  test.each(linear)('of $name make logits out of features', async ({ bytes, tolerance }) => {
    const original = bytes()
    const exposed = exposeFeatures(original)
    const { outputName, featuresName, featureCount, classes, weights } = exposed
    const photos = photosFor(original)
    const outputs = await run(exposed.bytes, photos)
    const [logits, features] = [numbersOf(outputs[outputName]), numbersOf(outputs[featuresName])]
    const biases = Array.from({ length: photos.dims[0] ?? 0 }, (_, photo) =>
      Array.from({ length: classes }, (__, category) => {
        const row = weights.subarray(category * featureCount, (category + 1) * featureCount)
        const products = row.map((weight, k) => weight * (features[photo * featureCount + k] ?? 0))
        return (logits[photo * classes + category] ?? 0) - sum(products)
      }),
    )
    // What remains is the bias: the same for every photo, and small in all of these networks.
    const largest = Math.max(...logits.map(Math.abs))
    for (const [category, bias] of (biases[0] ?? []).entries()) {
      expect(Math.abs(bias)).toBeLessThan(3)
      for (const other of biases) {
        expect(Math.abs((other[category] ?? 0) - bias)).toBeLessThan(
          tolerance * Math.max(1, largest),
        )
      }
    }
  })

  test('are the same however the exporter lays them out', () => {
    const { weights } = exposeFeatures(restyled['mxnet-50-v1']())
    expect(exposeFeatures(restyled['keras-50']()).weights).toEqual(weights)
    const head = exposeFeatures(restyled['convolution-head-18']()).weights
    expect(head).toEqual(exposeFeatures(restyled['mxnet-18-v1']()).weights)
    expect(exposeFeatures(restyled['caffe2-50']()).weights).toEqual(weights)
    for (const name of ['qdq-50', 'qlinear-50-qgemm'] as const) {
      const quantised = exposeFeatures(restyled[name]()).weights
      quantised.forEach((weight, index) => {
        expect(Math.abs(weight - (weights[index] ?? 0))).toBeLessThan(1e-3)
      })
    }
  })
})

test('integers of a classifier in Constant nodes, scaled by channel, are its weights too', () => {
  const draft = draftOf(restyled['qdq-50']())
  const constants = [...draft.tensors].map(([name, tensor]) => ({
    ...{ op_type: 'Constant', output: [name] },
    attribute: [{ name: 'value', type: tensorAttribute, t: { ...tensor, name: '' } }],
  }))
  const bytes = bytesOf({ ...draft, nodes: [...constants, ...draft.nodes], tensors: new Map() })
  expect(exposeFeatures(bytes).weights).toEqual(exposeFeatures(restyled['qdq-50']()).weights)
})

test('maps that are turned before they are pooled, as TensorFlow does, are exposed as they were', () => {
  const draft = draftOf(restyled['keras-50']())
  const at = draft.nodes.findIndex(({ op_type }) => op_type === 'ReduceMean')
  const [maps = ''] = draft.nodes[at]?.input ?? []
  draft.nodes.splice(
    at,
    1,
    nodeProto('Transpose', [maps], ['turned'], { perm: [0, 2, 3, 1] }),
    nodeProto('ReduceMean', ['turned'], ['mean'], { axes: [1, 2], keepdims: 0 }),
  )
  expect(exposeFeatures(bytesOf(draft)).mapsName).toBe(maps)
  // A mean over channels pools nothing.
  draft.nodes.splice(
    at,
    2,
    nodeProto('ReduceMean', [maps], ['mean'], { axes: [1, 2], keepdims: 0 }),
  )
  expect(() => exposeFeatures(bytesOf(draft))).toThrow(/pooled features/)
})

test('a model with any weights in another file is run from its place, as it is', () => {
  const draft = draftOf(restyled['mxnet-18-v1']())
  const [name = '', tensor] = [...draft.tensors].find(([, { dims }]) => dims?.length === 4) ?? []
  const { raw_data: _, ...apart } = { ...tensor, data_location: 1 }
  draft.tensors.set(name, apart)
  expect(() => exposeFeatures(bytesOf(draft))).toThrow(/in another file/)
})

test('exposing twice adds nothing more', () => {
  for (const name of ['mxnet-50-v1', 'qdq-50', 'float16-18'] as const) {
    const once = exposeFeatures(restyled[name]()).bytes
    expect(Buffer.compare(exposeFeatures(once).bytes, once)).toBe(0)
  }
})

test.each(['not-headless', 'not-transformer'])('%s has nothing to expose and says so', (name) => {
  expect(() => exposeFeatures(pytorchSample(name))).toThrow(UserError)
})

/** AttributeProto.AttributeType.TENSOR */
const tensorAttribute = 4

function sum(numbers: Float32Array): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
