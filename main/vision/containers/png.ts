/** The structure of PNG files (Portable Network Graphics, third edition, W3C, 5.3 and 11). */
import type { ImagePart } from './imagePart.ts'

/** What pixels and animations come from, beside IDAT. */
const PIXEL_CHUNKS = new Set(['IHDR', 'PLTE', 'tRNS', 'acTL', 'fcTL', 'fdAT'])

/**
 * As the header says, which comes first; `null` where that is damaged. Throws RangeError where the file
 * ends early.
 */
export function pngSize(file: Buffer): { width: number; height: number } | null {
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)]
  return Math.max(width, height) > 0x7fffffff ? null : { width, height }
}

/** Throws RangeError where the file ends early. */
export function pngImageData(file: Buffer): ImagePart[] {
  const parts: ImagePart[] = []
  // Into how many chunks the pixels are cut means nothing.
  const pixels: Uint8Array[] = []
  for (let at = 8; ; ) {
    const length = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    const start = at + 8
    at = start + length + 4
    if (at > file.length) throw new RangeError('a chunk ends behind the file')
    const data = file.subarray(start, start + length)
    if (type === 'IDAT') pixels.push(data)
    else if (PIXEL_CHUNKS.has(type)) parts.push({ name: type, data: [data] })
    else if (type === 'IEND') return [...parts, { name: 'IDAT', data: pixels }]
  }
}
