import type { NodeProto, TensorProto } from '../onnx/schema.ts'
import { type AttributeValue, integerTensor, nodeProto } from '../onnx/write.ts'
import type { BlockPlan, ResNetPlan } from './architecture.ts'
import type { Parameter, ParameterRole } from './weights.ts'

/** A ResNet as ONNX nodes (opset 13), without the values of its parameters. */
export interface AssembledResNet {
  nodes: readonly NodeProto[]
  parameters: readonly Parameter[]
  /** Paddings and the like. */
  constants: readonly TensorProto[]
}

export const resNetInput = 'input'
export const resNetOutput = 'logits'

/** PyTorch's default. */
const epsilon = 1e-5

/** Every padding is explicit: WebGPU has been reported to go wrong with `auto_pad`. */
export function assembleResNet(plan: ResNetPlan): AssembledResNet {
  const network = new Network()
  let value = stem(network, plan)
  for (const block of plan.stages.flat()) {
    value =
      plan.variant === 'v2'
        ? preActivated(network, block, value)
        : activated(network, block, plan.variant, value)
  }
  if (plan.variant === 'v2') value = network.relu(network.norm('norm', value, plan.featureCount))
  classifier(network, plan, value)
  return network
}

/** How many numbers training may change: the running statistics do not count. */
export function countParameters(plan: ResNetPlan): number {
  return assembleResNet(plan)
    .parameters.filter(({ role }) => role !== 'mean' && role !== 'variance')
    .reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0)
}

function stem(network: Network, { family, variant, width }: ResNetPlan): string {
  const [kernel, stride] = family === 'imagenet' ? [7, 2] : [3, 1]
  const value = network.convolution('conv1', resNetInput, {
    inputs: 3,
    outputs: width,
    kernel,
    stride,
  })
  if (family === 'cifar') {
    return variant === 'v2' ? value : network.relu(network.norm('bn1', value, width))
  }
  return network.node('MaxPool', 'maxpool', [network.relu(network.norm('bn1', value, width))], {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    strides: [2, 2],
  })
}

interface Convolution {
  inputs: number
  outputs: number
  kernel: number
  stride: number
  role?: ParameterRole
}

/** The convolutions of a residual branch, first to last. */
function branchOf(block: BlockPlan, strideFirst: boolean): readonly Convolution[] {
  const { inputChannels, innerChannels, outputChannels, stride } = block
  if (block.kind === 'basic') {
    return [
      { inputs: inputChannels, outputs: innerChannels, kernel: 3, stride },
      { inputs: innerChannels, outputs: outputChannels, kernel: 3, stride: 1, role: 'branch-end' },
    ]
  }
  const [first, second] = strideFirst ? [stride, 1] : [1, stride]
  return [
    { inputs: inputChannels, outputs: innerChannels, kernel: 1, stride: first },
    { inputs: innerChannels, outputs: innerChannels, kernel: 3, stride: second },
    { inputs: innerChannels, outputs: outputChannels, kernel: 1, stride: 1, role: 'branch-end' },
  ]
}

function activated(
  network: Network,
  block: BlockPlan,
  variant: 'v1' | 'v1.5',
  input: string,
): string {
  const { name } = block
  const branch = branchOf(block, variant === 'v1')
  let value = input
  branch.forEach((convolution, index) => {
    value = network.convolution(`${name}.conv${index + 1}`, value, convolution)
    value = network.norm(`${name}.bn${index + 1}`, value, convolution.outputs)
    if (index < branch.length - 1) value = network.relu(value)
  })
  let shortcut = shortcutOf(network, block, input, input)
  if (block.shortcut === 'projection') {
    shortcut = network.norm(`${name}.downsample.1`, shortcut, block.outputChannels)
  }
  return network.relu(network.node('Add', `${name}.add`, [value, shortcut]))
}

function preActivated(network: Network, block: BlockPlan, input: string): string {
  const { name } = block
  let value = input
  let activatedInput = input
  branchOf(block, false).forEach((convolution, index) => {
    value = network.relu(network.norm(`${name}.bn${index + 1}`, value, convolution.inputs))
    if (index === 0) activatedInput = value
    value = network.convolution(`${name}.conv${index + 1}`, value, convolution)
  })
  // A projection sees the activated input, as in the paper's own code.
  const shortcut = shortcutOf(network, block, input, activatedInput)
  return network.node('Add', `${name}.add`, [value, shortcut])
}

function shortcutOf(network: Network, block: BlockPlan, input: string, projected: string): string {
  const { name, inputChannels, outputChannels, stride, shortcut } = block
  if (shortcut === 'identity') return input
  if (shortcut === 'projection') {
    return network.convolution(`${name}.downsample.0`, projected, {
      inputs: inputChannels,
      outputs: outputChannels,
      kernel: 1,
      stride,
    })
  }
  // A 1x1 pooling with a stride takes every other pixel.
  const subsampled = network.node('MaxPool', `${name}.subsample`, [input], {
    kernel_shape: [1, 1],
    pads: [0, 0, 0, 0],
    strides: [stride, stride],
  })
  const missing = outputChannels - inputChannels
  const before = Math.floor(missing / 2)
  const pads = network.constant(`${name}.pads`, [0, before, 0, 0, 0, missing - before, 0, 0])
  return network.node('Pad', `${name}.pad`, [subsampled, pads])
}

function classifier(network: Network, { classes, featureCount }: ResNetPlan, maps: string): void {
  const pooled = network.node('GlobalAveragePool', 'avgpool', [maps])
  const features = network.node('Flatten', 'features', [pooled], { axis: 1 })
  const weight = network.parameter('fc.weight', [classes, featureCount], 'classifier-weight')
  const bias = network.parameter('fc.bias', [classes], 'classifier-bias')
  network.node('Gemm', resNetOutput, [features, weight, bias], { transB: 1 })
}

/** Collects nodes; every method returns the name of the value that it makes. */
class Network implements AssembledResNet {
  readonly nodes: NodeProto[] = []
  readonly parameters: Parameter[] = []
  readonly constants: TensorProto[] = []

  node(
    op: string,
    output: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    this.nodes.push(nodeProto(op, inputs, [output], attributes))
    return output
  }

  parameter(name: string, dims: readonly number[], role: ParameterRole): string {
    this.parameters.push({ name, dims, role })
    return name
  }

  constant(name: string, values: readonly number[]): string {
    this.constants.push(integerTensor(name, values))
    return name
  }

  convolution(name: string, input: string, convolution: Convolution): string {
    const { inputs, outputs, kernel, stride, role = 'convolution' } = convolution
    const weight = this.parameter(`${name}.weight`, [outputs, inputs, kernel, kernel], role)
    const pad = (kernel - 1) / 2
    return this.node('Conv', name, [input, weight], {
      kernel_shape: [kernel, kernel],
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
    })
  }

  norm(name: string, input: string, channels: number): string {
    const inputs = [
      input,
      this.parameter(`${name}.weight`, [channels], 'scale'),
      this.parameter(`${name}.bias`, [channels], 'shift'),
      this.parameter(`${name}.running_mean`, [channels], 'mean'),
      this.parameter(`${name}.running_var`, [channels], 'variance'),
    ]
    return this.node('BatchNormalization', name, inputs, { epsilon: { float: epsilon } })
  }

  relu(input: string): string {
    return this.node('Relu', `${input}.relu`, [input])
  }
}
