/**
 * From bytes to pixels, once: one decode with shrink-on-load gives both the thumbnail and what the
 * model sees.
 */
import sharp, { type Sharp } from 'sharp'
import { enlarge } from './enlarge.ts'
import { createGate } from './gate.ts'
import { centreSquare, centreStrip, type Size, within, withShortSide } from './geometry.ts'
import {
  type DecodableFormat,
  type DecodeLimits,
  readHeader,
  type Source,
  standardLimits,
} from './source.ts'

/** The thumbnail's shorter side. 256 is also what ImageNet models resize to: one resize serves both. */
const THUMBNAIL_SHORT_SIDE = 256
const THUMBNAIL_LONGEST = { width: 1024, height: 1024 }
const THUMBNAIL_QUALITY = 80
export const NARROWEST_STRIP = 32

/** All decodes of a process share its memory: large ones wait for each other, small ones do not. */
const memory = createGate(standardLimits.heldBytes)

/** RGB, row-major, uint8, [height, width, 3]. */
export interface Pixels extends Size {
  data: Buffer
}

const toRgb = (image: Sharp) => image.flatten({ background: '#ffffff' }).toColourspace('srgb')

async function rawPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await toRgb(image).raw().toBuffer({ resolveWithObject: true })
  if (info.channels === 3) return { data, width: info.width, height: info.height }
  // Grey comes out as one channel.
  const again = await sharp(data, { raw: { ...info, channels: info.channels } })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data: again.data, width: info.width, height: info.height }
}

const fromPixels = ({ data, width, height }: Pixels) =>
  sharp(data, { raw: { width, height, channels: 3 } })

// The triangle filter, widened when shrinking: what torchvision calls bilinear with antialias.
const resizeTo = (image: Sharp, { width, height }: Size) =>
  image.resize(width, height, { fit: 'fill', kernel: 'linear' })

export interface Decoded extends Size {
  /** How the file says that it is turned, 1 to 8 as in Exif; applied to all that is here. */
  orientation: number
  /** JPEG; the shorter side is 256 pixels at most. */
  thumbnail: Buffer
  /** The centre square that the model sees, `inputSize` wide and high; `null` when not asked. */
  square: Pixels | null
}

/** `resize`: the shorter side before the crop. `inputSize`: the crop's side. Both in pixels. */
export interface SquareRule {
  resize: number
  inputSize: number
}

export interface DecodeOptions {
  limits?: DecodeLimits
  /** Told as soon as there is a square: the thumbnail takes a while longer. */
  onSquare?: (square: Pixels) => void
}

/**
 * Decodes a photo. Resize rule: torchvision's evaluation transform (Resize, then CenterCrop).
 * Throws what sharp or libheif throws, or UnreadableError.
 */
export function decodePhoto(
  bytes: Buffer,
  format: DecodableFormat,
  rule: SquareRule | null,
  { limits = standardLimits, onSquare }: DecodeOptions = {},
): Promise<Decoded> {
  return withSource(bytes, format, limits, async (source) => {
    const base = await decodeBase(source, Math.max(THUMBNAIL_SHORT_SIDE, rule?.resize ?? 0))
    const square = rule ? await centreOf(base, rule) : null
    if (square) onSquare?.(square)
    const thumbnail = await thumbnailOf(base)
    const { width, height, orientation } = source
    return { width, height, orientation, thumbnail, square }
  })
}

/** Opens a photo as soon as there is memory for it, and gives that back when `use` is done. */
async function withSource<Result>(
  bytes: Buffer,
  format: DecodableFormat,
  limits: DecodeLimits,
  use: (source: Source) => Promise<Result>,
): Promise<Result> {
  const header = await readHeader(bytes, format, limits)
  const leave = await memory.enter(header.heldBytes)
  try {
    return await use(await header.load())
  } finally {
    leave()
  }
}

interface Base extends Pixels {
  /** The same for people: in sRGB. */
  show: () => Sharp
}

/** The photo with its shorter side at `side`, or as it is where it is smaller. */
async function decodeBase(source: Source, side: number): Promise<Base> {
  const strip = centreStrip(source, NARROWEST_STRIP)
  const size = strip ?? source
  const whole = strip ? source.open().extract(strip) : source.open()
  const image =
    Math.min(size.width, size.height) <= side ? whole : resizeTo(whole, withShortSide(size, side))
  if (!source.profiled) {
    const pixels = await rawPixels(image)
    return { ...pixels, show: () => fromPixels(pixels) }
  }
  // Uncompressed, and with the profile: sharp applies that where it is not told to ignore it.
  const small = await image.keepIccProfile().tiff({ compression: 'none' }).toBuffer()
  const pixels = await rawPixels(sharp(small, { ignoreIcc: true }))
  return { ...pixels, show: () => toRgb(sharp(small)) }
}

async function centreOf(base: Pixels, { resize, inputSize }: SquareRule): Promise<Pixels> {
  const size = withShortSide(base, resize)
  if (size.width === base.width && size.height === base.height) return crop(base, inputSize)
  if (size.height > base.height) return crop(enlarge(base, size), inputSize)
  return crop(await rawPixels(resizeTo(fromPixels(base), size)), inputSize)
}

function crop(pixels: Pixels, side: number): Pixels {
  const { left, top } = centreSquare(pixels, side)
  const data = Buffer.allocUnsafe(side * side * 3)
  for (let row = 0; row < side; row++) {
    const start = ((top + row) * pixels.width + left) * 3
    pixels.data.copy(data, row * side * 3, start, start + side * 3)
  }
  return { data, width: side, height: side }
}

async function thumbnailOf(base: Base): Promise<Buffer> {
  const shortSide = Math.min(base.width, base.height)
  const small = shortSide > THUMBNAIL_SHORT_SIDE ? withShortSide(base, THUMBNAIL_SHORT_SIDE) : base
  const size = within(small, THUMBNAIL_LONGEST)
  const same = size.width === base.width && size.height === base.height
  const image = same ? base.show() : resizeTo(base.show(), size)
  return image.jpeg({ quality: THUMBNAIL_QUALITY }).toBuffer()
}

/**
 * The photo as JPEG within a square of `maximumSide`, for showing what a browser cannot.
 * Throws like `decodePhoto`.
 */
export function renderPhoto(
  bytes: Buffer,
  format: DecodableFormat,
  maximumSide: number,
): Promise<Buffer> {
  return withSource(bytes, format, standardLimits, (source) => {
    const size = within(source, { width: maximumSide, height: maximumSide })
    const image = toRgb(source.open().keepIccProfile()).resize(size.width, size.height, {
      fit: 'fill',
    })
    return image.jpeg({ quality: 88 }).toBuffer()
  })
}
