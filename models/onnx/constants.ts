import { type Graph, type GraphNode, integerAttribute } from './graph.ts'
import type { TensorProto } from './schema.ts'
import { dimensionsOf, elementCount, floatsOf } from './tensor.ts'

/**
 * The numbers of a value that is always the same, row-major: of an initializer or Constant node,
 * cast, renamed or dequantised. `null` for what depends on the input. Throws UserError for a
 * tensor that cannot be read.
 */
export function constantNumbers(graph: Graph, value: string): Float32Array | null {
  let name = value
  // A chain may be long, and one in a circle never ends.
  for (let steps = 0; steps <= graph.nodes.length; steps++) {
    const stored = storedTensor(graph, name)
    if (stored) return floatsOf(stored)
    const producer = graph.producerOf(name)
    const [input = '', scale = '', zeroPoint = ''] = producer?.inputs ?? []
    if (producer?.op === 'DequantizeLinear' && !isRounding(graph, producer)) {
      return dequantised(graph, input, { scale, zeroPoint, axis: axisOf(producer) })
    }
    if (!producer || !passing.has(producer.op)) return null
    name = input
  }
  return null
}

const passing = new Set(['Cast', 'DequantizeLinear', 'Identity', 'QuantizeLinear'])

/** QuantizeLinear is only ever followed by DequantizeLinear: together they round. */
const isRounding = (graph: Graph, { inputs }: GraphNode): boolean =>
  graph.producerOf(inputs[0] ?? '')?.op === 'QuantizeLinear'

/** An initializer, or what a Constant node holds. */
function storedTensor(graph: Graph, value: string): TensorProto | null {
  const initializer = graph.initializers.get(value)
  if (initializer) return initializer
  const producer = graph.producerOf(value)
  return (producer?.op === 'Constant' && producer.attributes.get('value')?.t) || null
}

const axisOf = (node: GraphNode): number => integerAttribute(node, 'axis', 1)

interface Quantisation {
  /** Names of the tensors that hold them. */
  scale: string
  zeroPoint: string
  /** The dimension that several scales run along. */
  axis: number
}

/** (stored - zero point) * scale, as https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html */
export function dequantised(
  graph: Graph,
  value: string,
  { scale, zeroPoint, axis }: Quantisation,
): Float32Array | null {
  const tensor = storedTensor(graph, value)
  const stored = constantNumbers(graph, value)
  const scales = constantNumbers(graph, scale)
  if (!stored || !scales) return null
  const zeroPoints = zeroPoint === '' ? null : constantNumbers(graph, zeroPoint)
  const dims = tensor ? dimensionsOf(tensor) : [stored.length]
  const inner = elementCount(dims.slice(axis < 0 ? axis + dims.length + 1 : axis + 1))
  return stored.map((number, index) => {
    const channel = scales.length === 1 ? 0 : Math.floor(index / inner) % scales.length
    return (number - (zeroPoints?.[channel] ?? 0)) * (scales[channel] ?? 1)
  })
}
