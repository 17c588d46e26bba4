/** How the pooled features of a photo are kept: in a quarter of the bytes. */

/** Two float32. */
const HEADER_BYTES = 8
const STEPS = 255

/**
 * Features as two float32 (little-endian), the least of them and a step, and a byte each: a feature is
 * the least and so many steps, to within half a step, which is a 510th of their range. `features`: as a
 * network has pooled them. `null` where one is no number.
 */
export function packFeatures(features: Float32Array): Uint8Array | null {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const feature of features) {
    if (!Number.isFinite(feature)) return null
    least = Math.min(least, feature)
    most = Math.max(most, feature)
  }
  const step = Math.fround((most - least) / STEPS)
  const packed = new Uint8Array(HEADER_BYTES + features.length)
  const header = new DataView(packed.buffer)
  header.setFloat32(0, least, true)
  header.setFloat32(4, step, true)
  if (step === 0) return packed
  for (const [at, feature] of features.entries()) {
    packed[HEADER_BYTES + at] = Math.min(STEPS, Math.round((feature - least) / step))
  }
  return packed
}

/** What `packFeatures` packed. */
export function unpackFeatures(packed: Uint8Array): Float32Array {
  const header = new DataView(packed.buffer, packed.byteOffset)
  const [least, step] = [header.getFloat32(0, true), header.getFloat32(4, true)]
  return Float32Array.from(packed.subarray(HEADER_BYTES), (steps) => least + steps * step)
}
