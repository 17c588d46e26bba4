import { describe, expect, test } from 'vitest'
import { readGraph } from '../../../models/onnx/graph.ts'
import { dimensionsOf, elementCount, floatsOf } from '../../../models/onnx/tensor.ts'
import { planResNet, type ResNetOptions } from '../../../models/resnet/architecture.ts'
import { countParameters } from '../../../models/resnet/assemble.ts'
import { buildResNet } from '../../../models/resnet/build.ts'

const parametersOf = (options: Omit<ResNetOptions, 'classes'>, classes: number) =>
  countParameters(planResNet({ ...options, classes }))

describe('the size of the family', () => {
  // https://pytorch.org/vision/stable/models/resnet.html
  test.each([
    [18, 11_689_512],
    [34, 21_797_672],
    [50, 25_557_032],
    [101, 44_549_160],
    [152, 60_192_808],
  ])('ResNet-%i has as many parameters as torchvision publishes', (depth, parameters) => {
    expect(parametersOf({ depth, variant: 'v1.5' }, 1000)).toBe(parameters)
    expect(parametersOf({ depth, variant: 'v1' }, 1000)).toBe(parameters)
  })

  // Table 6 of https://arxiv.org/abs/1512.03385, in millions.
  test.each([
    [20, 0.27, 2],
    [32, 0.46, 2],
    [44, 0.66, 2],
    [56, 0.85, 2],
    [110, 1.7, 1],
    [1202, 19.4, 1],
  ])(
    'the CIFAR ResNet-%i has %f million parameters, as in the paper',
    (depth, millions, digits) => {
      const parameters = parametersOf({ family: 'cifar', depth, variant: 'v1' }, 10)
      expect((parameters / 1e6).toFixed(digits)).toBe(millions.toFixed(digits))
    },
  )

  test('the file holds the parameters that are counted, beside two statistics a channel', () => {
    const options = { depth: 18, variant: 'v1.5', classes: 1000 } as const
    const { initializers } = readGraph(buildResNet({ ...options, seed: 1 }))
    const sizes = [...initializers].map(([name, tensor]) => ({
      statistic: name.includes('running'),
      size: elementCount(dimensionsOf(tensor)),
    }))
    const sum = (statistic: boolean) =>
      sizes.filter((each) => each.statistic === statistic).reduce((all, { size }) => all + size, 0)
    expect(sum(false)).toBe(countParameters(planResNet(options)))
    expect(sum(true)).toBe(9600)
  })

  test.each([
    [{ depth: 19, variant: 'v1' } as const, /choose 18, 34, 50, 101 or 152/],
    [{ family: 'cifar', depth: 18, variant: 'v1' } as const, /choose 6n\+2/],
    [{ family: 'cifar', depth: 2, variant: 'v1' } as const, /choose 6n\+2/],
  ])('refuses a depth that the family lacks: %o', (options, message) => {
    expect(() => planResNet({ ...options, classes: 10 })).toThrow(message)
  })
})

describe('buildResNet', () => {
  const small = { family: 'cifar', depth: 8, variant: 'v1', classes: 3, width: 4 } as const

  test('gives the same bytes for the same seed and others for another', () => {
    const [first, again, other] = [1, 1, 2].map((seed) =>
      Buffer.from(buildResNet({ ...small, seed })),
    )
    expect(first?.equals(again ?? Buffer.alloc(0))).toBe(true)
    expect(first?.equals(other ?? Buffer.alloc(0))).toBe(false)
  })

  test('takes given weights by name and refuses those of a wrong length', () => {
    const bias = Float32Array.of(1, 2, 3)
    const bytes = buildResNet({ ...small, seed: 1, weights: new Map([['fc.bias', bias]]) })
    const tensor = readGraph(bytes).initializers.get('fc.bias')
    expect(tensor && floatsOf(tensor)).toEqual(bias)
    const wrong = new Map([['fc.bias', bias.subarray(1)]])
    expect(() => buildResNet({ ...small, seed: 1, weights: wrong })).toThrow(/fc.bias needs 3/)
  })

  test('writes every padding out and leaves the number of photos open', () => {
    const graph = readGraph(buildResNet({ ...small, seed: 1 }))
    const convolutions = graph.nodes.filter(({ op }) => op === 'Conv')
    expect(convolutions).toHaveLength(7)
    for (const { attributes } of convolutions) {
      expect(attributes.has('auto_pad')).toBe(false)
      expect(attributes.get('pads')?.ints).toHaveLength(4)
    }
    expect(graph.inputs).toEqual([{ name: 'input', type: 1, dims: [null, 3, 32, 32] }])
    expect(graph.outputs).toEqual([{ name: 'logits', type: 1, dims: [null, 3] }])
  })
})
