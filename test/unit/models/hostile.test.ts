/** ONNX files made to hurt whoever reads them: a description or a sentence, and soon. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadModel } from '../../../models/manifest.ts'
import {
  type GraphProto,
  type ModelProto,
  modelProto,
  type TensorProto,
  tensorType,
} from '../../../models/onnx/schema.ts'
import { floatsOf } from '../../../models/onnx/tensor.ts'
import { encodeModel, nodeProto } from '../../../models/onnx/write.ts'
import { buildResNet } from '../../../models/resnet/build.ts'
import { describeModel } from '../../../models/resnet/describe.ts'

const labels = Array.from({ length: 10 }, (_, index) => ({ wnid: null, name: `thing ${index}` }))

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'albumen-hostile-'))
})
afterAll(() => rmSync(root, { recursive: true }))

/** A small ResNet-18 in which something was changed. */
function changed(change: (graph: GraphProto) => void): Uint8Array {
  const plain = { depth: 18, variant: 'v1', classes: 10, seed: 3, width: 8, inputSize: 64 } as const
  const model = modelProto.decode(buildResNet(plain)) as ModelProto
  change(model.graph as GraphProto)
  return encodeModel(model)
}

function load(bytes: Uint8Array) {
  const file = join(root, 'model.onnx')
  writeFileSync(file, bytes)
  return loadModel(file, { imagenetLabels: labels })
}

/** Puts so many nodes between a value and whoever takes it. */
function chain(graph: GraphProto, op: string, taken: { from: string; by: string[]; at: number }) {
  const nodes = Array.from({ length: 100_000 }, (_, index) =>
    nodeProto(op, [index === 0 ? taken.from : `link ${index - 1}`], [`link ${index}`]),
  )
  taken.by[taken.at] = `link ${nodes.length - 1}`
  graph.node?.unshift(...nodes)
}

const inputsOf = (graph: GraphProto, at: number): string[] => graph.node?.at(at)?.input ?? []

function setInput(graph: GraphProto, at: readonly number[], size: number): void {
  const dims = graph.input?.[0]?.type?.tensor_type?.shape?.dim ?? []
  for (const each of at) dims[each] = { dim_value: size }
}

describe('a hundred thousand nodes in a row', () => {
  const chains: [string, (graph: GraphProto) => void][] = [
    [
      'before the first layer',
      (graph) => chain(graph, 'Identity', { from: 'input', by: inputsOf(graph, 0), at: 0 }),
    ],
    [
      'before the weights of the classifier',
      (graph) => {
        const by = inputsOf(graph, -1)
        chain(graph, 'Identity', { from: by[1] ?? '', by, at: 1 })
      },
    ],
    [
      'before the classifier',
      (graph) => {
        const by = inputsOf(graph, -1)
        chain(graph, 'Flatten', { from: by[0] ?? '', by, at: 0 })
      },
    ],
    [
      'before the axes of the pooling',
      (graph) => {
        const pooling = graph.node?.find(({ op_type: op }) => op === 'GlobalAveragePool')
        const by = [pooling?.input?.[0] ?? '', 'axes']
        const axes = { name: 'axes', dims: [2], data_type: tensorType.int64 }
        graph.initializer?.push({ ...axes, int64_data: Uint8Array.of(2, 3) })
        chain(graph, 'Identity', { from: 'axes', by, at: 1 })
        Object.assign(pooling ?? {}, { op_type: 'ReduceMean', input: by })
      },
    ],
    [
      'behind the classifier',
      (graph) => {
        const by = ['logits']
        chain(graph, 'Identity', { from: 'logits', by, at: 0 })
        graph.output = [{ ...graph.output?.[0], name: by[0] ?? '' }]
      },
    ],
  ]
  test.each(chains)(
    '%s hide no ResNet, and cost no minutes',
    async (_, change) => {
      const bytes = changed(change)
      expect(describeModel(bytes)).toMatchObject({ resnet: true, depth: 18, classes: 10 })
      expect(await load(bytes)).toMatchObject({ noResNet: null, manifest: { inputSize: 64 } })
    },
    20_000,
  )
})

test.each<[string, (graph: GraphProto) => void]>([
  ['weights', (graph) => Object.assign(graph.initializer?.[0] ?? {}, { dims: [2 ** 60, 3, 7, 7] })],
  ['the input', (graph) => setInput(graph, [2, 3], 2 ** 60)],
  [
    'an attribute',
    (graph) => {
      const by = graph.node?.find(({ op_type: op }) => op === 'Gemm')
      const transposed = by?.attribute?.find(({ name }) => name === 'transB')
      Object.assign(transposed ?? {}, { i: 2 ** 60 })
    },
  ],
])('a size beyond all numbers in %s is damage', async (_, change) => {
  const bytes = changed(change)
  expect(() => describeModel(bytes)).toThrow(
    /has a size of 1152921504606846976 in it.* get it again/,
  )
  await expect(load(bytes)).rejects.toMatchObject({
    code: 'not-onnx',
    message: expect.stringMatching(/model\.onnx is no ONNX model, or it is damaged: get it again/),
  })
})

test.each([
  ['a photo of 20000 x 20000', [2, 3], 20_000],
  ['a photo of 1000000000 x 1000000000', [2, 3], 1e9],
  ['1000000000 photos of 64 x 64', [0], 1e9],
])('an input of %s pixels is refused with the limit, and described', async (what, at, size) => {
  const bytes = changed((graph) => setInput(graph, at, size))
  expect(describeModel(bytes)).toMatchObject({ resnet: true })
  await expect(load(bytes)).rejects.toMatchObject({
    code: 'model-input',
    message: expect.stringMatching(
      new RegExp(`takes ${what} pixels at once: export it .* more than 4096 x 4096 pixels need`),
    ),
  })
})

test.each<[string, TensorProto]>([
  ['raw', { dims: [2], data_type: 1, raw_data: new Uint8Array(7) }],
  ['listed', { dims: [2], data_type: 1, float_data: new Uint8Array(7) }],
  ['packed', { dims: [2], data_type: 3, int32_data: Uint8Array.of(1, 0x80) }],
])('a tensor that ends within a %s number is damage', (_, tensor) => {
  expect(() => floatsOf({ name: 'w', ...tensor })).toThrow(/“w” does not hold 2 numbers.* damaged/)
})
