import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../contract/errors.ts'
import type { Variant } from '../../../models/resnet/architecture.ts'
import { buildResNet } from '../../../models/resnet/build.ts'
import { describeModel, describeModelFile } from '../../../models/resnet/describe.ts'
import {
  pytorchSample,
  pytorchSamples,
  restyled,
  sharedModel,
} from '../../fixtures/models/samples.ts'

const projected = ['identity', 'projection']
const padded = ['identity', 'padding']
const blocksOf: Record<number, number[]> = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
}

const resnet = (variant: Variant, depth: number, rest: object = {}) => ({
  resnet: true,
  reason: null,
  variant,
  depth,
  blocks: blocksOf[depth],
  shortcuts: projected,
  classes: 10,
  inputSize: 64,
  quantised: null,
  ...rest,
})

describe('describeModel knows what buildResNet builds', () => {
  const depths = [18, 34, 50, 101, 152]
  const variants: Variant[] = ['v1', 'v1.5', 'v2']
  test.each(depths.flatMap((depth) => variants.map((variant) => ({ depth, variant }))))(
    'ImageNet ResNet-$depth $variant',
    ({ depth, variant }) => {
      const options = { depth, variant, classes: 10, seed: 1, width: 2, inputSize: 64 }
      // Basic blocks stride in their first 3x3 convolution: v1 and v1.5 are the same.
      const same = variant === 'v1.5' && depth < 50 ? 'v1' : variant
      expect(describeModel(buildResNet(options))).toEqual(resnet(same, depth))
      const padding = buildResNet({ ...options, shortcuts: 'padding' })
      expect(describeModel(padding)).toEqual(resnet(same, depth, { shortcuts: padded }))
    },
  )

  test.each(
    [8, 20, 110, 1202].flatMap((depth) => [
      { depth, variant: 'v1' as const, shortcuts: 'padding' as const, kinds: padded },
      { depth, variant: 'v2' as const, shortcuts: 'projection' as const, kinds: projected },
    ]),
  )('CIFAR ResNet-$depth $variant with $shortcuts shortcuts', ({ kinds, ...options }) => {
    const bytes = buildResNet({ family: 'cifar', ...options, classes: 10, seed: 1, width: 2 })
    const n = (options.depth - 2) / 6
    const rest = { blocks: [n, n, n], shortcuts: kinds, inputSize: 32 }
    expect(describeModel(bytes)).toEqual(resnet(options.variant, options.depth, rest))
  })
})

describe('describeModel reads what PyTorch exports', () => {
  const large = { inputSize: 224 }
  const small = { inputSize: 32 }
  const expected = {
    'resnet18-opset9': resnet('v1', 18, large),
    'resnet18-opset11-unfolded': resnet('v1', 18, large),
    'resnet18-mean-view-softmax': resnet('v1', 18),
    'resnet18-v2-opset13': resnet('v2', 18),
    'resnet34-opset12': resnet('v1', 34),
    'resnet50-opset13': resnet('v1.5', 50, large),
    'resnet50-opset17-unfolded': resnet('v1.5', 50, large),
    'resnet50-v2-opset15': resnet('v2', 50),
    'wide-resnet26': resnet('v1.5', 26, { blocks: [2, 2, 2, 2] }),
    'cifar20-padding-opset10': resnet('v1', 20, { ...small, blocks: [3, 3, 3], shortcuts: padded }),
    'cifar32-padding-opset14': resnet('v1', 32, { ...small, blocks: [5, 5, 5], shortcuts: padded }),
    'cifar20-v2-projection': resnet('v2', 20, { ...small, blocks: [3, 3, 3] }),
  }
  const refused = {
    'not-plain': /no residual blocks/,
    'not-densenet': /concatenation/,
    'not-headless': /do not end in pooled features and one linear classifier/,
    'not-squeezed': /squeeze-and-excitation/,
    'not-resnext': /8 of its 29 convolutions see groups of channels, as in ResNeXt/,
    'not-mobilenet-v3': /11 of its 50 convolutions are depthwise/,
    'not-transformer': /has no convolutions in it/,
  }

  test('every sample is spoken for', () => {
    expect(pytorchSamples().sort()).toEqual(
      [...Object.keys(expected), ...Object.keys(refused)].sort(),
    )
  })

  test.each(Object.entries(expected))('%s', (name, description) => {
    expect(describeModel(pytorchSample(name))).toEqual(description)
  })

  test.each(Object.entries(refused))('%s is refused with the reason', (name, reason) => {
    const description = describeModel(pytorchSample(name))
    expect(description).toMatchObject({ resnet: false, variant: null, depth: null, blocks: [] })
    expect(description.reason).toMatch(reason)
  })
})

describe('describeModel reads other exporters’ styles', () => {
  test.each([
    ['mxnet-18-v1', resnet('v1', 18)],
    ['mxnet-50-v1', resnet('v1', 50)],
    ['mxnet-50-v2', resnet('v2', 50)],
    ['caffe2-50', resnet('v1', 50)],
    ['keras-50', resnet('v1', 50)],
    ['convolution-head-18', resnet('v1', 18)],
    ['float16-18', resnet('v1', 18, { quantised: 'float16' })],
    ['qdq-50', resnet('v1.5', 50, { quantised: 'qdq' })],
    ['qlinear-50-qgemm', resnet('v1', 50, { quantised: 'qlinear' })],
    ['qlinear-18-matmul', resnet('v1', 18, { quantised: 'qlinear' })],
  ] as const)('%s', (name, description) => {
    expect(describeModel(restyled[name]())).toEqual(description)
  })
})

const binary = sharedModel('resnet18-imagenet')
const mobilenet = sharedModel('mobilenetv2-imagenet-int8')

test.skipIf(!binary)('a real ResNet-18 v2 with 1-bit weights', () => {
  const rest = { classes: 1000, inputSize: 224, quantised: 'binary-weights' }
  expect(describeModel(binary ?? new Uint8Array())).toEqual(resnet('v2', 18, rest))
})

test.skipIf(!mobilenet)(
  'a real MobileNetV2 is refused, because its convolutions are depthwise',
  () => {
    expect(describeModel(mobilenet ?? new Uint8Array())).toMatchObject({
      resnet: false,
      reason:
        'This is no ResNet: 17 of its 52 convolutions are depthwise (each sees one channel), as in MobileNet or EfficientNet.',
      classes: 1000,
      inputSize: 224,
      quantised: 'qdq',
    })
  },
)

test('a file that is no ONNX file is an error, not a description', async () => {
  expect(() => describeModel(new TextEncoder().encode('not a model'))).toThrow(UserError)
  await expect(describeModelFile('nowhere.onnx')).rejects.toThrow(/There is no model at nowhere/)
  const file = join('test/fixtures/models/pytorch', 'resnet18-opset9.onnx')
  expect(await describeModelFile(file)).toMatchObject({ resnet: true, depth: 18 })
})
