/** HEIC, which sharp's prebuilt library cannot decode: libheif (WebAssembly) does. */
import { Worker } from 'node:worker_threads'
import sharp from 'sharp'
import { type Item, type Items, isWhole, readItems } from './containers/isoMedia.ts'
import type { Size } from './geometry.ts'
import type { HeicResult, HeicWork } from './heicWorker.ts'

export interface HeicHeader extends Size {
  /** ICC profile that the pixels are meant by. */
  profile: Buffer | null
}

/** What is known without decoding. Throws Error for a file without a picture. */
export async function readHeicHeader(bytes: Buffer): Promise<HeicHeader> {
  const items = itemsOf(bytes)
  if (!items?.primary) throw new Error('no picture inside')
  // libheif would leave black what is missing.
  const tiles = items.primary.sources.map((id) => items.all.get(id))
  if (![items.primary, ...tiles].every(isWhole)) throw new Error('the file ends early')
  // Image spatial extents, 23008-12, 6.5.3.
  const extents = property(items.primary, 'ispe')
  if (!extents) throw new Error('the size of the picture is missing')
  const [width, height] = [extents.readUInt32BE(4), extents.readUInt32BE(8)]
  return { width, height, profile: await profileOf(items, items.primary) }
}

function itemsOf(bytes: Buffer): Items | null {
  try {
    return readItems(bytes)
  } catch (error) {
    if (error instanceof RangeError) throw new Error('the list of what is inside is damaged')
    throw error
  }
}

const property = (item: Item, type: string): Buffer | undefined =>
  item.properties.find((property) => property.type === type)?.data

/** Of ITU-T H.273, table 2: SMPTE EG 432-1, which Display P3 has. */
const P3_PRIMARIES = 12

/** Colour information, 14496-12, 12.1.5: of the picture, or of the tiles that it is made of. */
async function profileOf(items: Items, primary: Item): Promise<Buffer | null> {
  const tile = items.all.get(primary.sources[0] ?? -1)
  const colours = property(primary, 'colr') ?? (tile && property(tile, 'colr'))
  const kind = colours?.toString('latin1', 0, 4)
  if (kind === 'prof' || kind === 'rICC') return colours?.subarray(4) ?? null
  return kind === 'nclx' && colours?.readUInt16BE(4) === P3_PRIMARIES ? p3Profile() : null
}

/** The one that comes with sharp. */
async function p3Profile(): Promise<Buffer | null> {
  const pixel = sharp({ create: { width: 1, height: 1, channels: 3, background: '#000000' } })
  const { icc } = await sharp(await pixel.withIccProfile('p3').tiff().toBuffer()).metadata()
  return icc ?? null
}

/**
 * The picture as uncompressed TIFF, orientation applied, with its colour profile. It is made on a
 * thread of its own: libheif blocks while it works.
 */
export function decodeHeic(bytes: Buffer, header: HeicHeader, seconds: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const { width, height, profile } = header
    const workerData: HeicWork = { bytes, maximumPixels: width * height, profile }
    const name = import.meta.url.endsWith('.ts') ? './heicWorker.ts' : './heicWorker.js'
    const worker = new Worker(new URL(name, import.meta.url), {
      workerData,
      // libheif prints what it dislikes: the reason that people read comes as a message.
      stdout: true,
      stderr: true,
    })
    const timer = setTimeout(() => {
      reject(new Error(`timeout: ${seconds} s`))
      void worker.terminate()
    }, seconds * 1000)
    worker.once('message', (result: HeicResult) => {
      if ('error' in result) reject(new Error(result.error))
      else resolve(Buffer.from(result.tiff.buffer, result.tiff.byteOffset, result.tiff.byteLength))
    })
    worker.once('error', reject)
    worker.once('exit', () => {
      clearTimeout(timer)
      reject(new Error('the HEIC decoder stopped'))
    })
  })
}
