import { UserError } from '../../contract/errors.ts'
import {
  type AttributeProto,
  type ModelProto,
  modelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './schema.ts'
import { liesElsewhere, toNumber } from './tensor.ts'

export interface GraphNode {
  op: string
  /** Empty for the operators of ONNX itself. */
  domain: string
  /** Empty strings stand for optional inputs that are left out. */
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: ReadonlyMap<string, AttributeProto>
}

export interface GraphValue {
  name: string
  /** TensorProto.DataType; 0 when the file does not say. */
  type: number
  /** `null` for a dimension that is open; `null` altogether when the file does not say. */
  dims: (number | null)[] | null
}

/** A graph to look around in. Weights are views into the file's bytes, read only on demand. */
export interface Graph {
  /** Which program wrote the file, as it says itself. */
  producer: string
  /** Version of ONNX's own operators. */
  opset: number
  nodes: readonly GraphNode[]
  initializers: ReadonlyMap<string, TensorProto>
  /** Without those that are initializers too (IR versions before 4 list them as inputs). */
  inputs: readonly GraphValue[]
  outputs: readonly GraphValue[]
  producerOf(value: string): GraphNode | null
  consumersOf(value: string): readonly GraphNode[]
}

export const keepsWeightsElsewhere = ({ initializers }: Graph): boolean =>
  [...initializers.values()].some(liesElsewhere)

/** The other files that weights lie in, as the model names them. */
export const filesOfWeights = ({ initializers }: Graph): string[] => {
  const locations = [...initializers.values()]
    .filter(liesElsewhere)
    .map(({ external_data }) => external_data?.find(({ key }) => key === 'location')?.value ?? '')
  return [...new Set(locations)]
}

/**
 * Reads the bytes of an ONNX file; 100 MB take some tens of milliseconds, because weights stay
 * where they are. Throws UserError (`not-onnx`) for anything else, also for nodes in a circle, so
 * that whoever walks along the values gets to an end.
 */
export function readGraph(bytes: Uint8Array): Graph {
  const model = decode(bytes)
  const graph = model?.graph
  if (!graph?.node?.length) {
    throw new UserError('not-onnx', 'This file is no ONNX model: choose a file that ends in .onnx.')
  }
  const nodes = graph.node.map(readNode)
  const initializers = new Map(
    (graph.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor] as const),
  )
  const producers = new Map<string, GraphNode>()
  const consumers = new Map<string, GraphNode[]>()
  for (const node of nodes) {
    for (const output of node.outputs) producers.set(output, node)
    for (const input of new Set(node.inputs)) {
      const others = consumers.get(input)
      if (others) others.push(node)
      else consumers.set(input, [node])
    }
  }
  if (hasCircle(nodes, producers, consumers)) {
    throw new UserError('not-onnx', 'This ONNX file is damaged: its nodes wait for each other.')
  }
  return {
    producer: model?.producer_name ?? '',
    opset: opsetOf(model),
    nodes,
    initializers,
    inputs: (graph.input ?? []).map(readValue).filter(({ name }) => !initializers.has(name)),
    outputs: (graph.output ?? []).map(readValue),
    producerOf: (value) => producers.get(value) ?? null,
    consumersOf: (value) => consumers.get(value) ?? [],
  }
}

/** Whether some nodes never get all of their inputs: Kahn's way of sorting tells. */
function hasCircle(
  nodes: readonly GraphNode[],
  producers: ReadonlyMap<string, GraphNode>,
  consumers: ReadonlyMap<string, readonly GraphNode[]>,
): boolean {
  const missing = new Map(
    nodes.map((node) => {
      const computed = new Set(node.inputs.filter((input) => producers.has(input)))
      return [node, computed.size] as const
    }),
  )
  const ready = nodes.filter((node) => missing.get(node) === 0)
  for (const node of ready) {
    for (const output of node.outputs.filter((name) => producers.get(name) === node)) {
      for (const consumer of consumers.get(output) ?? []) {
        const left = (missing.get(consumer) ?? 0) - 1
        missing.set(consumer, left)
        if (left === 0) ready.push(consumer)
      }
    }
  }
  return ready.length < nodes.length
}

function decode(bytes: Uint8Array): ModelProto | null {
  try {
    return modelProto.decode(bytes) as ModelProto
  } catch {
    return null
  }
}

function opsetOf(model: ModelProto | null): number {
  const own = model?.opset_import?.find(({ domain }) => !domain || domain === 'ai.onnx')
  return own?.version === undefined ? 1 : toNumber(own.version)
}

function readNode(node: NodeProto): GraphNode {
  const domain = node.domain ?? ''
  return {
    op: node.op_type ?? '',
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs: node.input ?? [],
    outputs: node.output ?? [],
    attributes: new Map((node.attribute ?? []).map((each) => [each.name ?? '', each])),
  }
}

function readValue(value: ValueInfoProto): GraphValue {
  const tensor = value.type?.tensor_type
  return {
    name: value.name ?? '',
    type: tensor?.elem_type ?? 0,
    dims:
      tensor?.shape?.dim?.map((dim) => {
        // A symbolic dimension (dim_param) has no number; exporters also write 0 or -1 for it.
        const size = Object.hasOwn(dim, 'dim_value') ? toNumber(dim.dim_value ?? 0) : 0
        return size > 0 ? size : null
      }) ?? null,
  }
}

/** The integers of the attribute `name`; none where the node leaves it out. */
export const integersAttribute = (node: GraphNode, name: string): number[] =>
  (node.attributes.get(name)?.ints ?? []).map(toNumber)

/** The integer attribute `name`, or `fallback` where the node leaves it out. */
export function integerAttribute(node: GraphNode, name: string, fallback: number): number {
  const value = node.attributes.get(name)?.i
  return value === undefined ? fallback : toNumber(value)
}
