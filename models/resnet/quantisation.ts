import type { Graph } from '../onnx/graph.ts'
import { isConvolution, weightOf } from '../onnx/operators.ts'
import { tensorType } from '../onnx/schema.ts'
import { floatsOf } from '../onnx/tensor.ts'

/**
 * - `qlinear`: operators that compute in integers (QLinearConv);
 * - `qdq`: float operators between QuantizeLinear and DequantizeLinear, which a runtime fuses;
 * - `weights`: only the weights are stored as integers;
 * - `binary-weights`: and those are all -1 or 1;
 * - `float16`: half precision throughout.
 */
export type QuantisationKind = 'qlinear' | 'qdq' | 'weights' | 'binary-weights' | 'float16'

/** `null` for float32. */
export function quantisationOf(graph: Graph): QuantisationKind | null {
  const convolutions = graph.nodes.filter(isConvolution)
  if (convolutions.some(({ op }) => op === 'QLinearConv')) return 'qlinear'
  const weights = convolutions
    .map(({ inputs }) => ({
      tensor: weightOf(graph, inputs[1] ?? ''),
      dequantised: graph.producerOf(inputs[1] ?? '')?.op === 'DequantizeLinear',
    }))
    .filter(({ tensor }) => tensor !== null)
  if (
    weights.length > 0 &&
    weights.every(({ tensor }) => tensor?.data_type === tensorType.float16)
  ) {
    return 'float16'
  }
  const stored = weights.filter(({ dequantised }) => dequantised)
  if (stored.length === 0) return null
  const activations = graph.nodes.filter(
    ({ op, inputs }) => op === 'QuantizeLinear' && weightOf(graph, inputs[0] ?? '') === null,
  )
  if (activations.length > 0) return 'qdq'
  const binary = stored.every(
    ({ tensor }) => tensor && floatsOf(tensor).every((weight) => Math.abs(weight) === 1),
  )
  return binary ? 'binary-weights' : 'weights'
}
