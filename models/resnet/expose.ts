import { UserError } from '../../contract/errors.ts'
import { type Graph, keepsWeightsElsewhere, readGraph } from '../onnx/graph.ts'
import { interfaceOf } from '../onnx/interface.ts'
import { weightOf } from '../onnx/operators.ts'
import { type NodeProto, tensorType } from '../onnx/schema.ts'
import { weightsElsewhere } from '../onnx/tensor.ts'
import { encodeModel, nodeProto } from '../onnx/write.ts'
import { type ClassifierTail, findClassifier, readClassifierWeights } from './classifier.ts'
import { type QuantisationKind, quantisationOf } from './quantisation.ts'

/** An image classifier whose insides can be asked for. */
export interface ExposedModel {
  /** The ONNX file with the outputs added. */
  bytes: Uint8Array<ArrayBuffer>
  inputName: string
  /** The classes, as they were. */
  outputName: string
  /** Output of the pooled features: float32, `featureCount` numbers a photo. */
  featuresName: string
  /** Output of the last feature maps: float32 [N, featureCount, height, width]. */
  mapsName: string
  featureCount: number
  classes: number
  quantised: QuantisationKind | null
  /**
   * What the classifier makes of the features: [classes, featureCount], row-major. The class
   * activation map of class c is the sum over k of `weights[c, k] * maps[k]`
   * (https://arxiv.org/abs/1512.04150).
   */
  weights: Float32Array
}

/**
 * Adds the pooled features and the last feature maps as outputs to the bytes of an ONNX image
 * classifier that ends in a pooling and one linear layer, whoever exported it. Not one byte of
 * the model changes: protobuf merges what is appended
 * (https://protobuf.dev/programming-guides/encoding/#last-one-wins).
 * Throws UserError for a model with another end, or with weights in another file.
 */
export function exposeFeatures(bytes: Uint8Array): ExposedModel {
  const graph = readGraph(bytes)
  // A runtime finds the other file beside this one, and bytes lie nowhere.
  if (keepsWeightsElsewhere(graph)) throw weightsElsewhere()
  const found = interfaceOf(graph)
  const tail = found ? findClassifier(graph, found.outputName) : null
  const weights = tail ? readClassifierWeights(graph, tail) : null
  if (!found || !tail || !weights) {
    throw new UserError(
      'model-no-features',
      'This model does not end in pooled features and one linear classifier: choose a ResNet for similar photos, taught tags and heat maps.',
    )
  }
  const maps = floatsOfMaps(graph, tail)
  const features = floatsOfFeatures(graph, tail)
  return {
    bytes: appendOutputs(graph, bytes, [features, maps]),
    inputName: found.inputName,
    outputName: found.outputName,
    featuresName: features.output,
    mapsName: maps.output,
    featureCount: tail.featureCount,
    classes: tail.classes,
    quantised: quantisationOf(graph),
    weights,
  }
}

/** A value to put out, and the node that makes it where the graph has it in no float32 form. */
interface Exposed {
  output: string
  node: NodeProto | null
}

const ownMaps = 'albumen.maps'
const ownFeatures = 'albumen.features'

function floatsOfMaps(graph: Graph, tail: ClassifierTail): Exposed {
  const { pool, maps } = tail
  if (pool.op.startsWith('QLinear')) return dequantise(ownMaps, pool.inputs)
  const producer = graph.producerOf(maps)
  return producer?.op === 'DequantizeLinear'
    ? dequantise(ownMaps, producer.inputs)
    : inFloat32(graph, tail, maps, ownMaps)
}

function floatsOfFeatures(graph: Graph, tail: ClassifierTail): Exposed {
  const { pool, pooled } = tail
  if (pool.op.startsWith('QLinear')) {
    const [, , , scale = '', zeroPoint = ''] = pool.inputs
    return dequantise(ownFeatures, [pooled, scale, zeroPoint])
  }
  const quantise = graph.consumersOf(pooled).find(({ op }) => op === 'QuantizeLinear')
  if (!quantise) return inFloat32(graph, tail, pooled, ownFeatures)
  const [, scale = '', zeroPoint = ''] = quantise.inputs
  return dequantise(ownFeatures, [quantise.outputs[0] ?? '', scale, zeroPoint])
}

/** The value itself, or `name`, cast from it, in a network of half precision. */
function inFloat32(graph: Graph, { linear }: ClassifierTail, value: string, name: string): Exposed {
  const half = weightOf(graph, linear.inputs[1] ?? '')?.data_type === tensorType.float16
  if (!half) return { output: value, node: null }
  return { output: name, node: nodeProto('Cast', [value], [name], { to: tensorType.float }) }
}

/**
 * A node of our own beside the model's: a runtime computes pooling in integers only as long as
 * nobody else looks at the float values around it, and then the classes would change.
 */
const dequantise = (output: string, inputs: readonly string[]): Exposed => ({
  output,
  node: nodeProto('DequantizeLinear', inputs.slice(0, 3), [output]),
})

function appendOutputs(
  graph: Graph,
  bytes: Uint8Array,
  exposed: readonly Exposed[],
): Uint8Array<ArrayBuffer> {
  const present = new Set(graph.outputs.map(({ name }) => name))
  const missing = exposed.filter(({ output }) => !present.has(output))
  if (missing.length === 0) return Uint8Array.from(bytes)
  const node = missing.map((each) => each.node).filter((each) => each !== null)
  const output = missing.map((each) => ({ name: each.output }))
  const appendix = encodeModel({ graph: { node, output } })
  const joined = new Uint8Array(bytes.length + appendix.length)
  joined.set(bytes)
  joined.set(appendix, bytes.length)
  return joined
}
