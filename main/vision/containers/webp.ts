/** The structure of WebP files (RFC 9649, 2.3 to 2.7). */
import type { ImagePart } from './imagePart.ts'

/** Pixels, transparency, frames. VP8X tells of metadata too, so that it changes with them. */
const PIXEL_CHUNKS = new Set(['VP8 ', 'VP8L', 'ALPH', 'ANMF'])

/** Throws RangeError where the file ends early. */
export function webpImageData(file: Buffer): ImagePart[] {
  const parts: ImagePart[] = []
  const end = 8 + file.readUInt32LE(4)
  if (end > file.length) throw new RangeError('the file ends early')
  for (let at = 12; at + 8 <= end; ) {
    const type = file.toString('latin1', at, at + 4)
    const start = at + 8
    const length = file.readUInt32LE(at + 4)
    if (start + length > end) throw new RangeError('a chunk ends behind the file')
    if (PIXEL_CHUNKS.has(type)) {
      parts.push({ name: type, data: [file.subarray(start, start + length)] })
    }
    // Chunks are padded to even sizes.
    at = start + length + (length % 2)
  }
  return parts
}
