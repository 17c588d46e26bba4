import { UserError } from '../../contract/errors.ts'

/**
 * - `v1`: a bottleneck block strides in its first 1x1 convolution (He et al. 2015,
 *   https://arxiv.org/abs/1512.03385);
 * - `v1.5`: it strides in the 3x3 convolution (torchvision, NVIDIA); basic blocks are those of v1;
 * - `v2`: normalisation and activation come before each convolution (He et al. 2016,
 *   https://arxiv.org/abs/1603.05027), stride in the 3x3.
 */
export type Variant = 'v1' | 'v1.5' | 'v2'

/**
 * Where a block changes size, its shortcut is a 1x1 convolution (option B of the paper) or the
 * input itself, subsampled and padded with zero channels (option A). Elsewhere it is the input.
 */
export type ResizingShortcut = 'projection' | 'padding'

export interface ResNetOptions {
  /**
   * `imagenet` family: 18, 34, 50, 101 or 152 layers, 7x7 stem with max pooling, four stages.
   * `cifar` family: 6n+2 layers such as 20 or 110, 3x3 stem, three stages of n basic blocks.
   */
  family?: 'imagenet' | 'cifar'
  depth: number
  variant: Variant
  classes: number
  /** Side of the input in pixels; 224 for `imagenet`, 32 for `cifar`. */
  inputSize?: number
  /** Channels of the first stage; 64 for `imagenet`, 16 for `cifar`. */
  width?: number
  /** `projection` for `imagenet`, `padding` for `cifar`, as in the paper. */
  shortcuts?: ResizingShortcut
}

export interface BlockPlan {
  /** `layer1.0`: prefix of its parameters, as torchvision names them. */
  name: string
  kind: 'basic' | 'bottleneck'
  inputChannels: number
  /** Channels of the block's 3x3 convolutions. */
  innerChannels: number
  outputChannels: number
  stride: 1 | 2
  shortcut: 'identity' | ResizingShortcut
}

export interface ResNetPlan {
  family: 'imagenet' | 'cifar'
  depth: number
  variant: Variant
  classes: number
  inputSize: number
  width: number
  stages: readonly (readonly BlockPlan[])[]
  /** Length of the pooled features. */
  featureCount: number
}

/** Blocks of each stage: table 1 of https://arxiv.org/abs/1512.03385. */
const imagenetDepths: Readonly<
  Record<number, { kind: 'basic' | 'bottleneck'; blocks: readonly number[] }>
> = {
  18: { kind: 'basic', blocks: [2, 2, 2, 2] },
  34: { kind: 'basic', blocks: [3, 4, 6, 3] },
  50: { kind: 'bottleneck', blocks: [3, 4, 6, 3] },
  101: { kind: 'bottleneck', blocks: [3, 4, 23, 3] },
  152: { kind: 'bottleneck', blocks: [3, 8, 36, 3] },
}

/** Output channels of a bottleneck block per inner channel. */
const bottleneckExpansion = 4

/** Says what the network consists of. Throws UserError for a depth that its family lacks. */
export function planResNet(options: ResNetOptions): ResNetPlan {
  const { family = 'imagenet', depth, variant, classes } = options
  const { kind, blocks } = family === 'imagenet' ? imagenetStages(depth) : cifarStages(depth)
  const width = options.width ?? (family === 'imagenet' ? 64 : 16)
  const resizing = options.shortcuts ?? (family === 'imagenet' ? 'projection' : 'padding')
  const expansion = kind === 'bottleneck' ? bottleneckExpansion : 1
  let inputChannels = width
  const stages = blocks.map((count, stage) => {
    const innerChannels = width * 2 ** stage
    return Array.from({ length: count }, (_, index): BlockPlan => {
      const stride = stage > 0 && index === 0 ? 2 : 1
      const outputChannels = innerChannels * expansion
      const resizes = stride === 2 || inputChannels !== outputChannels
      const block: BlockPlan = {
        name: `layer${stage + 1}.${index}`,
        kind,
        inputChannels,
        innerChannels,
        outputChannels,
        stride,
        shortcut: resizes ? resizing : 'identity',
      }
      inputChannels = outputChannels
      return block
    })
  })
  return {
    family,
    depth,
    variant,
    classes,
    inputSize: options.inputSize ?? (family === 'imagenet' ? 224 : 32),
    width,
    stages,
    featureCount: inputChannels,
  }
}

function imagenetStages(depth: number) {
  const stages = imagenetDepths[depth]
  if (stages) return stages
  throw new UserError(
    'resnet-depth',
    `There is no ImageNet ResNet of ${depth} layers: choose 18, 34, 50, 101 or 152.`,
  )
}

function cifarStages(depth: number) {
  const n = (depth - 2) / 6
  if (Number.isInteger(n) && n > 0) return { kind: 'basic' as const, blocks: [n, n, n] }
  throw new UserError(
    'resnet-depth',
    `There is no CIFAR ResNet of ${depth} layers: choose 6n+2, such as 20, 32, 44, 56, 110 or 1202.`,
  )
}
