import protobuf from 'protobufjs'
import { UserError } from '../../contract/errors.ts'
import { type TensorProto, tensorType, type WireInteger } from './schema.ts'

/** TensorProto.DataLocation of numbers that lie in another file. */
const externalLocation = 1

/** Throws UserError beyond 2^53: no dimension or stride of a network is that large. */
export function toNumber(value: WireInteger): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new UserError(
    'not-onnx',
    `This ONNX file has a size of ${value} in it, which no network has: it is damaged, get it again.`,
  )
}

export const dimensionsOf = (tensor: TensorProto): number[] => (tensor.dims ?? []).map(toNumber)

export const elementCount = (dims: readonly number[]): number =>
  dims.reduce((product, dim) => product * dim, 1)

/** Whether a tensor's numbers lie in another file. */
export const liesElsewhere = ({ data_location }: TensorProto): boolean =>
  data_location === externalLocation

export const weightsElsewhere = () =>
  new UserError(
    'model-external-weights',
    'This ONNX model keeps its weights in another file: export it again as one file (in PyTorch: external_data=False).',
  )

/**
 * The numbers of a tensor, row-major. Float32, float16, int8 and uint8 come without loss; int32,
 * int64 and double are rounded to float32. Throws UserError for a tensor that keeps its numbers
 * in another file, has another number type, or is cut off.
 */
export function floatsOf(tensor: TensorProto): Float32Array {
  if (liesElsewhere(tensor)) throw weightsElsewhere()
  const expected = elementCount(dimensionsOf(tensor))
  const numbers = numbersOf(tensor)
  if (numbers?.length === expected) return numbers
  throw new UserError(
    'not-onnx',
    `The tensor “${tensor.name ?? ''}” does not hold ${expected} numbers, as it says: the ONNX file is damaged, get it again.`,
  )
}

/** `null` for one that ends within a number. */
function numbersOf(tensor: TensorProto): Float32Array | null {
  try {
    return tensor.raw_data?.length ? rawNumbers(tensor, tensor.raw_data) : listed(tensor)
  } catch (error) {
    if (error instanceof UserError) throw error
    return null
  }
}

function rawNumbers(tensor: TensorProto, raw: Uint8Array): Float32Array {
  // Typed arrays need alignment that a position in a file does not have: copy.
  const buffer = Uint8Array.from(raw).buffer
  switch (tensor.data_type) {
    case tensorType.float:
      return new Float32Array(buffer)
    case tensorType.double:
      return Float32Array.from(new Float64Array(buffer))
    case tensorType.uint8:
      return Float32Array.from(new Uint8Array(buffer))
    case tensorType.int8:
      return Float32Array.from(new Int8Array(buffer))
    case tensorType.int32:
      return Float32Array.from(new Int32Array(buffer))
    case tensorType.int64:
      return Float32Array.from(new BigInt64Array(buffer), Number)
    case tensorType.float16:
      return Float32Array.from(new Uint16Array(buffer), halfToNumber)
    default:
      throw unreadableType(tensor)
  }
}

function listed(tensor: TensorProto): Float32Array {
  switch (tensor.data_type) {
    case tensorType.float:
      return new Float32Array(Uint8Array.from(tensor.float_data ?? []).buffer)
    case tensorType.double:
      return Float32Array.from(new Float64Array(Uint8Array.from(tensor.double_data ?? []).buffer))
    case tensorType.float16:
      return Float32Array.from(varints(tensor.int32_data), halfToNumber)
    case tensorType.uint8:
    case tensorType.int8:
    case tensorType.int32:
      return Float32Array.from(varints(tensor.int32_data))
    case tensorType.int64:
      return Float32Array.from(varints(tensor.int64_data))
    default:
      throw unreadableType(tensor)
  }
}

function varints(bytes: Uint8Array | undefined): number[] {
  const reader = protobuf.Reader.create(bytes ?? new Uint8Array())
  const numbers: number[] = []
  while (reader.pos < reader.len) numbers.push(Number(reader.int64()))
  return numbers
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const unreadableType = (tensor: TensorProto) =>
  new UserError(
    'model-number-type',
    `The tensor “${tensor.name ?? ''}” has number type ${tensor.data_type}, which Albumen does not read: export the model in float32.`,
  )
