/**
 * From bytes to pixels, once: one decode with shrink-on-load gives both the thumbnail and what the
 * model sees.
 */
import { Worker } from 'node:worker_threads'
import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { enlarge } from './enlarge.ts'
import type { PhotoFormat } from './formats.ts'
import { centreSquare, centreStrip, type Size, within, withShortSide } from './geometry.ts'
import type { HeicResult } from './heicWorker.ts'

/** The thumbnail's shorter side. 256 is also what ImageNet models resize to: one resize serves both. */
const THUMBNAIL_SHORT_SIDE = 256
const THUMBNAIL_LONGEST = { width: 1024, height: 1024 }
const THUMBNAIL_QUALITY = 80
export const NARROWEST_STRIP = 32
export const MAXIMUM_PIXELS = 300_000_000
const DECODE_SECONDS = 60

// Several decodes run side by side, each on one thread; nothing is decoded twice, so no cache.
sharp.cache(false)
sharp.concurrency(1)
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map(
    (loader) => `VipsForeignLoad${loader}Buffer`,
  ),
})

/** RGB, row-major, uint8, [height, width, 3]. */
export interface Pixels extends Size {
  data: Buffer
}

/** Pixels of a file before any resizing: a decoder of our own gave them, or sharp will. */
interface Source extends Size {
  /** As stored, whatever the colour profile says: so are the photos that models are trained on. */
  open: () => Sharp
  /** Has a colour profile that people must see applied. */
  profiled: boolean
}

export class TooManyPixelsError extends Error {}

async function openSource(bytes: Buffer, format: PhotoFormat): Promise<Source> {
  if (format === 'heic') return openHeic(bytes)
  const options: SharpOptions = {
    failOn: 'error',
    autoOrient: true,
    limitInputPixels: false,
    sequentialRead: true,
    ignoreIcc: true,
  }
  const { autoOrient, width, height, icc } = await sharp(bytes, options).metadata()
  if (width * height > MAXIMUM_PIXELS) throw new TooManyPixelsError(`${width} x ${height} pixels`)
  return {
    width: autoOrient.width,
    height: autoOrient.height,
    open: () => sharp(bytes, options).timeout({ seconds: DECODE_SECONDS }),
    profiled: icc !== undefined && !isSrgb(icc),
  }
}

/** Profiles name themselves in ASCII or UTF-16 (ICC.1:2022, 9.2.41). */
const isSrgb = (icc: Buffer) =>
  icc.includes('sRGB') || icc.includes(Buffer.from('sRGB', 'utf16le').swap16())

/** sharp's prebuilt library has no HEVC: libheif (WebAssembly) decodes it on a thread of its own. */
function openHeic(bytes: Buffer): Promise<Source> {
  return new Promise((resolve, reject) => {
    const name = import.meta.url.endsWith('.ts') ? './heicWorker.ts' : './heicWorker.js'
    const worker = new Worker(new URL(name, import.meta.url), {
      workerData: { bytes, maximumPixels: MAXIMUM_PIXELS },
      // libheif prints what it dislikes: the reason that people read comes as a message.
      stdout: true,
      stderr: true,
    })
    const timer = setTimeout(() => {
      reject(new Error(`timeout: ${DECODE_SECONDS} s`))
      void worker.terminate()
    }, DECODE_SECONDS * 1000)
    worker.once('message', (result: HeicResult) => {
      if ('error' in result) {
        reject(
          result.tooManyPixels ? new TooManyPixelsError(result.error) : new Error(result.error),
        )
        return
      }
      const { width, height, data } = result
      const raw = { width, height, channels: 4 as const }
      const open = () => sharp(data, { raw, limitInputPixels: false })
      resolve({ width, height, open, profiled: false })
    })
    worker.once('error', reject)
    worker.once('exit', () => {
      clearTimeout(timer)
      reject(new Error('the HEIC decoder stopped'))
    })
  })
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

/**
 * Decodes a photo. Resize rule: torchvision's evaluation transform (Resize, then CenterCrop).
 * Throws what sharp or libheif throws, or TooManyPixelsError.
 */
export async function decodePhoto(
  bytes: Buffer,
  format: PhotoFormat,
  rule: SquareRule | null,
): Promise<Decoded> {
  const source = await openSource(bytes, format)
  const base = await decodeBase(source, Math.max(THUMBNAIL_SHORT_SIDE, rule?.resize ?? 0))
  const square = rule ? await centreOf(base, rule) : null
  const thumbnail = await thumbnailOf(base)
  return { width: source.width, height: source.height, thumbnail, square }
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

/** The photo as JPEG within a square of `maximumSide`, for showing what a browser cannot. */
export async function renderPhoto(
  bytes: Buffer,
  format: PhotoFormat,
  maximumSide: number,
): Promise<Buffer> {
  const source = await openSource(bytes, format)
  const size = within(source, { width: maximumSide, height: maximumSide })
  const image = toRgb(source.open().keepIccProfile()).resize(size.width, size.height, {
    fit: 'fill',
  })
  return image.jpeg({ quality: 88 }).toBuffer()
}
