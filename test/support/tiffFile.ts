/** TIFF files made to order: what no encoder at hand would write. */

export type TiffValue = number | number[] | string | Buffer

export interface TiffDirectory {
  /** By tag's number. Text is stored as such, a Buffer as bytes. */
  fields: Record<number, TiffValue>
  /** Stored as the directory's only strip. */
  strip?: Buffer
  /** Directories below it. */
  below?: TiffDirectory[]
}

const BYTE = 1
const ASCII = 2
const SHORT = 3
const LONG = 4

const STRIP_OFFSETS = 273
const STRIP_BYTE_COUNTS = 279
const SUB_DIRECTORIES = 330

/** Little-endian; `big` as BigTIFF. The directories are the pages, in their order. */
export function tiffFile(pages: TiffDirectory[], { big = false } = {}): Buffer {
  const offsetBytes = big ? 8 : 4
  const countBytes = big ? 8 : 2
  const pieces: Buffer[] = []
  let length = 0
  /** Where it lies in the file. */
  const place = (piece: Buffer): number => {
    const at = length
    const padded = Buffer.concat([piece, Buffer.alloc(piece.length % 2)])
    pieces.push(padded)
    length += padded.length
    return at
  }
  const integer = (value: number, bytes: number) => {
    const buffer = Buffer.alloc(bytes)
    if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value))
    else buffer.writeUIntLE(value, 0, bytes)
    return buffer
  }

  function entry(tag: number, value: TiffValue): Buffer {
    const { type, count, bytes } = encoded(value)
    const inside = Buffer.alloc(offsetBytes)
    if (bytes.length <= offsetBytes) bytes.copy(inside)
    else integer(place(bytes), offsetBytes).copy(inside)
    return Buffer.concat([integer(tag, 2), integer(type, 2), integer(count, offsetBytes), inside])
  }

  function placeDirectory({ fields, strip, below }: TiffDirectory, next: number): number {
    const all = { ...fields }
    if (strip)
      Object.assign(all, { [STRIP_OFFSETS]: place(strip), [STRIP_BYTE_COUNTS]: strip.length })
    if (below) all[SUB_DIRECTORIES] = below.map((directory) => placeDirectory(directory, 0))
    const entries = Object.entries(all)
      .map(([tag, value]) => [Number(tag), value] as const)
      .sort(([one], [other]) => one - other)
      .map(([tag, value]) => entry(tag, value))
    return place(
      Buffer.concat([integer(entries.length, countBytes), ...entries, integer(next, offsetBytes)]),
    )
  }

  const header = Buffer.alloc(big ? 16 : 8)
  header.write(big ? 'II+\0\x08' : 'II*\0', 'latin1')
  place(header)
  const first = pages.reduceRight((next, page) => placeDirectory(page, next), 0)
  integer(first, offsetBytes).copy(pieces[0] ?? header, big ? 8 : 4)
  return Buffer.concat(pieces)
}

function encoded(value: TiffValue): { type: number; count: number; bytes: Buffer } {
  if (typeof value === 'string') {
    const bytes = Buffer.from(`${value}\0`)
    return { type: ASCII, count: bytes.length, bytes }
  }
  if (Buffer.isBuffer(value)) return { type: BYTE, count: value.length, bytes: value }
  const numbers = [value].flat()
  const isShort = numbers.every((number) => number < 0x10000)
  const width = isShort ? 2 : 4
  const bytes = Buffer.alloc(numbers.length * width)
  for (const [index, number] of numbers.entries()) bytes.writeUIntLE(number, index * width, width)
  return { type: isShort ? SHORT : LONG, count: numbers.length, bytes }
}
