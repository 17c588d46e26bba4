/** Photos that were taken with a turned camera are upright wherever they are shown. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodePhoto } from '../../main/vision/decode.ts'
import type { DecodableFormat } from '../../main/vision/source.ts'
import { createVision } from '../../main/vision/vision.ts'
import { expectFourColours, quarters, storedFourColours } from '../support/fourColours.ts'
import { createPhotoFolder, type PhotoFolder } from '../support/photoFolder.ts'
import { hasShared, sharedPhotos } from '../support/shared.ts'

const vision = createVision()
let folder: PhotoFolder
beforeAll(() => {
  folder = createPhotoFolder(vision)
})
afterAll(() => folder.remove())

const encoders: Record<string, (image: Sharp) => Sharp> = {
  jpeg: (image) => image.jpeg({ chromaSubsampling: '4:4:4' }),
  png: (image) => image.png(),
  webp: (image) => image.webp({ lossless: true }),
  tiff: (image) => image.tiff(),
  // What a property of the item says, rather than Exif.
  avif: (image) => image.avif({ quality: 90, effort: 0 }),
}
const cases = Object.keys(encoders).flatMap((format) =>
  [1, 2, 3, 4, 5, 6, 7, 8].map((value) => [format, value] as const),
)

test.each(cases)(
  '%s of orientation %d is upright in its thumbnail, to the model and in the viewer',
  async (format, value) => {
    const stored = (await storedFourColours(value)).withMetadata({ orientation: value })
    const bytes = (await encoders[format]?.(stored).toBuffer()) ?? Buffer.alloc(0)
    const path = folder.write(`${value}.${format}`, bytes)
    const { thumbnail, ...photo } = await folder.seen(path)
    expect(photo).toMatchObject({ format, width: 120, height: 80 })
    expectFourColours(await quarters(thumbnail))

    const rule = { resize: 80, inputSize: 80 }
    const { square } = await decodePhoto(bytes, format as DecodableFormat, rule)
    const raw = { width: 80, height: 80, channels: 3 as const }
    const seen = await sharp(square?.data, { raw }).png().toBuffer()
    expectFourColours(await quarters(seen))

    const shown = await vision.render({ path, maximumSide: 60 })
    expect(await sharp(shown ?? '').metadata()).toMatchObject({ width: 60, height: 40 })
    expectFourColours(await quarters(shown ?? Buffer.alloc(0)))
  },
)

/** The largest difference of any channel anywhere between two small versions of two pictures. */
async function apart(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all(
    [one, other].map((picture) => sharp(picture).resize(12, 12, { fit: 'fill' }).raw().toBuffer()),
  )
  return Math.max(...[...(a ?? [])].map((value, at) => Math.abs(value - (b?.[at] ?? 0))))
}

describe.skipIf(!hasShared)('of real photos', () => {
  test('all nine shared landscapes look the same', async () => {
    const landscape = (value: number) =>
      folder.seen(join(sharedPhotos, 'orientation', `Landscape_${value}.jpg`))
    const upright = await landscape(1)
    for (let value = 0; value <= 8; value++) {
      const outcome = await landscape(value)
      expect(outcome).toMatchObject({ width: 1800, height: 1200 })
      expect(await apart(outcome.thumbnail, upright.thumbnail), String(value)).toBeLessThan(12)
    }
  })

  test('HEIC is turned by its own property, whatever its Exif says', async () => {
    const bytes = readFileSync(join(sharedPhotos, 'heic', 'iphone_13_pro_max.HEIC'))
    const property = bytes.indexOf('irot') + 4
    // A quarter turn to the right, which this phone writes into Exif too.
    expect(bytes[property]).toBe(3)
    const upright = await folder.seen(folder.write('upright.heic', bytes))
    bytes[property] = 0
    const lying = await folder.seen(folder.write('lying.heic', bytes))
    expect([upright.width, upright.height]).toEqual([3024, 4032])
    expect([lying.width, lying.height]).toEqual([4032, 3024])
    const turned = await sharp(lying.thumbnail).rotate(90).toBuffer()
    // Two resizes of the same picture, one of them turned in between, differ a little.
    expect(await apart(turned, upright.thumbnail)).toBeLessThan(40)
    expect(
      await apart(await sharp(turned).rotate(180).toBuffer(), upright.thumbnail),
    ).toBeGreaterThan(80)
  })
})
