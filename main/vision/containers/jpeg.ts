/** The structure of JPEG files: ITU-T T.81, annex B. */
import type { ImagePart } from './imagePart.ts'

const START_OF_SCAN = 0xda
const END_OF_IMAGE = 0xd9
const COMMENT = 0xfe
const APP0 = 0xe0
const APP1 = 0xe1
const APP14 = 0xee
const APP15 = 0xef

/** What follows the start of a scan: the pixels' code. No marker has this number. */
const CODED = 0

interface Segment {
  marker: number
  /** With the marker's own bytes. */
  bytes: Uint8Array
}

/** The segments after the start of the image, up to its end; fewer where the file is damaged. */
function* segmentsOf(file: Uint8Array): Generator<Segment> {
  let at = 2
  for (;;) {
    // Any number of fill bytes may stand before a marker.
    while (file[at] === 0xff && file[at + 1] === 0xff) at++
    const marker = file[at + 1]
    if (file[at] !== 0xff || marker === undefined || marker === 0) return
    if (marker === END_OF_IMAGE) {
      yield { marker, bytes: file.subarray(at, at + 2) }
      return
    }
    const length = ((file[at + 2] ?? 0) << 8) | (file[at + 3] ?? 0)
    const end = at + 2 + length
    if (length < 2 || end > file.length) return
    yield { marker, bytes: file.subarray(at, end) }
    at = end
    if (marker !== START_OF_SCAN) continue
    at = endOfScan(file, end)
    yield { marker: CODED, bytes: file.subarray(end, at) }
  }
}

/** Within a scan 0xff is followed by 0, or by the number of a restart (B.1.1.5). */
function endOfScan(file: Uint8Array, start: number): number {
  let at = start
  for (;;) {
    at = file.indexOf(0xff, at)
    const next = at < 0 ? undefined : file[at + 1]
    if (next === undefined) return file.length
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at
    at += 2
  }
}

const startsWith = ({ bytes }: Segment, text: string) =>
  [...text].every((letter, at) => bytes[4 + at] === letter.charCodeAt(0))

const isDescription = ({ marker }: Segment) =>
  marker === COMMENT || (marker >= APP0 && marker <= APP15)

/** Tells how channels become colours (Adobe's Technical Note 5116, 18). */
const isAdobe = (segment: Segment) => segment.marker === APP14 && startsWith(segment, 'Adobe')

/** All that pixels come from; `null` where the picture has no end. */
export function jpegImageData(file: Uint8Array): ImagePart[] | null {
  const parts: ImagePart[] = []
  for (const segment of segmentsOf(file)) {
    if (segment.marker === END_OF_IMAGE) return parts
    if (isDescription(segment) && !isAdobe(segment)) continue
    parts.push({ name: segment.marker.toString(16), data: [segment.bytes] })
  }
  return null
}

/** The same picture with this orientation (Exif's 1 to 8) and no other Exif. */
export function withOrientation(file: Uint8Array, orientation: number): Buffer {
  const kept: Uint8Array[] = []
  let read = 2
  for (const segment of segmentsOf(file)) {
    if (segment.marker === START_OF_SCAN || segment.marker === END_OF_IMAGE) break
    if (segment.marker !== APP1 || !startsWith(segment, 'Exif')) kept.push(segment.bytes)
    read = segment.bytes.byteOffset + segment.bytes.byteLength - file.byteOffset
  }
  return Buffer.concat([
    file.subarray(0, 2),
    exifWithOrientation(orientation),
    ...kept,
    file.subarray(read),
  ])
}

/** A big-endian directory of one entry, tag 0x0112 (Exif 3.0, 4.6.5). */
function exifWithOrientation(orientation: number): Buffer {
  const head = Buffer.from('\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08', 'latin1')
  const entry = Buffer.from([0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0])
  return Buffer.concat([head, entry, Buffer.alloc(4)])
}

/** Frame headers: SOF0 to SOF15 without DHT, JPG and DAC (table B.1). */
const isFrame = ({ marker }: Segment) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

const isProgressive = ({ marker }: Segment) => marker === 0xc2 || marker === 0xca

/**
 * How many coefficients a decoder holds for each pixel until it has read the last scan; 0 where one
 * scan has all components, which is decoded row by row.
 */
export function jpegHeldCoefficients(file: Uint8Array): number {
  let frame: Segment | null = null
  for (const segment of segmentsOf(file)) {
    if (isFrame(segment)) frame = segment
    if (segment.marker !== START_OF_SCAN || !frame) continue
    const [components, scanned] = [frame.bytes[9] ?? 0, segment.bytes[4] ?? 0]
    return isProgressive(frame) || scanned < components ? coefficients(frame, components) : 0
  }
  return 0
}

/** By the components' sampling factors (B.2.2): 3 for 4:4:4, 1.5 for 4:2:0. */
function coefficients(frame: Segment, components: number): number {
  const samples = Array.from({ length: components }, (_, index) => {
    const factors = frame.bytes[11 + index * 3] ?? 0
    return (factors >> 4) * (factors & 15)
  })
  const largest = Math.max(1, ...samples)
  return samples.reduce((sum, count) => sum + count / largest, 0)
}
