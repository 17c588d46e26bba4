/** What vision sees in files of every format, turned every way. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LookOutcome } from '../../main/rpc/visionCommands.ts'
import { createVision } from '../../main/vision/vision.ts'
import { hasShared, sharedPhotos } from '../support/shared.ts'

const vision = createVision()
let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'albumen-look-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

type Seen = Extract<LookOutcome, { state: 'seen' }>

function write(name: string, bytes: string | Uint8Array): string {
  const path = join(directory, name)
  writeFileSync(path, bytes)
  return path
}
const look = (path: string) => vision.look({ path, classify: false })

async function seen(path: string): Promise<Seen> {
  const outcome = await look(path)
  if (outcome.state !== 'seen') throw new Error(`${path}: ${JSON.stringify(outcome)}`)
  return outcome
}

/** RGB of the middle of each quarter: left and right above, left and right below. */
async function quarters(jpeg: Uint8Array): Promise<number[][]> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true })
  return [0, 1, 2, 3].map((quarter) => {
    const x = Math.floor((info.width * (1 + 2 * (quarter % 2))) / 4)
    const y = Math.floor((info.height * (1 + 2 * Math.floor(quarter / 2))) / 4)
    const at = (y * info.width + x) * info.channels
    return [...data.subarray(at, at + 3)]
  })
}

/** The largest difference of any channel anywhere between two small versions of two pictures. */
async function apart(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all(
    [one, other].map((jpeg) => sharp(jpeg).resize(12, 8, { fit: 'fill' }).raw().toBuffer()),
  )
  return Math.max(...[...(a ?? [])].map((value, at) => Math.abs(value - (b?.[at] ?? 0))))
}

const colour = (background: string, width = 60, height = 40): Sharp =>
  sharp({ create: { width, height, channels: 3, background } })

/** Red, green; blue, white: 120 x 80 pixels. */
async function fourColours(): Promise<Sharp> {
  const tiles = await Promise.all(
    ['#ff0000', '#00ff00', '#0000ff', '#ffffff'].map((each) => colour(each).png().toBuffer()),
  )
  const composite = tiles.map((input, at) => ({
    input,
    left: (at % 2) * 60,
    top: Math.floor(at / 2) * 40,
  }))
  return sharp(await colour('#000000', 120, 80).composite(composite).png().toBuffer())
}

function expectFourColours(found: number[][]): void {
  const expected = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ]
  for (const [at, values] of expected.entries()) {
    for (const [channel, value] of values.entries()) {
      expect(Math.abs((found[at]?.[channel] ?? -1) - value)).toBeLessThan(30)
    }
  }
}

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
    const outcome = await seen(write(`${format}.jpg`, bytes))
    expect(outcome).toMatchObject({ format, width: 120, height: 80, predictions: null })
    expect(Buffer.from(outcome.contentHash)).toEqual(createHash('sha256').update(bytes).digest())
    expectFourColours(await quarters(outcome.thumbnail))
  })

  test.each([
    ['grey', (image: Sharp) => image.greyscale().png()],
    ['16 bits a channel', (image: Sharp) => image.toColourspace('rgb16').png()],
    ['CMYK', (image: Sharp) => image.toColourspace('cmyk').jpeg()],
    ['a palette', (image: Sharp) => image.png({ palette: true, colours: 4 })],
    ['progressive', (image: Sharp) => image.jpeg({ progressive: true })],
  ])('is seen in other pixels: %s', async (name, encode) => {
    const outcome = await seen(write(name, await encode(await fourColours()).toBuffer()))
    expect(outcome).toMatchObject({ width: 120, height: 80 })
    const [red, green, blue, white] = await quarters(outcome.thumbnail)
    expect(Math.min(...(white ?? [0]))).toBeGreaterThan(240)
    for (const each of [red, green, blue]) expect(Math.min(...(each ?? [255]))).toBeLessThan(230)
  })

  test('shows what is transparent on white', async () => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 }
    const image = sharp({ create: { width: 40, height: 40, channels: 4, background: clear } })
    const { thumbnail } = await seen(write('clear.png', await image.png().toBuffer()))
    expect(Math.min(...(await quarters(thumbnail)).flat())).toBeGreaterThan(250)
  })

  test('shows the first picture of an animation', async () => {
    const frames = await Promise.all(
      ['#ff0000', '#0000ff'].map((each) => colour(each).png().toBuffer()),
    )
    const animation = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()
    const { width, height, thumbnail } = await seen(write('animated.gif', animation))
    expect({ width, height }).toEqual({ width: 60, height: 40 })
    const [[red = 0, , blue = 255] = []] = await quarters(thumbnail)
    expect(red).toBeGreaterThan(200)
    expect(blue).toBeLessThan(60)
  })

  test('shows people the colours that the profile means', async () => {
    const green = await colour('#00ff00').withIccProfile('p3').jpeg({ quality: 100 }).toBuffer()
    // The same stored values without a profile are another green.
    const { data } = await sharp(green, { ignoreIcc: true })
      .raw()
      .toBuffer({ resolveWithObject: true })
    const [storedRed = 0] = data
    const [[red = 0] = []] = await quarters((await seen(write('p3.jpg', green))).thumbnail)
    expect(storedRed).toBeGreaterThan(80)
    expect(red).toBeLessThan(40)
  })

  test.each([
    [1, 1],
    [1, 3000],
    [3000, 2],
    [255, 256],
    [700, 500],
  ])('has a thumbnail of its shape: %d x %d', async (width, height) => {
    const path = write(
      `${width}x${height}.png`,
      await colour('#406080', width, height).png().toBuffer(),
    )
    const outcome = await seen(path)
    expect(outcome).toMatchObject({ width, height })
    const small = await sharp(outcome.thumbnail).metadata()
    expect(Math.min(small.width, small.height)).toBeLessThanOrEqual(256)
    expect(Math.max(small.width, small.height)).toBeLessThanOrEqual(1024)
    if (Math.max(width, height) / Math.min(width, height) < 4) {
      expect(Math.abs(small.width / small.height - width / height)).toBeLessThan(0.02)
    }
  })
})

describe('orientation', () => {
  /** How a camera that was held so stores an upright picture: the inverse of what the value asks for. */
  const stored: Record<number, (image: Sharp) => Sharp> = {
    1: (image) => image,
    2: (image) => image.flop(),
    3: (image) => image.rotate(180),
    4: (image) => image.flip(),
    5: (image) => image.rotate(270).flop(),
    6: (image) => image.rotate(270),
    7: (image) => image.rotate(90).flop(),
    8: (image) => image.rotate(90),
  }

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    '%d is applied once, to pixels and to sizes',
    async (value) => {
      const upright = await (await fourColours()).png().toBuffer()
      const turned = await stored[value]?.(sharp(upright)).png().toBuffer()
      const bytes = await sharp(turned).withMetadata({ orientation: value }).jpeg().toBuffer()
      const outcome = await seen(write(`orientation-${value}.jpg`, bytes))
      expect(outcome).toMatchObject({ width: 120, height: 80 })
      expectFourColours(await quarters(outcome.thumbnail))
    },
  )

  test.skipIf(!hasShared)('of the shared landscapes: all nine look the same', async () => {
    const folder = join(sharedPhotos, 'orientation')
    const upright = await seen(join(folder, 'Landscape_1.jpg'))
    for (let value = 0; value <= 8; value++) {
      const outcome = await seen(join(folder, `Landscape_${value}.jpg`))
      expect(outcome).toMatchObject({ width: 1800, height: 1200 })
      expect(await apart(outcome.thumbnail, upright.thumbnail), String(value)).toBeLessThan(12)
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
    const outcome = await look(write(name, bytes))
    expect(outcome).toMatchObject({ state: 'unreadable', code })
    if (outcome.state === 'unreadable') expect(outcome.reason).toMatch(/^[A-Z].*\.$/)
  })

  test('half a JPEG is damaged', async () => {
    const whole = await colour('#808080', 800, 600).jpeg().toBuffer()
    const path = write('half.jpg', whole.subarray(0, whole.length / 2))
    expect(await look(path)).toMatchObject({ state: 'unreadable', code: 'damaged' })
  })

  test('a picture that promises more pixels than any photo has is not decoded', async () => {
    const path = write('bomb.png', pngThatPromises(60_000, 60_000))
    expect(await look(path)).toMatchObject({
      state: 'unreadable',
      code: 'too-many-pixels',
      reason: expect.stringContaining('60000 x 60000'),
    })
  })

  test('a file or a folder that is gone is missing', async () => {
    expect(await look(join(directory, 'nowhere.jpg'))).toEqual({ state: 'missing' })
    expect(await look(join(directory, 'nowhere', 'a.jpg'))).toEqual({ state: 'missing' })
  })
})

/** A PNG with a header and next to nothing else (PNG specification, 11.2.2). */
function pngThatPromises(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length, 0)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = Buffer.from('789c0300000000010000ffff', 'hex')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('a picture for the viewer', () => {
  test('is a JPEG within the size asked for, and never larger than the photo', async () => {
    const path = write('large.tiff', await colour('#204080', 900, 600).tiff().toBuffer())
    for (const [maximumSide, width] of [
      [300, 300],
      [4000, 900],
    ] as const) {
      const bytes = await vision.render({ path, maximumSide })
      expect(await sharp(bytes ?? '').metadata()).toMatchObject({ format: 'jpeg', width })
    }
  })

  test('is null for what cannot be shown', async () => {
    const path = write('letter.tiff', 'no picture')
    expect(await vision.render({ path, maximumSide: 100 })).toBeNull()
    expect(await vision.render({ path: join(directory, 'gone'), maximumSide: 9 })).toBeNull()
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
    expect((await seen(join(sharedPhotos, name))).metadata).toMatchObject(expected)
  })

  test('HEIC is decoded, upright', async () => {
    const { format, width, height, thumbnail } = await seen(
      join(sharedPhotos, 'heic', 'iphone_13_pro_max.HEIC'),
    )
    expect({ format, width, height }).toEqual({ format: 'heic', width: 3024, height: 4032 })
    const small = await sharp(thumbnail).metadata()
    expect([small.width, small.height]).toEqual([256, 341])
    const { channels } = await sharp(thumbnail).stats()
    for (const { stdev } of channels) expect(stdev).toBeGreaterThan(20)
  })

  test('broken HEIC is damaged, and the next one is decoded all the same', async () => {
    const broken = join(sharedPhotos, 'heic', 'crash-20ca2625096a205937b809a7841e7f019f0b2dc6.heic')
    expect(await look(broken)).toMatchObject({ state: 'unreadable', code: 'damaged' })
    expect(await seen(join(sharedPhotos, 'heic', 'samplefilehub.heif'))).toMatchObject({
      width: 640,
    })
  })

  test('AVIF of 8 and 12 bits is decoded', async () => {
    for (const name of [
      'fox.profile2.8bpc.yuv422.odd-width.odd-height.avif',
      'fox.profile2.12bpc.yuv444.odd-width.odd-height.avif',
    ]) {
      expect(await seen(join(sharedPhotos, 'avif', name))).toMatchObject({
        width: 1203,
        height: 799,
      })
    }
  })
})
