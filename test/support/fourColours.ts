/** A picture of which each quarter tells where it went. */
import sharp, { type Sharp } from 'sharp'
import { expect } from 'vitest'

export const colour = (background: string, width = 60, height = 40): Sharp =>
  sharp({ create: { width, height, channels: 3, background } })

/** Red, green; blue, white: 120 x 80 pixels. */
export async function fourColours(): Promise<Sharp> {
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

/** How a camera that was held so stores an upright picture: the inverse of what the value asks for. */
const turns: Record<number, (image: Sharp) => Sharp> = {
  1: (image) => image,
  2: (image) => image.flop(),
  3: (image) => image.rotate(180),
  4: (image) => image.flip(),
  5: (image) => image.rotate(270).flop(),
  6: (image) => image.rotate(270),
  7: (image) => image.rotate(90).flop(),
  8: (image) => image.rotate(90),
}

/** The four colours as they are stored with such an orientation. */
export async function storedFourColours(orientation: number): Promise<Sharp> {
  const upright = await (await fourColours()).png().toBuffer()
  const turn = turns[orientation]
  if (!turn) throw new Error(`no orientation ${orientation}`)
  return sharp(await turn(sharp(upright)).png().toBuffer())
}

/** RGB of the middle of each quarter: left and right above, left and right below. */
export async function quarters(picture: Uint8Array): Promise<number[][]> {
  const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true })
  return [0, 1, 2, 3].map((quarter) => {
    const x = Math.floor((info.width * (1 + 2 * (quarter % 2))) / 4)
    const y = Math.floor((info.height * (1 + 2 * Math.floor(quarter / 2))) / 4)
    const at = (y * info.width + x) * info.channels
    return [...data.subarray(at, at + 3)]
  })
}

export function expectFourColours(found: number[][]): void {
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
