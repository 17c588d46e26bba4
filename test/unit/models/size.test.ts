import { expect, test } from 'vitest'
import { readGraph } from '../../../models/onnx/graph.ts'
import { planResNet, type ResNetOptions } from '../../../models/resnet/architecture.ts'
import { assembleResNet } from '../../../models/resnet/assemble.ts'
import { buildResNet } from '../../../models/resnet/build.ts'
import { countWeights } from '../../../models/resnet/size.ts'
import { restyled, sharedModel } from '../../fixtures/models/samples.ts'

const count = (bytes: Uint8Array) => countWeights(readGraph(bytes))

test('a ResNet-18 has torchvision’s 11,689,512 parameters but for 10,600 of normalisation and bias', () => {
  expect(count(buildResNet({ depth: 18, variant: 'v1', classes: 1000, seed: 1 }))).toBe(11_678_912)
})

test.each<ResNetOptions>([
  { depth: 50, variant: 'v1.5', classes: 10, width: 4 },
  { depth: 34, variant: 'v2', classes: 10, width: 4 },
  { family: 'cifar', depth: 20, variant: 'v1', classes: 10 },
])('counts what was built: %j', (options) => {
  const built = assembleResNet(planResNet(options)).parameters.filter(({ role }) =>
    ['convolution', 'branch-end', 'classifier-weight'].includes(role),
  )
  const expected = built.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b), 0)
  expect(count(buildResNet({ ...options, seed: 1 }))).toBe(expected)
})

test('the classifier counts once, also where it is a convolution', () => {
  expect(count(restyled['convolution-head-18']())).toBe(count(restyled['mxnet-18-v1']()))
})

const mobilenet = sharedModel('mobilenetv2-imagenet-int8')
test.skipIf(!mobilenet)(
  'a depthwise convolution has one kernel a channel, an integer is a weight',
  () => {
    // torchvision's 3,504,872 parameters but for 34,112 of normalisation and 1,000 of bias.
    expect(count(mobilenet ?? new Uint8Array())).toBe(3_469_760)
  },
)
