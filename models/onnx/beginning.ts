import protobuf from 'protobufjs'

/** Wire types of protobuf: https://protobuf.dev/programming-guides/encoding/#structure */
const varint = 0
const lengthDelimited = 2

/**
 * Fields of ModelProto in
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto: the two numbers, and all that have a length.
 */
const numbers = new Set([1, 5])
const messages = new Set([2, 3, 4, 6, 7, 8, 14, 20, 25, 26])

/**
 * Whether an ONNX file may begin with these bytes, however few they are. `false` for web pages,
 * JSON, archives and most texts, which is known before the rest of a file is here.
 */
export function mayBeginModel(bytes: Uint8Array): boolean {
  const reader = protobuf.Reader.create(bytes)
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32()
      const [field, wireType] = [tag >>> 3, tag & 7]
      if (!(wireType === varint ? numbers : messages).has(field)) return false
      if (wireType !== varint && wireType !== lengthDelimited) return false
      reader.skipType(wireType)
    }
  } catch {
    // The field goes on behind these bytes.
  }
  return true
}
