/** The structure of TIFF files (TIFF 6.0, part 1; BigTIFF: libtiff's specification of it). */
import type { ImagePart } from './imagePart.ts'

/** Bytes of a whole number of each type: BYTE, ASCII, SHORT, LONG, SBYTE, UNDEFINED, IFD, LONG8, IFD8. */
const TYPE_BYTES: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  6: 1,
  7: 1,
  13: 4,
  16: 8,
  18: 8,
}

const MOST_VALUES = 10_000_000

const tag = {
  newSubfileType: 254,
  photometric: 262,
  stripOffsets: 273,
  stripByteCounts: 279,
  tileOffsets: 324,
  tileByteCounts: 325,
  subDirectories: 330,
  jpegOffset: 513,
  jpegByteCount: 514,
}

/**
 * What the stored bytes are read by: size, bits, compression, fill order, samples, rows of a strip,
 * planes, T.4 and T.6 options, predictor, palette, tiles, extra samples, sample format, JPEG tables,
 * chroma subsampling.
 */
const CODING_TAGS = [
  256, 257, 258, 259, 262, 266, 277, 278, 284, 292, 293, 317, 320, 322, 323, 338, 339, 347, 530,
]

export interface Directory {
  /** One of the chain of pages, rather than below one. */
  isPage: boolean
  has(tag: number): boolean
  /** Whole numbers; none where the tag is absent or of another type. */
  numbers(tag: number): number[]
}

/**
 * Each page, and after it what lies below it, such as a raw photo's sensor data.
 * Throws RangeError for damaged structure, as soon as more is read than a sound file can hold.
 */
export function* tiffDirectories(file: Uint8Array): Generator<Directory> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const little = view.getUint8(0) === 0x49
  const big = view.getUint16(2, little) === 43
  const offsetBytes = big ? 8 : 4
  const countBytes = big ? 8 : 2
  const entryBytes = 4 + 2 * offsetBytes

  // Directories or values that lie on top of each other would be read without end.
  let allowance = file.length
  const spend = (bytes: number) => {
    allowance -= bytes
    if (allowance < 0) throw new RangeError('more is pointed at than the file holds')
  }

  function integer(at: number, bytes: number): number {
    if (bytes === 1) return view.getUint8(at)
    if (bytes === 2) return view.getUint16(at, little)
    if (bytes === 4) return view.getUint32(at, little)
    return Number(view.getBigUint64(at, little))
  }

  function numbersOf(entry: number): number[] {
    const bytes = TYPE_BYTES[view.getUint16(entry + 2, little)]
    const count = integer(entry + 4, offsetBytes)
    if (bytes === undefined) return []
    if (count > MOST_VALUES) throw new RangeError('too many values')
    const inside = entry + 4 + offsetBytes
    const isInside = count * bytes <= offsetBytes
    if (!isInside) spend(count * bytes)
    const start = isInside ? inside : integer(inside, offsetBytes)
    return Array.from({ length: count }, (_, index) => integer(start + index * bytes, bytes))
  }

  function readDirectory(at: number, isPage: boolean): { directory: Directory; next: number } {
    const count = integer(at, countBytes)
    const start = at + countBytes
    const end = start + count * entryBytes
    spend(countBytes + count * entryBytes + offsetBytes)
    const entries = new Map<number, number>()
    for (let entry = start; entry < end; entry += entryBytes) {
      entries.set(view.getUint16(entry, little), entry)
    }
    const directory: Directory = {
      isPage,
      has: (tag) => entries.has(tag),
      numbers(tag) {
        const entry = entries.get(tag)
        return entry === undefined ? [] : numbersOf(entry)
      },
    }
    return { directory, next: integer(end, offsetBytes) }
  }

  for (let at = integer(big ? 8 : 4, offsetBytes); at !== 0; ) {
    const { directory, next } = readDirectory(at, true)
    yield directory
    for (const below of directory.numbers(tag.subDirectories)) {
      yield readDirectory(below, false).directory
    }
    at = next
  }
}

/** The pages, without smaller versions of them. Throws RangeError for damaged structure. */
export function tiffImageData(file: Uint8Array): ImagePart[] {
  const parts: ImagePart[] = []
  for (const directory of tiffDirectories(file)) {
    const isReduced = ((directory.numbers(tag.newSubfileType)[0] ?? 0) & 1) === 1
    if (directory.isPage && !isReduced) parts.push(storedImage(file, directory))
  }
  return parts
}

/** Colour filter array (TIFF/EP, ISO 12234-2) and linear raw (DNG 1.7, chapter 4). */
const SENSOR_PHOTOMETRICS = new Set([32803, 34892])
/** How Canon's CR2 cuts its sensor data: the directory that has it tells no photometric. */
const CR2_SLICES = 0xc640

/** Whether a directory holds what a sensor saw rather than a picture. */
export const isSensorData = (directory: Directory): boolean =>
  SENSOR_PHOTOMETRICS.has(directory.numbers(tag.photometric)[0] ?? 0) || directory.has(CR2_SLICES)

/** What the sensor saw. Throws RangeError for damaged structure. */
export function rawTiffImageData(file: Uint8Array): ImagePart[] {
  const parts: ImagePart[] = []
  for (const directory of tiffDirectories(file)) {
    if (isSensorData(directory)) parts.push(storedImage(file, directory))
  }
  return parts
}

/** Whole JPEG files inside, such as a raw file's previews; those before the damage where there is some. */
export function embeddedJpegs(file: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = []
  try {
    for (const directory of tiffDirectories(file)) {
      // A sensor's data may be JPEG too, without loss and not for people.
      if (isSensorData(directory)) continue
      const [offset, another] = directory.numbers(tag.stripOffsets)
      const [start, length] =
        offset !== undefined && another === undefined
          ? [offset, directory.numbers(tag.stripByteCounts)[0] ?? 0]
          : [
              directory.numbers(tag.jpegOffset)[0] ?? 0,
              directory.numbers(tag.jpegByteCount)[0] ?? 0,
            ]
      const isJpeg = file[start] === 0xff && file[start + 1] === 0xd8
      if (isJpeg && start + length <= file.length) found.push(file.subarray(start, start + length))
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return found
}

function storedImage(file: Uint8Array, directory: Directory): ImagePart {
  const tiled = directory.has(tag.tileOffsets)
  const offsets = directory.numbers(tiled ? tag.tileOffsets : tag.stripOffsets)
  const counts = directory.numbers(tiled ? tag.tileByteCounts : tag.stripByteCounts)
  if (offsets.length === 0 || offsets.length !== counts.length) {
    throw new RangeError('no whole picture')
  }
  const data = offsets.map((offset, index) => {
    const end = offset + (counts[index] ?? 0)
    if (end > file.length) throw new RangeError('a part of the picture ends behind the file')
    return file.subarray(offset, end)
  })
  const byteOrder = file[0]
  const coding = CODING_TAGS.map((tag) => directory.numbers(tag))
  return { name: JSON.stringify([byteOrder, coding]), data }
}
