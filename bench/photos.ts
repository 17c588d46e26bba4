import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const shared = fileURLToPath(new URL('../../shared', import.meta.url))
export const sharedPhotos = join(shared, 'photos', 'imagenet')
export const sharedModel = join(shared, 'models', 'resnet18-imagenet.onnx')
export const work = fileURLToPath(new URL('../.bench', import.meta.url))

export function requireShared(): void {
  if (existsSync(sharedPhotos)) return
  console.error(`This bench needs the photos in ${sharedPhotos}.`)
  process.exit(1)
}

/** The photos, in the order of their names. */
export const photoPaths = (): string[] =>
  readdirSync(sharedPhotos)
    .sort()
    .map((name) => join(sharedPhotos, name))

export const loadPhotos = (): Buffer[] => photoPaths().map((path) => readFileSync(path))

/** A folder with the photos as they are. */
export function copyPhotos(): string {
  const folder = join(work, 'photos-as-they-are')
  mkdirSync(folder, { recursive: true })
  for (const path of photoPaths()) writeFileSync(join(folder, basename(path)), readFileSync(path))
  return folder
}

/** `count` of the photos, enlarged to 12 megapixels. */
export async function enlargePhotos(count: number): Promise<string> {
  const folder = join(work, `photos-12-megapixels-${count}`)
  if (existsSync(join(folder, '.complete'))) return folder
  mkdirSync(folder, { recursive: true })
  const every = Math.max(1, Math.floor(photoPaths().length / count))
  for (const path of photoPaths()
    .filter((_, index) => index % every === 0)
    .slice(0, count)) {
    const { width = 1, height = 1 } = await sharp(path).metadata()
    const scale = Math.sqrt(12e6 / (width * height))
    await sharp(path)
      .resize(Math.round(width * scale), Math.round(height * scale), { fit: 'fill' })
      .jpeg({ quality: 90 })
      .toFile(join(folder, basename(path)))
  }
  writeFileSync(join(folder, '.complete'), '')
  return folder
}

const PER_DIRECTORY = 500

/** A folder with `count` photos, each of bytes of its own: the same pictures, each with another comment. */
export function makePhotos(count: number): string {
  const folder = join(work, `photos-${count}`)
  if (existsSync(join(folder, '.complete'))) return folder
  const originals = loadPhotos()
  for (let index = 0; index < count; index++) {
    const directory = join(folder, String(Math.floor(index / PER_DIRECTORY)))
    if (index % PER_DIRECTORY === 0) mkdirSync(directory, { recursive: true })
    const original = originals[index % originals.length] as Buffer
    writeFileSync(join(directory, `${index}.jpg`), withComment(original, `copy ${index}`))
  }
  writeFileSync(join(folder, '.complete'), '')
  return folder
}

/** Puts a COM segment (ITU-T T.81, B.2.4.5) behind the start-of-image marker. */
function withComment(jpeg: Buffer, comment: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(comment.length + 2)
  const segment = Buffer.concat([Buffer.from([0xff, 0xfe]), length, Buffer.from(comment)])
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)])
}
