import { constantNumbers, dequantised } from '../onnx/constants.ts'
import { type Graph, type GraphNode, integerAttribute, integersAttribute } from '../onnx/graph.ts'
import { weightOf } from '../onnx/operators.ts'
import type { TensorProto } from '../onnx/schema.ts'
import { dimensionsOf, floatsOf } from '../onnx/tensor.ts'

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
  const maps = pool && pooledMaps(graph, pool)
  if (!pool || !maps || !dims) return null
  const [classes, featureCount] = dims
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

/**
 * What is pooled, channels first. A mean over height and then over width is one pooling in two nodes;
 * TensorFlow's puts channels last before. `null` for a mean over something else.
 */
function pooledMaps(graph: Graph, pool: GraphNode): string | null {
  const [value = ''] = pool.inputs
  if (pool.op !== 'ReduceMean') return value
  const before = graph.producerOf(value)
  const [axes, input] =
    before?.op === 'ReduceMean'
      ? [[...axesOf(graph, before), ...axesOf(graph, pool)], before.inputs[0] ?? '']
      : [axesOf(graph, pool), value]
  const spatial = axes.toSorted((a, b) => a - b).join()
  if (['2,3', '-2,-1', '2,2', '-1,-1', '-2,3', '-1,2'].includes(spatial)) return input
  const turned = graph.producerOf(input)
  const isLast =
    turned?.op === 'Transpose' && integersAttribute(turned, 'perm').join() === '0,2,3,1'
  return isLast && ['1,2', '-3,-2', '1,1', '-2,-2'].includes(spatial)
    ? (turned.inputs[0] ?? null)
    : null
}

/** Since opset 18 an input, before that an attribute. */
const axesOf = (graph: Graph, node: GraphNode): readonly number[] => {
  const [, axes = ''] = node.inputs
  if (axes === '') return integersAttribute(node, 'axes')
  const tensor = weightOf(graph, axes)
  return tensor ? [...floatsOf(tensor)] : []
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
