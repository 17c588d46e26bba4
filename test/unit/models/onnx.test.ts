import { describe, expect, test } from 'vitest'
import { constantNumbers } from '../../../models/onnx/constants.ts'
import { readGraph } from '../../../models/onnx/graph.ts'
import { interfaceOf } from '../../../models/onnx/interface.ts'
import { type TensorProto, tensorType } from '../../../models/onnx/schema.ts'
import { floatsOf } from '../../../models/onnx/tensor.ts'
import { encodeModel, floatTensor, floatValue, nodeProto } from '../../../models/onnx/write.ts'

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

describe('floatsOf reads every way that a tensor stores its numbers', () => {
  const numbers = [-2, 0, 0.5, 3]
  const whole = [-2, 0, 1, 100]
  const dims = [2, 2]
  test.each<[string, TensorProto, number[]]>([
    [
      'raw float32',
      { dims, data_type: tensorType.float, raw_data: bytesOf(Float32Array.from(numbers)) },
      numbers,
    ],
    [
      'raw float64',
      { dims, data_type: tensorType.double, raw_data: bytesOf(Float64Array.from(numbers)) },
      numbers,
    ],
    [
      'raw float16',
      { dims, data_type: tensorType.float16, raw_data: bytesOf(Float16Array.from(numbers)) },
      numbers,
    ],
    [
      'raw int8',
      { dims, data_type: tensorType.int8, raw_data: bytesOf(Int8Array.from(whole)) },
      whole,
    ],
    [
      'raw int32',
      { dims, data_type: tensorType.int32, raw_data: bytesOf(Int32Array.from(whole)) },
      whole,
    ],
    [
      'raw int64',
      { dims, data_type: tensorType.int64, raw_data: bytesOf(BigInt64Array.from(whole, BigInt)) },
      whole,
    ],
    [
      'listed float32',
      { dims, data_type: tensorType.float, float_data: bytesOf(Float32Array.from(numbers)) },
      numbers,
    ],
    [
      'listed float64',
      { dims, data_type: tensorType.double, double_data: bytesOf(Float64Array.from(numbers)) },
      numbers,
    ],
    // Varints: https://protobuf.dev/programming-guides/encoding/#varints (300 is ac 02).
    [
      'listed uint8',
      { dims: [2], data_type: tensorType.uint8, int32_data: Uint8Array.of(7, 0x80, 0x01) },
      [7, 128],
    ],
    [
      'listed int64',
      { dims: [2], data_type: tensorType.int64, int64_data: Uint8Array.of(0xac, 0x02, 1) },
      [300, 1],
    ],
    [
      'listed float16',
      { dims: [1], data_type: tensorType.float16, int32_data: Uint8Array.of(0x80, 0x78) },
      [1],
    ],
  ])('%s', (_, tensor, expected) => {
    expect([...floatsOf(tensor)]).toEqual(expected)
  })

  test('at a position that no typed array may start at', () => {
    const shifted = new Uint8Array(9)
    shifted.set(bytesOf(Float32Array.of(1, 2)), 1)
    const raw = shifted.subarray(1)
    expect([...floatsOf({ dims: [2], data_type: tensorType.float, raw_data: raw })]).toEqual([1, 2])
  })

  test('and says what it cannot read', () => {
    const one = Float32Array.of(1)
    const short = { name: 'w', dims: [3], data_type: tensorType.float, raw_data: bytesOf(one) }
    expect(() => floatsOf(short)).toThrow(/“w” does not hold 3 numbers/)
    expect(() => floatsOf({ dims: [1], data_type: tensorType.float, data_location: 1 })).toThrow(
      /keeps its weights in another file/,
    )
    expect(() => floatsOf({ dims: [1], data_type: 16, raw_data: bytesOf(one) })).toThrow(
      /number type 16/,
    )
  })
})

/** A graph of given nodes from `input` [N, 3, 4, 4] to `output`. */
const graphOf = (
  nodes: Parameters<typeof nodeProto>[],
  initializer: TensorProto[] = [],
  outputDims: (number | string)[] = ['N', 2],
) =>
  readGraph(
    encodeModel({
      ir_version: 7,
      producer_name: 'test',
      opset_import: [{ version: 13 }],
      graph: {
        node: nodes.map((node) => nodeProto(...node)),
        initializer,
        input: [floatValue('input', ['N', 3, 4, 4])],
        output: [floatValue('output', outputDims)],
      },
    }),
  )

describe('readGraph', () => {
  test('takes nodes in any order, but not in a circle', () => {
    const backwards = graphOf([
      ['Relu', ['middle'], ['output']],
      ['Relu', ['input'], ['middle']],
    ])
    expect(backwards.producerOf('output')?.inputs).toEqual(['middle'])
    const circle: Parameters<typeof nodeProto>[] = [
      ['Add', ['input', 'output'], ['middle']],
      ['Relu', ['middle'], ['output']],
    ]
    expect(() => graphOf(circle)).toThrow(/nodes wait for each other/)
  })
})

describe('constantNumbers', () => {
  const stored: TensorProto = {
    name: 'stored',
    dims: [2, 3],
    data_type: tensorType.int8,
    raw_data: bytesOf(Int8Array.of(1, 2, 3, 4, 5, 6)),
  }

  test.each([
    [0, [10, 20, 30, 80, 100, 120], Float32Array.of(10, 20)],
    [1, [10, 40, 90, 40, 100, 180], Float32Array.of(10, 20, 30)],
    [-2, [10, 20, 30, 80, 100, 120], Float32Array.of(10, 20)],
  ])('dequantises along axis %i', (axis, expected, scales) => {
    const scale = floatTensor('scale', [scales.length], scales)
    const graph = graphOf(
      [['DequantizeLinear', ['stored', 'scale'], ['weight'], { axis }]],
      [stored, scale],
    )
    expect([...(constantNumbers(graph, 'weight') ?? [])]).toEqual(expected)
  })

  test('takes the zero point off and looks through casts and other names', () => {
    const scale = floatTensor('scale', [], Float32Array.of(0.5))
    const zero = { ...stored, name: 'zero', dims: [], raw_data: Uint8Array.of(2) }
    const graph = graphOf(
      [
        ['DequantizeLinear', ['stored', 'scale', 'zero'], ['weight']],
        ['Identity', ['weight'], ['same']],
        ['Cast', ['same'], ['again'], { to: tensorType.float }],
      ],
      [stored, scale, zero],
    )
    expect([...(constantNumbers(graph, 'again') ?? [])]).toEqual([-0.5, 0, 0.5, 1, 1.5, 2])
    expect(constantNumbers(graph, 'input')).toBeNull()
  })
})

describe('interfaceOf', () => {
  test('recognises probabilities by the softmax that the graph ends in', () => {
    const nodes: Parameters<typeof nodeProto>[] = [
      ['Softmax', ['input'], ['scores']],
      ['Identity', ['scores'], ['output']],
    ]
    expect(interfaceOf(graphOf(nodes))?.outputKind).toBe('probabilities')
    expect(interfaceOf(graphOf([['Relu', ['input'], ['output']]]))?.outputKind).toBe('logits')
  })

  test('counts classes also in an output of [N, classes, 1, 1], and leaves open what is open', () => {
    const relu: Parameters<typeof nodeProto>[] = [['Relu', ['input'], ['output']]]
    expect(interfaceOf(graphOf(relu, [], ['N', 5, 1, 1]))?.classes).toBe(5)
    expect(interfaceOf(graphOf(relu, [], ['N', 'classes']))?.classes).toBeNull()
    expect(interfaceOf(graphOf(relu))?.inputDims).toEqual([null, 3, 4, 4])
  })
})
