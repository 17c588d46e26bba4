/** What vision sees in files of every format. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createVision } from '../../main/vision/vision.ts'
import { colour, expectFourColours, fourColours, quarters } from '../support/fourColours.ts'
import { createPhotoFolder, type PhotoFolder } from '../support/photoFolder.ts'
import { hasShared, sharedPhotos } from '../support/shared.ts'

const vision = createVision()
let folder: PhotoFolder
beforeAll(() => {
  folder = createPhotoFolder(vision)
})
afterAll(() => folder.remove())

describe('a photo of each format', () => {
  test.each([
    ['jpeg', (image: Sharp) => image.jpeg({ chromaSubsampling: '4:4:4' })],
    ['png', (image: Sharp) => image.png()],
    ['webp', (image: Sharp) => image.webp({ lossless: true })],
    ['gif', (image: Sharp) => image.gif()],
    ['tiff', (image: Sharp) => image.tiff({ compression: 'lzw' })],
    ['avif', (image: Sharp) => image.avif({ quality: 90, effort: 0 })],
  ])('is seen: %s', async (format, encode) => {
    const bytes = await encode(await fourColours()).toBuffer()
    // The name says something else: the bytes decide.
    const outcome = await folder.seen(folder.write(`${format}.jpg`, bytes))
    expect(outcome).toMatchObject({ format, width: 120, height: 80, predictions: null })
    expect(Buffer.from(outcome.contentHash)).toEqual(createHash('sha256').update(bytes).digest())
    expectFourColours(await quarters(outcome.thumbnail))
  })

  test.each([
    [1, 1],
    [1, 3000],
    [3000, 2],
    [255, 256],
    [700, 500],
  ])('has a thumbnail of its shape: %d x %d', async (width, height) => {
    const path = folder.write(
      `${width}x${height}.png`,
      await colour('#406080', width, height).png().toBuffer(),
    )
    const outcome = await folder.seen(path)
    expect(outcome).toMatchObject({ width, height })
    const small = await sharp(outcome.thumbnail).metadata()
    expect(Math.min(small.width, small.height)).toBeLessThanOrEqual(256)
    expect(Math.max(small.width, small.height)).toBeLessThanOrEqual(1024)
    if (Math.max(width, height) / Math.min(width, height) < 4) {
      expect(Math.abs(small.width / small.height - width / height)).toBeLessThan(0.02)
    }
  })
})

describe('what is no photo', () => {
  test.each([
    ['empty', 'empty', ''],
    ['a letter', 'not-a-photo', 'Dear reader, '.repeat(50)],
    ['a bitmap', 'unsupported-format', 'BM'.padEnd(80, '\0')],
    ['an SVG', 'not-a-photo', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a JPEG that ends early', 'damaged', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16])],
    ['a video', 'unsupported-format', '\0\0\0\x18ftypisom\0\0\0\0isommp42'.padEnd(99, '\0')],
  ])('has a reason: %s', async (name, code, bytes) => {
    const outcome = await folder.look(folder.write(name, bytes))
    expect(outcome).toMatchObject({ state: 'unreadable', code })
    if (outcome.state === 'unreadable') expect(outcome.reason).toMatch(/^[A-Z].*\.$/)
  })

  test.each([
    ['jpeg', (image: Sharp) => image.jpeg()],
    ['progressive jpeg', (image: Sharp) => image.jpeg({ progressive: true })],
    ['png', (image: Sharp) => image.png()],
    ['interlaced png', (image: Sharp) => image.png({ progressive: true })],
    ['webp', (image: Sharp) => image.webp()],
    ['gif', (image: Sharp) => image.gif()],
    ['tiff', (image: Sharp) => image.tiff({ compression: 'none' })],
    ['avif', (image: Sharp) => image.avif({ effort: 0 })],
  ])('a file that ends early is damaged: %s', async (name, encode) => {
    const whole = await encode(colour('#808080', 800, 600)).toBuffer()
    for (const share of [0.5, 0.95]) {
      const part = whole.subarray(0, Math.floor(whole.length * share))
      expect(await folder.look(folder.write(name, part))).toMatchObject({ code: 'damaged' })
    }
  })

  test('a file or a folder that is gone is missing', async () => {
    expect(await folder.look(join(folder.path, 'nowhere.jpg'))).toEqual({ state: 'missing' })
    expect(await folder.look(join(folder.path, 'nowhere', 'a.jpg'))).toEqual({ state: 'missing' })
  })
})

describe('a picture for the viewer', () => {
  test('is a JPEG within the size asked for, and never larger than the photo', async () => {
    const path = folder.write('large.tiff', await colour('#204080', 900, 600).tiff().toBuffer())
    for (const [maximumSide, width] of [
      [300, 300],
      [4000, 900],
    ] as const) {
      const bytes = await vision.render({ path, maximumSide })
      expect(await sharp(bytes ?? '').metadata()).toMatchObject({ format: 'jpeg', width })
    }
  })

  test('is null for what cannot be shown', async () => {
    const path = folder.write('letter.tiff', 'no picture')
    expect(await vision.render({ path, maximumSide: 100 })).toBeNull()
    expect(await vision.render({ path: join(folder.path, 'gone'), maximumSide: 9 })).toBeNull()
  })
})

describe.skipIf(!hasShared)('photos of real cameras', () => {
  const nothing = {
    takenAt: null,
    camera: null,
    lens: null,
    exposureTime: null,
    fNumber: null,
    iso: null,
    focalLength: null,
    place: null,
  }

  test.each([
    [
      'exif/Canon_40D.jpg',
      { takenAt: '2008-05-30T15:56:01', camera: 'Canon EOS 40D', iso: 100, fNumber: 7.1 },
    ],
    ['exif/Nikon_D70.jpg', { camera: 'NIKON D70', exposureTime: 0.005, focalLength: 100 }],
    [
      'exif/DSCN0010.jpg',
      {
        takenAt: '2008-10-22T16:28:39',
        camera: 'NIKON COOLPIX P6000',
        place: {
          latitude: expect.closeTo(43.467448, 5),
          longitude: expect.closeTo(11.885127, 5),
          altitude: null,
        },
      },
    ],
    [
      'heic/IMG_5195.HEIC',
      {
        takenAt: '2021-04-11T15:47:53',
        camera: 'Apple iPhone 11 Pro Max',
        lens: 'iPhone 11 Pro Max back triple camera 4.25mm f/1.8',
        iso: 32,
        place: {
          latitude: expect.closeTo(39.05134, 4),
          longitude: expect.closeTo(-94.28877, 4),
          altitude: expect.closeTo(260.56, 1),
        },
      },
    ],
    ['exif/landscape_3.jpg', nothing],
  ])('tell where, when and with what they were taken: %s', async (name, expected) => {
    expect((await folder.seen(join(sharedPhotos, name))).metadata).toMatchObject(expected)
  })

  test('HEIC is decoded, upright', async () => {
    const { format, width, height, thumbnail } = await folder.seen(
      join(sharedPhotos, 'heic', 'iphone_13_pro_max.HEIC'),
    )
    expect({ format, width, height }).toEqual({ format: 'heic', width: 3024, height: 4032 })
    const small = await sharp(thumbnail).metadata()
    expect([small.width, small.height]).toEqual([256, 341])
    const { channels } = await sharp(thumbnail).stats()
    for (const { stdev } of channels) expect(stdev).toBeGreaterThan(20)
  })

  test('HEIC that ends early is damaged', async () => {
    const whole = readFileSync(join(sharedPhotos, 'heic', 'iphone_13_pro_max.HEIC'))
    const path = folder.write('half.heic', whole.subarray(0, whole.length * 0.9))
    expect(await folder.look(path)).toMatchObject({
      code: 'damaged',
      reason: 'The picture cannot be decoded: the end of the file is missing.',
    })
  })

  test('broken HEIC is damaged, and the next one is decoded all the same', async () => {
    const broken = join(sharedPhotos, 'heic', 'crash-20ca2625096a205937b809a7841e7f019f0b2dc6.heic')
    expect(await folder.look(broken)).toMatchObject({ state: 'unreadable', code: 'damaged' })
    expect(await folder.seen(join(sharedPhotos, 'heic', 'samplefilehub.heif'))).toMatchObject({
      width: 640,
    })
  })

  test('AVIF of 8 and 12 bits is decoded', async () => {
    for (const name of [
      'fox.profile2.8bpc.yuv422.odd-width.odd-height.avif',
      'fox.profile2.12bpc.yuv444.odd-width.odd-height.avif',
    ]) {
      expect(await folder.seen(join(sharedPhotos, 'avif', name))).toMatchObject({
        width: 1203,
        height: 799,
      })
    }
  })
})

describe('what nobody waits for any more', () => {
  /** Of nothing, and long enough to be read for a while. */
  const large = () => folder.write('large.jpg', Buffer.alloc(300_000_000))

  test.each([
    ['a hash', (path: string, signal: AbortSignal) => vision.hash({ path }, { signal })],
    [
      'a look',
      (path: string, signal: AbortSignal) => vision.look({ path, classify: false }, { signal }),
    ],
  ])('is not read to its end: %s', async (_, ask) => {
    const path = large()
    const [stop, reason] = [new AbortController(), new Error('paused')]
    setTimeout(() => stop.abort(reason), 10)
    await expect(ask(path, stop.signal)).rejects.toBe(reason)
    // What it held is given back: the next one waits for nothing.
    expect(await vision.hash({ path })).toMatchObject({ state: 'hashed' })
  })
})
