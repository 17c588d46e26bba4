import type { Size } from '../geometry.ts'

const SHORT = 3
const LONG = 4
const UNDEFINED = 7

/**
 * Pixels as a TIFF file (TIFF 6.0, part 1), which sharp reads with their colour profile: it has no
 * other way to be told of one. `data`: RGBA, row-major, uint8, [height, width, 4].
 */
export function uncompressedTiff(
  { width, height, data }: Size & { data: ArrayLike<number> },
  profile: Uint8Array | null,
): Uint8Array<ArrayBuffer> {
  const bits = [8, 8, 8, 8]
  const fields: [tag: number, type: number, count: number, value: number][] = [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, bits.length, 0],
    // Not compressed, RGB, one strip.
    [259, SHORT, 1, 1],
    [262, SHORT, 1, 2],
    [273, LONG, 1, 0],
    [277, SHORT, 1, bits.length],
    [278, LONG, 1, height],
    [279, LONG, 1, data.length],
    // The fourth sample is transparency, not multiplied in.
    [338, SHORT, 1, 2],
  ]
  if (profile) fields.push([34675, UNDEFINED, profile.length, 0])

  const directory = 8
  const bitsAt = directory + 2 + fields.length * 12 + 4
  const pixelsAt = bitsAt + bits.length * 2
  const profileAt = pixelsAt + data.length
  const offsets = new Map([
    [258, bitsAt],
    [273, pixelsAt],
    [34675, profileAt],
  ])

  const file = new Uint8Array(profileAt + (profile?.length ?? 0))
  const view = new DataView(file.buffer)
  file.set([0x49, 0x49, 42, 0, directory])
  view.setUint16(directory, fields.length, true)
  for (const [index, [tag, type, count, value]] of fields.entries()) {
    const at = directory + 2 + index * 12
    view.setUint16(at, tag, true)
    view.setUint16(at + 2, type, true)
    view.setUint32(at + 4, count, true)
    view.setUint32(at + 8, offsets.get(tag) ?? value, true)
  }
  for (const [index, depth] of bits.entries()) view.setUint16(bitsAt + index * 2, depth, true)
  file.set(data, pixelsAt)
  if (profile) file.set(profile, profileAt)
  return file
}
