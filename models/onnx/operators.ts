import type { Graph, GraphNode } from './graph.ts'
import type { TensorProto } from './schema.ts'
import { dimensionsOf } from './tensor.ts'

/**
 * What Albumen knows of operators, including the quantised ones of ONNX Runtime's domain
 * `com.microsoft`:
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
 */

/** Position of the weights among the inputs, for convolutions. */
const convolutionWeights: Readonly<Record<string, number>> = {
  Conv: 1,
  FusedConv: 1,
  QLinearConv: 3,
}

export const isConvolution = (node: GraphNode): boolean => node.op in convolutionWeights

/** Operators that make two values into one by adding; the positions of those two. */
const additions: Readonly<Record<string, readonly [number, number]>> = {
  Add: [0, 1],
  Sum: [0, 1],
  QLinearAdd: [0, 3],
}

/** Operators behind which a tensor is the same, but for the form of its numbers. */
const keepsShape = new Set(['Identity', 'Cast', 'QuantizeLinear', 'DequantizeLinear'])

/** What was found behind the values of a graph: everything asks for it, over and over. */
const foundBehind = new WeakMap<Graph, Map<string, TensorProto | null>>()

/**
 * The tensor behind `value`, if it is always the same: an initializer or a Constant node's, also
 * when it is stored quantised, cast or renamed. `null` for what depends on the input.
 */
export function weightOf(graph: Graph, value: string): TensorProto | null {
  const known = foundBehind.get(graph) ?? new Map<string, TensorProto | null>()
  foundBehind.set(graph, known)
  const passed: string[] = []
  let behind = value
  let weight = known.get(behind)
  // In a file made to hurt, a hundred thousand nodes may lie in a row.
  while (weight === undefined) {
    passed.push(behind)
    const producer = graph.producerOf(behind)
    const next = producer && keepsShape.has(producer.op) ? (producer.inputs[0] ?? '') : null
    if (next === null || graph.initializers.has(behind)) weight = storedIn(graph, behind)
    else {
      behind = next
      weight = known.get(behind)
    }
  }
  for (const each of passed) known.set(each, weight)
  return weight
}

function storedIn(graph: Graph, value: string): TensorProto | null {
  const stored = graph.initializers.get(value)
  if (stored) return stored
  const producer = graph.producerOf(value)
  return producer?.op === 'Constant' ? (producer.attributes.get('value')?.t ?? null) : null
}

const isComputed = (graph: Graph, value: string): boolean =>
  value !== '' && weightOf(graph, value) === null

/** The two values that an addition of computed values joins; `null` for every other node. */
export function joinedBy(graph: Graph, node: GraphNode): readonly [string, string] | null {
  const positions = additions[node.op]
  if (!positions || (node.op === 'Sum' && node.inputs.length !== 2)) return null
  const [left = '', right = ''] = positions.map((position) => node.inputs[position])
  return isComputed(graph, left) && isComputed(graph, right) ? [left, right] : null
}

/** Whether a node multiplies two computed values, as squeeze-and-excitation and swish do. */
export const isGate = (graph: Graph, node: GraphNode): boolean =>
  (node.op === 'Mul' || node.op === 'QLinearMul') &&
  node.inputs.filter((input) => isComputed(graph, input)).length > 1

/** Whether a node scales channels by constants: batch normalisation, whole or taken apart. */
export function isNormalisation(graph: Graph, node: GraphNode): boolean {
  if (node.op === 'BatchNormalization') return true
  if (node.op !== 'Mul') return false
  return node.inputs.some((input) => {
    const weight = weightOf(graph, input)
    return weight !== null && dimensionsOf(weight).some((dim) => dim > 1)
  })
}

/** The value that a node transforms: its first computed input. `null` at the start of a graph. */
export const dataInputOf = (graph: Graph, node: GraphNode): string | null =>
  node.inputs.find((input) => isComputed(graph, input) && !isFiller(graph, input)) ?? null

/** Zeros made to pad channels with. */
function isFiller(graph: Graph, value: string): boolean {
  const op = graph.producerOf(value)?.op
  return op === 'ConstantOfShape' || op === 'Expand'
}

export interface ConvolutionShape {
  outputs: number
  /** Input channels of the layer, all groups together. */
  inputs: number
  /** [height, width] */
  kernel: readonly number[]
  /** The larger of the two. */
  stride: number
  groups: number
}

/** `null` for a convolution whose weights are computed. */
export function shapeOfConvolution(graph: Graph, node: GraphNode): ConvolutionShape | null {
  const weight = weightOf(graph, node.inputs[convolutionWeights[node.op] ?? 1] ?? '')
  if (!weight) return null
  const [outputs = 0, inputs = 0, ...kernel] = dimensionsOf(weight)
  const groups = Number(node.attributes.get('group')?.i ?? 1)
  const strides = (node.attributes.get('strides')?.ints ?? []).map(Number)
  const stride = strides.reduce((largest, each) => Math.max(largest, each), 1)
  return { outputs, inputs: inputs * groups, kernel, stride, groups }
}
