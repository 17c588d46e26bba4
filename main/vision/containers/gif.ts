/** The structure of GIF files (GIF89a specification, CompuServe 1990, 17 to 27). */
import type { ImagePart } from './imagePart.ts'

const IMAGE = 0x2c
const EXTENSION = 0x21
const TRAILER = 0x3b
const APPLICATION = 0xff
const COMMENT = 0xfe

/** The only application extensions that players obey: how often an animation repeats. */
const LOOPS = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0'])

/** Throws RangeError where the file ends early. */
export function gifImageData(file: Buffer): ImagePart[] {
  const parts: ImagePart[] = []
  const keep = (name: string, start: number, end: number) => {
    if (end > file.length) throw new RangeError('a block ends behind the file')
    parts.push({ name, data: [file.subarray(start, end)] })
  }
  // The version before it says only which extensions may follow.
  let at = 13 + colourTableBytes(file.readUInt8(10))
  keep('screen', 6, at)
  for (;;) {
    const start = at
    const kind = file.readUInt8(at)
    if (kind === TRAILER) return parts
    if (kind === IMAGE) {
      at = endOfBlocks(file, at + 11 + colourTableBytes(file.readUInt8(at + 9)))
      keep('image', start, at)
    } else if (kind === EXTENSION) {
      const label = file.readUInt8(at + 1)
      at = endOfBlocks(file, at + 2)
      const describes = label === COMMENT || (label === APPLICATION && !isLoop(file, start))
      if (!describes) keep('extension', start, at)
    } else throw new RangeError(`no block begins with ${kind}`)
  }
}

/** By the packed field of a screen or an image. */
const colourTableBytes = (packed: number) => (packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0)

const isLoop = (file: Buffer, start: number) =>
  LOOPS.has(file.toString('latin1', start + 3, start + 14))

/** After a chain of blocks, each with its length before it; the last one has length 0. */
function endOfBlocks(file: Buffer, start: number): number {
  let at = start
  for (;;) {
    const length = file.readUInt8(at)
    at += 1 + length
    if (length === 0) return at
  }
}
