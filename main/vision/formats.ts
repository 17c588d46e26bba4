/** Which file formats are photos to us, told by their first bytes and never by their name. */

export type PhotoFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif' | 'heic'

export type Recognised =
  | { kind: 'photo'; format: PhotoFormat }
  /** An image, but of a format that we do not open. */
  | { kind: 'unsupported'; name: string }
  | { kind: 'unknown' }

const ascii = (bytes: Uint8Array, start: number, length: number) =>
  String.fromCharCode(...bytes.subarray(start, start + length))

const startsWith = (bytes: Uint8Array, ...prefix: number[]) =>
  bytes.length >= prefix.length && prefix.every((byte, index) => bytes[index] === byte)

/** Signatures: the formats' own specifications; brands of ISO base media files: mp4ra.org. */
export function recogniseFormat(bytes: Uint8Array): Recognised {
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return photo('jpeg')
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return photo('png')
  if (ascii(bytes, 0, 4) === 'GIF8') return photo('gif')
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return photo('webp')
  if (startsWith(bytes, 0x49, 0x49, 0x2a, 0x00)) return photo('tiff')
  if (startsWith(bytes, 0x4d, 0x4d, 0x00, 0x2a)) return photo('tiff')
  // BigTIFF
  if (startsWith(bytes, 0x49, 0x49, 0x2b, 0x00)) return photo('tiff')
  if (startsWith(bytes, 0x4d, 0x4d, 0x00, 0x2b)) return photo('tiff')
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

const AVIF_BRANDS = new Set(['avif', 'avis'])
const HEIF_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'])

function recogniseBrands(bytes: Uint8Array): Recognised {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = Math.min(bytes.length >= 4 ? view.getUint32(0) : 0, bytes.length, 256)
  const brands: string[] = []
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12) brands.push(ascii(bytes, at, 4))
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return photo('avif')
  if (brands.some((brand) => HEIF_BRANDS.has(brand))) return photo('heic')
  return { kind: 'unsupported', name: 'Video and other ISO media' }
}
