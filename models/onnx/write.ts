import {
  type AttributeProto,
  attributeType,
  type ModelProto,
  modelProto,
  type NodeProto,
  type TensorProto,
  tensorType,
  type ValueInfoProto,
} from './schema.ts'

/** A number becomes an integer attribute, an array a list of integers, `{ float }` a float. */
export type AttributeValue = number | readonly number[] | { float: number }

/** `name` of the node is that of its first output. */
export const nodeProto = (
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeProto => ({
  name: outputs[0] ?? '',
  op_type: op,
  input: [...inputs],
  output: [...outputs],
  attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
})

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return { name, type: attributeType.int, i: value }
  if ('float' in value) return { name, type: attributeType.float, f: value.float }
  return { name, type: attributeType.ints, ints: [...value] }
}

/** `values`: row-major; a view of them is written, so they must not change before the encoding. */
export const floatTensor = (
  name: string,
  dims: readonly number[],
  values: Float32Array,
): TensorProto => ({
  name,
  dims: [...dims],
  data_type: tensorType.float,
  raw_data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
})

export const integerTensor = (name: string, values: readonly number[]): TensorProto => ({
  name,
  dims: [values.length],
  data_type: tensorType.int64,
  raw_data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
})

/** A float32 input or output; a dimension given as text is open under that name. */
export const floatValue = (name: string, dims: readonly (number | string)[]): ValueInfoProto => ({
  name,
  type: {
    tensor_type: {
      elem_type: tensorType.float,
      shape: {
        dim: dims.map((dim) => (typeof dim === 'number' ? { dim_value: dim } : { dim_param: dim })),
      },
    },
  },
})

export const encodeModel = (model: ModelProto): Uint8Array<ArrayBuffer> =>
  new Uint8Array(modelProto.encode(model).finish())
