/** Which changes to a file leave its picture the same one: edits by a real ExifTool, and others. */
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ExifTool, type WriteTags } from 'exiftool-vendored'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PhotoFormat, recogniseFormat } from '../../main/vision/formats.ts'
import { imageDataHash } from '../../main/vision/imageDataHash.ts'
import { colour, fourColours } from '../support/fourColours.ts'
import { createPhotoFolder, type PhotoFolder } from '../support/photoFolder.ts'
import { dngFile, rafFile } from '../support/rawFiles.ts'
import { hasShared, sharedPhotos } from '../support/shared.ts'

let folder: PhotoFolder
let exifTool: ExifTool
beforeAll(() => {
  folder = createPhotoFolder()
  exifTool = new ExifTool({ maxProcs: 1 })
})
afterAll(async () => {
  await exifTool.end()
  folder.remove()
})

function hashOf(file: Buffer): string | null {
  const recognised = recogniseFormat(file)
  if (recognised.kind !== 'photo') throw new Error('no photo')
  const hash = imageDataHash(file, recognised.format)
  return hash && Buffer.from(hash).toString('hex')
}

const edits: [name: string, tags: WriteTags & Record<string, unknown>][] = [
  ['a keyword', { 'XMP-dc:Subject': ['albumen'] }],
  ['a caption', { 'XMP-dc:Description': 'A photo that somebody wrote something about' }],
  ['a place', { 'EXIF:GPSLatitude': 48.85, 'EXIF:GPSLongitude': 2.35 }],
  ['another orientation', { 'EXIF:Orientation#': 8 }],
]
/** GIF has no Exif. */
const textEdits = edits.slice(0, 2)

/** What is left of `before` after each edit, one on top of the other. */
async function expectSameAfter(path: string, changes: typeof edits): Promise<void> {
  const before = readFileSync(path)
  const hash = hashOf(before)
  expect(hash).not.toBeNull()
  let last = before
  for (const [name, tags] of changes) {
    await exifTool.write(path, tags, ['-overwrite_original'])
    const now = readFileSync(path)
    expect(now.equals(last), `${name} changes the file`).toBe(false)
    expect(hashOf(now), `${name} leaves the picture`).toBe(hash)
    last = now
  }
}

const encoders: [PhotoFormat, (image: Sharp) => Sharp, typeof edits][] = [
  ['jpeg', (image) => image.jpeg(), [...edits, ['a comment', { 'File:Comment': 'hello' }]]],
  ['png', (image) => image.png(), edits],
  ['webp', (image) => image.webp(), edits],
  ['tiff', (image) => image.tiff({ compression: 'lzw' }), edits],
  ['tiff', (image) => image.tiff({ compression: 'jpeg', tile: true }), edits],
  ['gif', (image) => image.gif(), [...textEdits, ['a comment', { 'File:Comment': 'hello' }]]],
  ['avif', (image) => image.avif({ effort: 0 }), edits],
]

describe('the same picture', () => {
  test.each(encoders)(
    'is one whose metadata somebody edits: %s',
    async (format, encode, changes) => {
      const bytes = await encode(await fourColours()).toBuffer()
      await expectSameAfter(folder.write(`edited.${format}`, bytes), changes)
    },
  )

  test('is a raw file that somebody edits', async () => {
    const preview = await (await fourColours()).jpeg().toBuffer()
    await expectSameAfter(folder.write('edited.dng', dngFile({ preview })), edits)
  })

  test('is an animation with a comment', async () => {
    const frames = await Promise.all(['#f00', '#00f'].map((each) => colour(each).png().toBuffer()))
    const animation = sharp(frames, { join: { animated: true } })
    const path = folder.write('animated.gif', await animation.gif({ loop: 3 }).toBuffer())
    await expectSameAfter(path, textEdits)
    const webp = folder.write('animated.webp', await animation.webp({ loop: 3 }).toBuffer())
    await expectSameAfter(webp, edits)
  })

  test('is one with something behind its end, such as the video of a phone', async () => {
    const bytes = await (await fourColours()).jpeg().toBuffer()
    const video = Buffer.from('\0\0\0\x18ftypmp42, and so on')
    expect(hashOf(Buffer.concat([bytes, video]))).toBe(hashOf(bytes))
  })

  test
    .skipIf(!hasShared)
    .each([
      'exif/Canon_40D.jpg',
      'exif/DSCN0010.jpg',
      'orientation/Landscape_6.jpg',
      'heic/iphone_13_pro_max.HEIC',
      'heic/IMG_5195.HEIC',
      'avif/red-at-12-oclock-with-color-profile-8bpc.avif',
      'raw/CanonRaw.cr2',
      'raw/DNG.dng',
      'raw/Nikon.nef',
    ])('is a camera’s that somebody edits: %s', async (name) => {
    const path = join(folder.path, name.split('/')[1] ?? '')
    copyFileSync(join(sharedPhotos, name), path)
    await expectSameAfter(path, edits)
  })

  test.skipIf(!hasShared)('is a HEIC that somebody turns', async () => {
    const bytes = readFileSync(join(sharedPhotos, 'heic', 'iphone_13_pro_max.HEIC'))
    const hash = hashOf(bytes)
    bytes[bytes.indexOf('irot') + 4] = 1
    expect(hashOf(bytes)).toBe(hash)
  })
})

describe('another picture', () => {
  test.each(encoders)('is one that was saved anew: %s', async (_, encode) => {
    const image = await fourColours()
    const one = await encode(image.clone()).toBuffer()
    const other = await encode(image.clone().modulate({ brightness: 0.9 })).toBuffer()
    expect(hashOf(one)).not.toBe(hashOf(other))
    expect(hashOf(one)).not.toBeNull()
  })

  test('is the same pixels in another quality', async () => {
    const image = await fourColours()
    const one = await image.clone().jpeg({ quality: 90 }).toBuffer()
    const other = await image.clone().jpeg({ quality: 80 }).toBuffer()
    expect(hashOf(one)).not.toBe(hashOf(other))
  })

  test('is the same pixels with another palette', async () => {
    const bytes = await (await fourColours()).png({ palette: true, colours: 4 }).toBuffer()
    const other = Buffer.from(bytes)
    const palette = bytes.indexOf('PLTE') + 4
    other.writeUInt8((other[palette] ?? 0) ^ 0xff, palette)
    expect(hashOf(other)).not.toBe(hashOf(bytes))
  })

  test('is a raw file whose sensor saw something else', async () => {
    const preview = await (await fourColours()).jpeg().toBuffer()
    const one = dngFile({ preview, sensor: Buffer.from('this') })
    const other = dngFile({ preview, sensor: Buffer.from('that') })
    expect(hashOf(one)).not.toBe(hashOf(other))
  })

  test('is a RAF whose sensor saw something else, whatever its preview says', async () => {
    const [preview, shorter] = await Promise.all(
      [90, 50].map(async (quality) => (await fourColours()).jpeg({ quality }).toBuffer()),
    )
    if (!preview || !shorter) throw new Error('two were made')
    const hash = hashOf(rafFile(preview, Buffer.from('this')))
    expect(hashOf(rafFile(shorter, Buffer.from('this')))).toBe(hash)
    expect(hashOf(rafFile(preview, Buffer.from('that')))).not.toBe(hash)
  })

  test('is an animation that ends', async () => {
    const frames = await Promise.all(['#f00', '#00f'].map((each) => colour(each).png().toBuffer()))
    const animation = sharp(frames, { join: { animated: true } })
    const [forever, twice] = await Promise.all(
      [0, 2].map((loop) => animation.clone().gif({ loop }).toBuffer()),
    )
    expect(hashOf(forever ?? Buffer.alloc(0))).not.toBe(hashOf(twice ?? Buffer.alloc(0)))
  })

  test.skipIf(!hasShared)('is each of the shared photos', () => {
    const names = ['exif/Canon_40D.jpg', 'exif/canon-ixus.jpg', 'exif/DSCN0010.jpg']
    const hashes = names.map((name) => hashOf(readFileSync(join(sharedPhotos, name))))
    expect(new Set(hashes).size).toBe(names.length)
  })
})

describe('damage', () => {
  /** Park and Miller's generator: the same numbers each time. */
  function randomNumbers(seed: number): (below: number) => number {
    let state = seed
    return (below) => {
      state = (state * 48271) % 2147483647
      return state % below
    }
  }

  test.each(encoders)('of any kind ends nothing and takes no time: %s', async (format, encode) => {
    const whole = await encode(await fourColours()).toBuffer()
    const random = randomNumbers(whole.length)
    const start = performance.now()
    for (let run = 0; run < 500; run++) {
      const damaged = Buffer.from(
        whole.subarray(0, whole.length - random(2) * random(whole.length)),
      )
      for (let byte = random(8); byte >= 0 && damaged.length > 0; byte--) {
        damaged[random(damaged.length)] = random(256)
      }
      imageDataHash(damaged, format)
      recogniseFormat(damaged)
    }
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

test('what vision sees has it', async () => {
  const bytes = await (await fourColours()).jpeg().toBuffer()
  const { imageHash } = await folder.seen(folder.write('seen.jpg', bytes))
  expect(Buffer.from(imageHash ?? []).toString('hex')).toBe(hashOf(bytes))
})
