import { readModelFile } from '../onnx/file.ts'
import { type Graph, type GraphNode, readGraph } from '../onnx/graph.ts'
import { interfaceOf, type ModelInterface } from '../onnx/interface.ts'
import { isConvolution, shapeOfConvolution } from '../onnx/operators.ts'
import type { Variant } from './architecture.ts'
import { findBlocks, type ResidualBlock, type ShortcutKind } from './blocks.ts'
import { type ClassifierTail, findClassifier } from './classifier.ts'
import { type QuantisationKind, quantisationOf } from './quantisation.ts'

/** What an ONNX file is, as `albumen models describe --json` prints it. */
export interface ModelDescription {
  resnet: boolean
  /** Why it is no ResNet, in one sentence; `null` for a ResNet. */
  reason: string | null
  /** `v1` also for v1.5 out of basic blocks, which are the same. `null` for no ResNet. */
  variant: Variant | null
  /** Layers with weights along the main path: 18, 50, ... */
  depth: number | null
  /** Residual blocks of each stage, such as [3, 4, 6, 3]. */
  blocks: number[]
  /** The kinds that occur. */
  shortcuts: ShortcutKind[]
  classes: number | null
  /** Side of the input in pixels; `null` when it is open. */
  inputSize: number | null
  /** `null` for float32. */
  quantised: QuantisationKind | null
}

/**
 * Looks at the bytes of an ONNX file, whoever exported it, and says which ResNet it is or why it
 * is none. Only the graph counts, no names. Throws UserError for what is no ONNX file.
 */
export function describeModel(bytes: Uint8Array): ModelDescription {
  const graph = readGraph(bytes)
  const found = interfaceOf(graph)
  const tail = found ? findClassifier(graph, found.outputName) : null
  const general = {
    classes: tail?.classes ?? found?.classes ?? null,
    inputSize: inputSizeOf(found),
    quantised: quantisationOf(graph),
  }
  const finding = findResNet(graph, tail)
  if ('reason' in finding) {
    const none = { variant: null, depth: null, blocks: [], shortcuts: [] }
    return { resnet: false, reason: sentence(finding.reason), ...none, ...general }
  }
  const { blocks } = finding
  const kinds = new Set(blocks.map(({ shortcut }) => shortcut))
  const order: ShortcutKind[] = ['identity', 'projection', 'padding']
  return {
    resnet: true,
    reason: null,
    variant: variantOf(blocks),
    depth: 2 + blocks.reduce((sum, { convolutions }) => sum + convolutions.length, 0),
    blocks: stagesOf(blocks),
    shortcuts: order.filter((kind) => kinds.has(kind)),
    ...general,
  }
}

/** Why a graph is no ResNet, in one sentence; `null` for a ResNet. Quicker than the whole description. */
export function whyNoResNet(graph: Graph): string | null {
  const found = interfaceOf(graph)
  const finding = findResNet(graph, found ? findClassifier(graph, found.outputName) : null)
  return 'reason' in finding ? sentence(finding.reason) : null
}

const sentence = (reason: string): string => `This is no ResNet: ${reason}.`

/** `describeModel` for a file on disk. Throws UserError for one that cannot be read. */
export async function describeModelFile(file: string): Promise<ModelDescription> {
  const { bytes } = await readModelFile(file)
  return describeModel(bytes)
}

function findResNet(
  graph: Graph,
  tail: ClassifierTail | null,
): { blocks: readonly ResidualBlock[] } | { reason: string } {
  const convolutions = graph.nodes.filter(isConvolution)
  if (convolutions.length === 0) return { reason: 'it has no convolutions' }
  const grouped = groupedReason(graph, convolutions)
  if (grouped) return { reason: grouped }
  const finding = findBlocks(graph)
  if ('reason' in finding) return finding
  const { blocks } = finding
  if (new Set(blocks.map(({ kind }) => kind)).size > 1) {
    return { reason: 'it mixes basic and bottleneck blocks' }
  }
  if (!tail || tail.featureCount !== outputsOf(blocks.at(-1))) {
    return { reason: 'its blocks do not end in pooled features and one linear classifier' }
  }
  return finding
}

function groupedReason(graph: Graph, convolutions: readonly GraphNode[]): string | null {
  const shapes = convolutions
    .map((node) => shapeOfConvolution(graph, node))
    .filter((shape) => shape !== null)
  const grouped = shapes.filter(({ groups }) => groups > 1)
  const depthwise = grouped.filter(({ groups, inputs }) => groups === inputs)
  if (depthwise.length > 0) {
    return `${depthwise.length} of its ${convolutions.length} convolutions are depthwise (each sees one channel), as in MobileNet or EfficientNet`
  }
  return grouped.length > 0
    ? `${grouped.length} of its ${convolutions.length} convolutions see groups of channels, as in ResNeXt`
    : null
}

function inputSizeOf(found: ModelInterface | null): number | null {
  const [, ...dims] = found?.inputDims ?? []
  // Channels come first, or last where TensorFlow exported.
  const [height = null, width = null] = dims[2] === 3 && dims[0] !== 3 ? dims : dims.slice(1)
  return height === width ? height : null
}

const outputsOf = (block: ResidualBlock | undefined): number =>
  block?.convolutions.at(-1)?.outputs ?? 0

/** A stage is a run of blocks with the same number of output channels. */
function stagesOf(blocks: readonly ResidualBlock[]): number[] {
  const stages: number[] = []
  let channels = 0
  for (const block of blocks) {
    if (outputsOf(block) === channels) stages.push((stages.pop() ?? 0) + 1)
    else stages.push(1)
    channels = outputsOf(block)
  }
  return stages
}

function variantOf(blocks: readonly ResidualBlock[]): Variant {
  const preActivated = blocks.filter((block) => block.preActivated).length
  if (preActivated > blocks.length / 2) return 'v2'
  const strided = blocks.find(({ convolutions }) => convolutions.some(({ stride }) => stride > 1))
  const [first] = strided?.convolutions ?? []
  return strided?.kind === 'bottleneck' && first?.stride === 1 ? 'v1.5' : 'v1'
}
