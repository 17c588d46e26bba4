/** How the pooled features of a photo are kept: in a quarter of the bytes. */

const SCALE_BYTES = 4

/**
 * Features as one float32 (little-endian), the scale, and an int8 each: a feature is scale times its
 * int8, to within half the scale. `features`: as a network has pooled them. `null` where one is no number.
 */
export function packFeatures(features: Float32Array): Uint8Array | null {
  let largest = 0
  for (const feature of features) {
    if (!Number.isFinite(feature)) return null
    largest = Math.max(largest, Math.abs(feature))
  }
  const scale = Math.fround(largest / 127)
  const packed = new Uint8Array(SCALE_BYTES + features.length)
  new DataView(packed.buffer).setFloat32(0, scale, true)
  const values = new Int8Array(packed.buffer, SCALE_BYTES)
  if (scale > 0)
    for (const [at, feature] of features.entries()) values[at] = within(feature / scale)
  return packed
}

const within = (value: number) => Math.max(-127, Math.min(127, Math.round(value)))

/** What `packFeatures` packed. */
export function unpackFeatures(packed: Uint8Array): Float32Array {
  const scale = new DataView(packed.buffer, packed.byteOffset).getFloat32(0, true)
  const values = new Int8Array(
    packed.buffer,
    packed.byteOffset + SCALE_BYTES,
    packed.length - SCALE_BYTES,
  )
  return Float32Array.from(values, (value) => value * scale)
}
