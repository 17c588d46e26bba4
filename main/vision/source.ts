/** What a file says of its pixels before any is decoded, and how to get at them. */
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp'
import { jpegHeldCoefficients } from './containers/jpeg.ts'
import { pngSize } from './containers/png.ts'
import type { PhotoFormat } from './formats.ts'
import type { Size } from './geometry.ts'
import { decodeHeic, readHeicHeader } from './heic.ts'
import { UnreadableError } from './unreadable.ts'

// Several decodes run side by side, each on one thread; nothing is decoded twice, so no cache.
sharp.cache(false)
sharp.concurrency(1)
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map(
    (loader) => `VipsForeignLoad${loader}Buffer`,
  ),
})

/** Raw files are read through the JPEG inside them. */
export type DecodableFormat = Exclude<PhotoFormat, 'raw'>

export interface DecodeLimits {
  pixels: number
  /** What a decoder may hold at once, beside the file: many hold a whole picture, some several times. */
  heldBytes: number
  seconds: number
}

export const standardLimits: DecodeLimits = {
  pixels: 300_000_000,
  heldBytes: 1_200_000_000,
  seconds: 60,
}

/** A file's pixels before any resizing. */
export interface Source extends Size {
  /** How the file says that it is turned, 1 to 8 as in Exif; applied in width, height and pixels. */
  orientation: number
  /** As stored, whatever the colour profile says: so are the photos that models are trained on. */
  open: () => Sharp
  /** Has a colour profile that people must see applied. */
  profiled: boolean
}

/** A file of which nothing but the header was read. */
export interface Sealed {
  /** What a decoder holds at once until it is done, about. */
  heldBytes: number
  load(): Promise<Source>
}

/** Throws what sharp throws for damaged headers, or UnreadableError. */
export async function readHeader(
  bytes: Buffer,
  format: DecodableFormat,
  limits: DecodeLimits,
): Promise<Sealed> {
  return format === 'heic' ? sealHeic(bytes, limits) : sealSharp(bytes, format, limits)
}

type SharpFormat = Exclude<DecodableFormat, 'heic'>

async function sealSharp(
  bytes: Buffer,
  format: SharpFormat,
  limits: DecodeLimits,
): Promise<Sealed> {
  // libvips says of one that is far too large only that its header is corrupt.
  const size = format === 'png' ? pngSize(bytes) : null
  if (size) checkLimits(size, 0, limits)
  const metadata = await sharp(bytes, decodeOptions).metadata()
  const heldBytes = bytesHeld(bytes, format, metadata)
  checkLimits(metadata, heldBytes, limits)
  return { heldBytes, load: async () => sharpSource(bytes, metadata, limits) }
}

async function sealHeic(bytes: Buffer, limits: DecodeLimits): Promise<Sealed> {
  const header = await readHeicHeader(bytes)
  const heldBytes = HEIC_BYTES + HEIC_BYTES_FOR_PIXEL * header.width * header.height
  checkLimits(header, heldBytes, limits)
  return {
    heldBytes,
    async load() {
      const tiff = await decodeHeic(bytes, header, limits.seconds)
      return sharpSource(tiff, await sharp(tiff, decodeOptions).metadata(), limits)
    },
  }
}

const decodeOptions: SharpOptions = {
  failOn: 'error',
  autoOrient: true,
  limitInputPixels: false,
  sequentialRead: true,
  ignoreIcc: true,
}

const sharpSource = (
  bytes: Buffer,
  { autoOrient, icc, orientation = 1 }: Metadata,
  { seconds }: DecodeLimits,
): Source => ({
  orientation,
  width: autoOrient.width,
  height: autoOrient.height,
  open: () => sharp(bytes, decodeOptions).timeout({ seconds }),
  profiled: icc !== undefined && !isSrgb(icc),
})

/** Profiles name themselves in ASCII or UTF-16 (ICC.1:2022, 9.2.41). */
const isSrgb = (icc: Buffer) =>
  icc.includes('sRGB') || icc.includes(Buffer.from('sRGB', 'utf16le').swap16())

// What decoding holds is measured: the peak of a process that decodes one picture, less what it had
// before.

const HEIC_BYTES = 40_000_000
const HEIC_BYTES_FOR_PIXEL = 16
/** Rows in the pipeline from a decoder that goes row by row down to a thumbnail, and around it. */
const STREAMED_ROWS = 1600
const ROWS_AROUND = 3

/** JPEG that goes row by row is shrunk as it is read, and holds next to nothing. */
function bytesHeld(bytes: Buffer, format: SharpFormat, metadata: Metadata): number {
  const { width, height, channels, depth, isProgressive } = metadata
  const pixels = width * height
  const pixelBytes = channels * (depth === 'uchar' ? 1 : depth === 'ushort' ? 2 : 8)
  const streamed = width * (Math.min(height, STREAMED_ROWS) + ROWS_AROUND) * pixelBytes
  switch (format) {
    case 'jpeg':
      return 2 * jpegHeldCoefficients(bytes) * pixels
    case 'png':
      return isProgressive ? pixels * pixelBytes * 1.2 : streamed
    case 'tiff':
      return streamed
    case 'avif':
      return pixels * (depth === 'uchar' ? 19 : 25)
    case 'gif':
      return pixels * 5
    case 'webp':
      return pixels * 4
  }
}

function checkLimits({ width, height }: Size, heldBytes: number, limits: DecodeLimits): void {
  const picture = `The picture has ${width} x ${height} pixels`
  if (width * height > limits.pixels) {
    throw tooManyPixels(`${picture}, over the limit of ${limits.pixels / 1e6} million.`)
  }
  if (heldBytes > limits.heldBytes) {
    const [needed, allowed] = [heldBytes, limits.heldBytes].map((each) => Math.round(each / 1e6))
    throw tooManyPixels(
      `${picture}, and decoding them takes ${needed} MB of memory at once, over the limit of ${allowed}.`,
    )
  }
}

const tooManyPixels = (reason: string) => new UnreadableError('too-many-pixels', reason)
