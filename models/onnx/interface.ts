import type { Graph } from './graph.ts'

/** What a classifier's graph says of itself: what goes in, what comes out. */
export interface ModelInterface {
  inputName: string
  /** TensorProto.DataType of the input; 0 when the file does not say. */
  inputType: number
  /** Shape of the input; `null` where open. */
  inputDims: readonly (number | null)[]
  outputName: string
  /** Length of the output's last dimensions; `null` when the file does not say. */
  classes: number | null
  /** Whether the graph itself ends in a softmax. */
  outputKind: 'logits' | 'probabilities'
}

/**
 * The first output counts as the classes: exporters put it first, and features that are exposed
 * come after it. A graph without output or with several inputs yields `null`.
 */
export function interfaceOf(graph: Graph): ModelInterface | null {
  const [input, ...otherInputs] = graph.inputs
  const [output] = graph.outputs
  if (!input || !output || otherInputs.length > 0) return null
  const [, ...perPhoto] = output.dims ?? []
  const classes = perPhoto.reduce<number | null>(
    (product, dim) => (product === null || dim === null ? null : product * dim),
    1,
  )
  return {
    inputName: input.name,
    inputType: input.type,
    inputDims: input.dims ?? [],
    outputName: output.name,
    classes: perPhoto.length > 0 ? classes : null,
    outputKind: endsInSoftmax(graph, output.name) ? 'probabilities' : 'logits',
  }
}

const passes = new Set([
  ...['Identity', 'Flatten', 'Reshape', 'Cast', 'QuantizeLinear', 'DequantizeLinear'],
])

function endsInSoftmax(graph: Graph, output: string): boolean {
  let producer = graph.producerOf(output)
  while (producer && passes.has(producer.op)) producer = graph.producerOf(producer.inputs[0] ?? '')
  return producer?.op === 'Softmax' || producer?.op === 'QLinearSoftmax'
}
