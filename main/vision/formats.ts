/** Which file formats are photos to us, told by their bytes and never by their name. */
import { isSensorData, tiffDirectories } from './containers/tiff.ts'

/** `raw`: what a camera's sensor saw, in its maker's own format. */
export type PhotoFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif' | 'heic' | 'raw'

export type Recognised =
  | { kind: 'photo'; format: PhotoFormat }
  /** An image, but of a format that we do not open. */
  | { kind: 'unsupported'; name: string }
  | { kind: 'unknown' }

const ascii = (bytes: Uint8Array, start: number, length: number) =>
  String.fromCharCode(...bytes.subarray(start, start + length))

const startsWith = (bytes: Uint8Array, ...prefix: number[]) =>
  bytes.length >= prefix.length && prefix.every((byte, index) => bytes[index] === byte)

/**
 * `bytes`: the whole file: a raw file that begins like a TIFF is told by what lies further in.
 * Signatures: the formats' own specifications; of raw files ExifTool's source; brands of ISO base
 * media files: mp4ra.org.
 */
export function recogniseFormat(bytes: Uint8Array): Recognised {
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return photo('jpeg')
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return photo('png')
  if (ascii(bytes, 0, 4) === 'GIF8') return photo('gif')
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return photo('webp')
  if (TIFF_STARTS.has(ascii(bytes, 0, 4))) return photo(isRawTiff(bytes) ? 'raw' : 'tiff')
  if (RAW_STARTS.some((start) => ascii(bytes, 0, start.length) === start)) return photo('raw')
  if (ascii(bytes, 6, 8) === 'HEAPCCDR') return photo('raw')
  if (ascii(bytes, 4, 4) === 'ftyp') return recogniseBrands(bytes)
  if (ascii(bytes, 0, 2) === 'BM') return { kind: 'unsupported', name: 'BMP' }
  if (ascii(bytes, 0, 4) === '8BPS') return { kind: 'unsupported', name: 'Photoshop' }
  if (startsWith(bytes, 0xff, 0x0a) || ascii(bytes, 4, 4) === 'JXL ') {
    return { kind: 'unsupported', name: 'JPEG XL' }
  }
  if (startsWith(bytes, 0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50)) {
    return { kind: 'unsupported', name: 'JPEG 2000' }
  }
  return { kind: 'unknown' }
}

const photo = (format: PhotoFormat): Recognised => ({ kind: 'photo', format })

/** Both byte orders; the second two are BigTIFF. */
const TIFF_STARTS = new Set(['II*\0', 'MM\0*', 'II+\0', 'MM\0+'])

/** Olympus (three), Panasonic and Leica, Fujifilm, Minolta, Sigma. Canon's CRW has HEAPCCDR further in. */
const RAW_STARTS = ['IIRO', 'IIRS', 'MMOR', 'IIU\0', 'FUJIFILMCCD-RAW', '\0MRM', 'FOVb']

/** After the header of a TIFF: Canon's CR2 and the first 1D, Phase One in both byte orders. */
const RAW_MARKS = ['CR\x02\0', '\xba\xb0\xac\xbb', 'IIII', 'MMMM']

const DNG_VERSION = 50706
const COMPRESSION = 259
/** Sony, packed, Samsung (two), Kodak, Nikon, Kodak, Pentax. */
const RAW_COMPRESSIONS = new Set([32767, 32769, 32770, 32772, 32867, 34713, 65000, 65535])

function isRawTiff(bytes: Uint8Array): boolean {
  if (RAW_MARKS.includes(ascii(bytes, 8, 4))) return true
  try {
    for (const directory of tiffDirectories(bytes)) {
      const compression = directory.numbers(COMPRESSION)[0] ?? 0
      if (directory.has(DNG_VERSION) || RAW_COMPRESSIONS.has(compression)) return true
      if (isSensorData(directory)) return true
    }
    return false
  } catch (error) {
    // Damaged: whoever decodes it says so.
    if (error instanceof RangeError) return false
    throw error
  }
}

const AVIF_BRANDS = new Set(['avif', 'avis'])
const HEIF_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'])

function recogniseBrands(bytes: Uint8Array): Recognised {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = Math.min(bytes.length >= 4 ? view.getUint32(0) : 0, bytes.length, 256)
  const brands: string[] = []
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12) brands.push(ascii(bytes, at, 4))
  if (brands.includes('crx ')) return photo('raw')
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return photo('avif')
  if (brands.some((brand) => HEIF_BRANDS.has(brand))) return photo('heic')
  return { kind: 'unsupported', name: 'Video and other ISO media' }
}
