import type { Graph, GraphNode } from '../onnx/graph.ts'
import {
  type ConvolutionShape,
  dataInputOf,
  isConvolution,
  isGate,
  isNormalisation,
  joinedBy,
  shapeOfConvolution,
} from '../onnx/operators.ts'

export type ShortcutKind = 'identity' | 'projection' | 'padding'

export interface ResidualBlock {
  kind: 'basic' | 'bottleneck'
  /** Of the residual branch, in the order of computation. */
  convolutions: readonly ConvolutionShape[]
  shortcut: ShortcutKind
  /** Whether normalisation comes before the branch's first convolution, as in v2. */
  preActivated: boolean
}

/** A chain of residual blocks, first to last; or why the graph is none, as part of a sentence. */
export type BlockFinding = { blocks: readonly ResidualBlock[] } | { reason: string }

/** Reads the residual blocks between the stem and the value `maps`. */
export function findBlocks(graph: Graph): BlockFinding {
  const additions = graph.nodes.filter((node) => joinedBy(graph, node) !== null)
  if (additions.length === 0) return { reason: noAdditions(graph) }
  const blocks: ResidualBlock[] = []
  for (const [index, addition] of additions.entries()) {
    const finding = readBlock(graph, addition, additions[index - 1] ?? null)
    if ('reason' in finding) return finding
    blocks.push(finding)
  }
  return { blocks }
}

const noAdditions = (graph: Graph): string =>
  graph.nodes.some(({ op }) => op === 'Concat' || op === 'QLinearConcat')
    ? 'it joins its branches by concatenation, not by the additions of residual blocks'
    : 'nothing is added to what its convolutions compute, so it has no residual blocks'

function readBlock(
  graph: Graph,
  addition: GraphNode,
  previous: GraphNode | null,
): ResidualBlock | { reason: string } {
  const paths = pathsTo(graph, addition)
  const name = `the block that ends at “${addition.outputs[0] ?? ''}”`
  if (!paths) return { reason: `${name} joins branches that do not start at one value` }
  if ([...paths.branch, ...paths.shortcut].some((node) => isGate(graph, node))) {
    return { reason: `${name} multiplies computed values, as squeeze-and-excitation does` }
  }
  const before = walkBack(graph, paths.fork)
  if (previous && (before.end !== previous || before.nodes.some(isConvolution))) {
    return { reason: `${name} does not follow the block before it` }
  }
  const convolutions = shapesOn(graph, paths.branch)
  const onShortcut = shapesOn(graph, paths.shortcut)
  if (!convolutions || !onShortcut)
    return { reason: `${name} has convolutions with computed weights` }
  const kind = kindOf(convolutions)
  if (!kind) return { reason: `${name} ${unknownBlock(convolutions)}` }
  if (onShortcut.length > 1)
    return { reason: `${name} has ${onShortcut.length} convolutions on its shortcut` }
  return {
    kind,
    convolutions,
    shortcut: shortcutOf(paths.shortcut),
    preActivated: isPreActivated(graph, paths.branch, before.nodes),
  }
}

interface Paths {
  fork: string
  /** Nodes from the fork to the addition, with more convolutions than the shortcut. */
  branch: readonly GraphNode[]
  shortcut: readonly GraphNode[]
}

function pathsTo(graph: Graph, addition: GraphNode): Paths | null {
  const joined = joinedBy(graph, addition)
  if (!joined) return null
  const [left, right] = [walkBack(graph, joined[0]), walkBack(graph, joined[1])]
  const onRight = new Set(right.values)
  const fork = left.values.find((value) => onRight.has(value))
  if (fork === undefined) return null
  const upTo = (walk: Walk) => walk.nodes.slice(0, walk.values.indexOf(fork)).reverse()
  const branches = [upTo(left), upTo(right)].sort(
    (a, b) => convolutionCount(b) - convolutionCount(a),
  )
  const [branch = [], shortcut = []] = branches
  return { fork, branch, shortcut }
}

const convolutionCount = (nodes: readonly GraphNode[]): number => nodes.filter(isConvolution).length

interface Walk {
  /** The value it started from and those before it; node i computes value i out of value i + 1. */
  values: readonly string[]
  nodes: readonly GraphNode[]
  /** The addition of computed values that it stopped at; `null` at the start of the graph. */
  end: GraphNode | null
}

/** Goes against the flow of the data up to the addition before, or the graph's input. */
function walkBack(graph: Graph, start: string): Walk {
  const values = [start]
  const nodes: GraphNode[] = []
  let value = start
  for (;;) {
    const node = graph.producerOf(value)
    if (!node) return { values, nodes, end: null }
    if (joinedBy(graph, node)) return { values, nodes, end: node }
    const before = dataInputOf(graph, node)
    if (before === null) return { values, nodes, end: null }
    nodes.push(node)
    values.push(before)
    value = before
  }
}

function shapesOn(graph: Graph, nodes: readonly GraphNode[]): ConvolutionShape[] | null {
  const shapes = nodes.filter(isConvolution).map((node) => shapeOfConvolution(graph, node))
  return shapes.every((shape) => shape !== null) ? shapes : null
}

const kernels = (convolutions: readonly ConvolutionShape[]): string =>
  convolutions.map(({ kernel }) => kernel.join('x')).join(', ')

function kindOf(convolutions: readonly ConvolutionShape[]): 'basic' | 'bottleneck' | null {
  const [first, , last] = convolutions
  switch (kernels(convolutions)) {
    case '3x3, 3x3':
      return 'basic'
    case '1x1, 3x3, 1x1':
      return (first?.outputs ?? 0) <= (last?.outputs ?? 0) ? 'bottleneck' : null
    default:
      return null
  }
}

function unknownBlock(convolutions: readonly ConvolutionShape[]): string {
  if (convolutions.length === 0) return 'has no convolutions in it'
  return kernels(convolutions) === '1x1, 3x3, 1x1'
    ? 'is widest in the middle (an inverted bottleneck), where a ResNet is narrowest'
    : `has convolutions of ${kernels(convolutions)}, where a ResNet has 3x3, 3x3 or 1x1, 3x3, 1x1`
}

function shortcutOf(shortcut: readonly GraphNode[]): ShortcutKind {
  if (shortcut.some(isConvolution)) return 'projection'
  return shortcut.some(({ op }) => op === 'Pad' || op === 'Concat') ? 'padding' : 'identity'
}

/** Looks from the branch's first convolution back to the addition before, or to the stem's end. */
function isPreActivated(
  graph: Graph,
  branch: readonly GraphNode[],
  beforeFork: readonly GraphNode[],
): boolean {
  const inBranch = branch.slice(0, branch.findIndex(isConvolution))
  const stemEnd = beforeFork.findIndex(({ op }) => isStem(op))
  const outside = stemEnd < 0 ? beforeFork : beforeFork.slice(0, stemEnd)
  return [...inBranch, ...outside].some((node) => isNormalisation(graph, node))
}

const isStem = (op: string): boolean => op.endsWith('Conv') || op.endsWith('MaxPool')
