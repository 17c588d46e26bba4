/** Pictures of every kind of pixel, and colours as people are meant to see them. */
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

describe('a picture', () => {
  test.each([
    ['of 16 bits in PNG', (image: Sharp) => image.toColourspace('rgb16').png()],
    ['of 16 bits in TIFF', (image: Sharp) => image.toColourspace('rgb16').tiff()],
    ['with a palette', (image: Sharp) => image.png({ palette: true, colours: 4 })],
    ['with alpha', (image: Sharp) => image.ensureAlpha().png()],
    ['progressive', (image: Sharp) => image.jpeg({ progressive: true, quality: 95 })],
    ['interlaced', (image: Sharp) => image.png({ progressive: true })],
    ['in BigTIFF', (image: Sharp) => image.tiff({ bigtiff: true })],
    ['in tiles', (image: Sharp) => image.tiff({ tile: true, compression: 'deflate' })],
    ['in CIE Lab', (image: Sharp) => image.toColourspace('lab').tiff()],
    ['of Display P3 in JPEG', (image: Sharp) => image.withIccProfile('p3').jpeg({ quality: 100 })],
    ['of Display P3 and 16 bits', (image: Sharp) => wide(image).png()],
    ['of Display P3 in AVIF', (image: Sharp) => image.withIccProfile('p3').avif({ quality: 95 })],
  ])('%s shows its colours', async (name, encode) => {
    const { thumbnail } = await folder.seen(
      folder.write(name, await encode(await fourColours()).toBuffer()),
    )
    expectFourColours(await quarters(thumbnail))
  })
  const wide = (image: Sharp) => image.toColourspace('rgb16').withIccProfile('p3')

  test.each([
    ['with a profile', (image: Sharp) => image.withIccProfile('cmyk')],
    ['without', (image: Sharp) => image],
  ])('of printing inks shows them as on paper: %s', async (name, profiled) => {
    const inks = profiled((await fourColours()).toColourspace('cmyk'))
    const path = folder.write(`inks ${name}.jpg`, await inks.jpeg({ quality: 95 }).toBuffer())
    const { thumbnail } = await folder.seen(path)
    const [red = [], green = [], blue = [], white = []] = await quarters(thumbnail)
    for (const [strong, weak] of [
      [red[0], red[1]],
      [green[1], green[2]],
      [blue[2], blue[0]],
    ]) {
      expect((strong ?? 0) - (weak ?? 0)).toBeGreaterThan(80)
    }
    expect(Math.min(...white)).toBeGreaterThan(240)
  })

  test('of greys has no colour', async () => {
    for (const encode of [
      (image: Sharp) => image.greyscale().png(),
      (image: Sharp) => image.greyscale().jpeg(),
      (image: Sharp) => image.greyscale().toColourspace('grey16').tiff(),
      (image: Sharp) => image.ensureAlpha().greyscale().png(),
    ]) {
      const path = folder.write('grey', await encode(await fourColours()).toBuffer())
      const [red = [], green = [], blue = []] = await quarters((await folder.seen(path)).thumbnail)
      for (const grey of [red, green, blue]) {
        expect(Math.max(...grey) - Math.min(...grey)).toBeLessThan(3)
      }
      expect(green[0]).toBeGreaterThan((red[0] ?? 255) + 50)
      expect(red[0]).toBeGreaterThan((blue[0] ?? 255) + 30)
    }
  })

  test('that is transparent is shown on white, grey ones too', async () => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 }
    const image = sharp({ create: { width: 40, height: 40, channels: 4, background: clear } })
    for (const bytes of [
      await image.clone().png().toBuffer(),
      await image.clone().greyscale().png().toBuffer(),
    ]) {
      const { thumbnail } = await folder.seen(folder.write('clear.png', bytes))
      expect(Math.min(...(await quarters(thumbnail)).flat())).toBeGreaterThan(250)
    }
  })

  test('coded arithmetically shows its colours', async () => {
    // The four colours, by jpegtran -arithmetic of libjpeg-turbo 2.1: no encoder at hand writes it.
    const path = folder.write('arithmetic.jpg', Buffer.from(ARITHMETIC, 'base64'))
    expectFourColours(await quarters((await folder.seen(path)).thumbnail))
  })

  test.each([
    ['gif', (image: Sharp) => image.gif()],
    ['webp', (image: Sharp) => image.webp({ lossless: true })],
    ['tiff', (image: Sharp) => image.tiff()],
  ])('of several in a file is the first: %s', async (format, encode) => {
    const frames = await Promise.all(
      ['#ff0000', '#0000ff'].map((each) => colour(each).png().toBuffer()),
    )
    const bytes = await encode(sharp(frames, { join: { animated: true } })).toBuffer()
    const outcome = await folder.seen(folder.write(`several.${format}`, bytes))
    expect(outcome).toMatchObject({ format, width: 60, height: 40 })
    const [[red = 0, , blue = 255] = []] = await quarters(outcome.thumbnail)
    expect(red).toBeGreaterThan(200)
    expect(blue).toBeLessThan(60)
  })
})

test('a profile makes a difference, and to people only', async () => {
  const green = await colour('#00ff00').withIccProfile('p3').jpeg({ quality: 100 }).toBuffer()
  const path = folder.write('p3.jpg', green)
  const [[shown = 255] = []] = await quarters((await folder.seen(path)).thumbnail)
  const { data: stored } = await sharp(green, { ignoreIcc: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect(stored[0]).toBeGreaterThan(80)
  expect(shown).toBeLessThan(40)
})

/** CSS Color 4, 10.10 and 10.13: both have the same curve; Display P3 to sRGB in linear light. */
function p3AsSrgb(pixel: number[]): number[] {
  const toLinear = (value: number) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  const fromLinear = (value: number) =>
    value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055
  const linear = pixel.map((value) => toLinear(value / 255))
  return [
    [1.2249, -0.2247, 0],
    [-0.042, 1.0419, 0],
    [-0.0197, -0.0786, 1.0979],
  ].map((row) => {
    const value = row.reduce((sum, factor, at) => sum + factor * (linear[at] ?? 0), 0)
    return Math.round(255 * Math.min(1, Math.max(0, fromLinear(Math.max(0, value)))))
  })
}

describe.skipIf(!hasShared)('a HEIC of a phone', () => {
  const bytes = () => readFileSync(join(sharedPhotos, 'heic', 'iphone_13_pro_max.HEIC'))

  async function smallPixels(name: string, file: Buffer): Promise<number[][]> {
    const { thumbnail } = await folder.seen(folder.write(name, file))
    const small = await sharp(thumbnail).resize(24, 32, { fit: 'fill' }).raw().toBuffer()
    return Array.from({ length: 24 * 32 }, (_, at) => [...small.subarray(at * 3, at * 3 + 3)])
  }
  const meanApart = (one: number[][], other: number[][]) => {
    const differences = one.flatMap((pixel, at) =>
      pixel.map((value, channel) => Math.abs(value - (other[at]?.[channel] ?? 0))),
    )
    return differences.reduce((sum, value) => sum + value, 0) / differences.length
  }
  /** With primaries by their number (ITU-T H.273, table 2) in place of the profile. */
  function numbered(primaries: number): Buffer {
    const file = bytes()
    // Transfer 13, matrix 6, full range.
    const numbers = Buffer.from([0, primaries, 0, 13, 0, 6, 0x80])
    numbers.copy(file, file.write('nclx', file.indexOf('colr') + 4) + file.indexOf('colr') + 4)
    return file
  }

  test('is shown in the colours that its profile means', async () => {
    const shown = await smallPixels('profile.heic', bytes())
    const stored = await smallPixels('sRGB.heic', numbered(1))
    // Measured 4.2 and 1.1: what is left comes from the thumbnail's JPEG.
    expect(meanApart(shown, stored)).toBeGreaterThan(3)
    expect(meanApart(shown, stored.map(p3AsSrgb))).toBeLessThan(1.5)
  })

  test('may tell Display P3 by its number', async () => {
    const shown = await smallPixels('P3.heic', numbered(12))
    expect(meanApart(shown, await smallPixels('profile.heic', bytes()))).toBeLessThan(1)
  })
})

const ARITHMETIC =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDg' +
  'sLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU' +
  'FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/yQARCABQAHgDAREAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPw' +
  'D/ANlJHFQSon/qxeM1sx5JEIAXUjdLKgfCeTUT+DYDS1feSjS8mqZ6CzTpp8KJn15lF3OlybhnjJb+2MqNTXHSc6jd' +
  'xsyFv12HxN/T+8YuScnSr4YfVVNYD7bpIkDX8s5PWBb93YzwhFbvT94KFKxC3yU0jj0+WFMKmKizNOw+2m/6XcvgG+' +
  'YciNC8jKURidvzqaY5/p+3jllgSfcEymkGES/XkArQBmiypd9gjCm9y1NWa7E8iUXyiB02SOSTzN5nezOJ/wBqTSeY' +
  'ts9rt9fNEh6Bh4T6Pw99ppecp8kt4vRXmJcKA/mUkmg+ixT1IBVPMzTYVQleMGWh79sUcraoHMx8XxXssUjA7w0aAy' +
  '0++5PStfiGU1AzSREDiN792/nv0MEvsPJCQRAvbnf7l97t4R7p4OHi7OuM9Nma3Vj/2Q=='
