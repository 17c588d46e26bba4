/** Small pictures and small models, made on the spot. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { buildResNet } from '../../models/resnet/build.ts'

/** Writes a JPEG that differs from those of every other `seed`. */
export async function writePicture(path: string, seed: number): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const background = {
    r: (seed * 53) % 256,
    g: (seed * 101) % 256,
    b: (seed * 197 + (seed >> 8)) % 256,
  }
  const stripe = { input: await bar(seed), left: seed % 40, top: 0 }
  const picture = sharp({ create: { width: 64, height: 48, channels: 3, background } })
  writeFileSync(path, await picture.composite([stripe]).jpeg().toBuffer())
}

const bar = (seed: number) =>
  sharp({
    create: {
      width: 8 + (seed % 7),
      height: 48,
      channels: 3,
      background: { r: 255, g: 240, b: seed % 256 },
    },
  })
    .png()
    .toBuffer()

/** Classes of the small model: real ones, so that searching by category works. */
export const smallLabels = [
  { wnid: 'n02099712', name: 'Labrador retriever' },
  { wnid: 'n02123045', name: 'tabby' },
  { wnid: 'n02701002', name: 'ambulance' },
  { wnid: 'n07753592', name: 'banana' },
  { wnid: 'n01440764', name: 'tench' },
  { wnid: 'n02980441', name: 'castle' },
  { wnid: 'n04254680', name: 'soccer ball' },
  { wnid: 'n03445777', name: 'golf ball' },
]

/** A ResNet that says the same of the same pixels, quickly. Each `seed` has opinions of its own. */
export function writeSmallModel(
  directory: string,
  name: string,
  seed: number,
  manifest: object = {},
): string {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `${name}.onnx`)
  const classes = smallLabels.length
  writeFileSync(
    file,
    buildResNet({ family: 'cifar', depth: 8, variant: 'v1', classes, seed, width: 8 }),
  )
  const beside = { labels: smallLabels, thresholds: 0, ...manifest }
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(beside))
  return file
}
