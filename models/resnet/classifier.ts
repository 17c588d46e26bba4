import { constantNumbers, dequantised } from '../onnx/constants.ts'
import { type Graph, type GraphNode, integerAttribute } from '../onnx/graph.ts'
import { weightOf } from '../onnx/operators.ts'
import type { TensorProto } from '../onnx/schema.ts'
import { dimensionsOf } from '../onnx/tensor.ts'

/** The end of an image classifier: last feature maps, pooled features, one linear layer. */
export interface ClassifierTail {
  pool: GraphNode
  linear: GraphNode
  /** Value that goes into the pooling: [N, featureCount, height, width]. */
  maps: string
  /** Value that comes out of it: [N, featureCount] or [N, featureCount, 1, 1]. */
  pooled: string
  /** Outputs of the linear layer. */
  classes: number
  /** Channels of the last maps, which is the length of the pooled features. */
  featureCount: number
}

/** Operators that leave the numbers as they are, up to shape, type and rounding. */
const reshaping = new Set([
  'Cast',
  'DequantizeLinear',
  'Dropout',
  'Flatten',
  'Identity',
  'QuantizeLinear',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
])
const afterLinear = new Set([...reshaping, 'LogSoftmax', 'QLinearSoftmax', 'Softmax'])
const poolings = new Set([
  'AveragePool',
  'GlobalAveragePool',
  'QLinearAveragePool',
  'QLinearGlobalAveragePool',
  'ReduceMean',
])

/** Where a linear layer keeps its weights, as [input] of the node. */
const linearWeights: Readonly<Record<string, number>> = {
  Conv: 1,
  FusedConv: 1,
  FusedGemm: 1,
  FusedMatMul: 1,
  Gemm: 1,
  MatMul: 1,
  QGemm: 3,
  QLinearConv: 3,
  QLinearMatMul: 3,
}

const biasAdditions: Readonly<Record<string, number>> = { Add: 1, QLinearAdd: 3, Sum: 1 }

/** `null` for a graph that does not end in pooled features and one linear layer. */
export function findClassifier(graph: Graph, output: string): ClassifierTail | null {
  const linear = firstBehind(graph, output, (node) => {
    if (node.op in linearWeights) return 'found'
    return afterLinear.has(node.op) || isBias(graph, node) ? 'pass' : 'stop'
  })
  if (!linear) return null
  const pool = firstBehind(graph, linear.inputs[0] ?? '', (node) => {
    if (poolings.has(node.op)) return 'found'
    return reshaping.has(node.op) ? 'pass' : 'stop'
  })
  const dims = weightDimensions(graph, linear)
  if (!pool || !dims) return null
  const [classes, featureCount] = dims
  const maps = firstPooling(graph, pool).inputs[0] ?? ''
  return { pool, linear, maps, pooled: pool.outputs[0] ?? '', classes, featureCount }
}

function firstBehind(
  graph: Graph,
  value: string,
  judge: (node: GraphNode) => 'found' | 'pass' | 'stop',
): GraphNode | null {
  let node = graph.producerOf(value)
  while (node) {
    const verdict = judge(node)
    if (verdict === 'found') return node
    if (verdict === 'stop') return null
    const computed = node.inputs.find((input) => weightOf(graph, input) === null)
    node = computed === undefined ? null : graph.producerOf(computed)
  }
  return null
}

function isBias(graph: Graph, node: GraphNode): boolean {
  const position = biasAdditions[node.op]
  if (position === undefined) return false
  return [0, position].some((each) => weightOf(graph, node.inputs[each] ?? '') !== null)
}

/** A mean over height and then over width is one pooling in two nodes. */
function firstPooling(graph: Graph, pool: GraphNode): GraphNode {
  const before = graph.producerOf(pool.inputs[0] ?? '')
  return pool.op === 'ReduceMean' && before?.op === 'ReduceMean' ? before : pool
}

/** [classes, features] */
function weightDimensions(graph: Graph, linear: GraphNode): [number, number] | null {
  const weight = linearWeight(graph, linear)
  if (!weight) return null
  const [rows = 0, columns = 0, ...kernel] = dimensionsOf(weight)
  if (kernel.some((dim) => dim !== 1)) return null
  return classesFirst(linear) ? [rows, columns] : [columns, rows]
}

const linearWeight = (graph: Graph, { op, inputs }: GraphNode): TensorProto | null =>
  weightOf(graph, inputs[linearWeights[op] ?? 1] ?? '')

const classesFirst = (linear: GraphNode): boolean =>
  linear.op.endsWith('Conv') || integerAttribute(linear, 'transB', 0) === 1

/**
 * What the classifier makes of the pooled features: float32 [classes, featureCount], row-major.
 * `null` when the layer stores them in a way that Albumen does not know.
 */
export function readClassifierWeights(graph: Graph, tail: ClassifierTail): Float32Array | null {
  const { linear, classes, featureCount } = tail
  const stored = storedWeights(graph, linear)
  if (stored?.length !== classes * featureCount) return null
  const alpha = linear.attributes.get('alpha')?.f ?? 1
  if (classesFirst(linear)) return alpha === 1 ? stored : stored.map((weight) => weight * alpha)
  return stored.map((_, index) => {
    const feature = index % featureCount
    const category = (index - feature) / featureCount
    return alpha * (stored[feature * classes + category] ?? 0)
  })
}

function storedWeights(graph: Graph, linear: GraphNode): Float32Array | null {
  const { op, inputs } = linear
  const position = linearWeights[op] ?? 1
  const [weight = '', scale = '', zeroPoint = ''] = inputs.slice(position, position + 3)
  if (!op.startsWith('Q')) return constantNumbers(graph, weight)
  // One scale a class, or one for all.
  return dequantised(graph, weight, { scale, zeroPoint, axis: classesFirst(linear) ? 0 : 1 })
}
