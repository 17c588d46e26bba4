import type { Size } from './geometry.ts'

interface Pixels extends Size {
  data: Uint8Array
}

/**
 * Bilinear enlargement with pixel centres at half coordinates, as torchvision and Pillow do it.
 * sharp's enlargement lies half a pixel off (measured: a mean difference of 9/255 instead of 0.3).
 * `pixels`: RGB, row-major, uint8, [height, width, 3].
 */
export function enlarge(pixels: Pixels, size: Size): { data: Buffer } & Size {
  const columns = sampling(pixels.width, size.width)
  const rows = sampling(pixels.height, size.height)
  const data = Buffer.allocUnsafe(size.width * size.height * 3)
  const { data: from, width } = pixels
  let at = 0
  // A quarter of a million values a photo: nothing is made in here that would have to be collected.
  for (let row = 0; row < size.height; row++) {
    const top = (rows.low[row] as number) * width
    const bottom = (rows.high[row] as number) * width
    const down = rows.share[row] as number
    for (let column = 0; column < size.width; column++) {
      const left = columns.low[column] as number
      const right = columns.high[column] as number
      const across = columns.share[column] as number
      const corners = {
        a: (top + left) * 3,
        b: (top + right) * 3,
        c: (bottom + left) * 3,
        d: (bottom + right) * 3,
      }
      for (let channel = 0; channel < 3; channel++) {
        const a = from[corners.a + channel] as number
        const c = from[corners.c + channel] as number
        const above = a + ((from[corners.b + channel] as number) - a) * across
        const below = c + ((from[corners.d + channel] as number) - c) * across
        // Rounds what is not negative.
        data[at++] = (above + (below - above) * down + 0.5) | 0
      }
    }
  }
  return { data, ...size }
}

interface Sampling {
  low: Int32Array
  high: Int32Array
  share: Float64Array
}

/** For each pixel of the result, between which two of the original it lies, and how far. */
function sampling(from: number, to: number): Sampling {
  const [low, high] = [new Int32Array(to), new Int32Array(to)]
  const share = new Float64Array(to)
  for (let index = 0; index < to; index++) {
    const position = Math.min(Math.max(((index + 0.5) * from) / to - 0.5, 0), from - 1)
    low[index] = Math.floor(position)
    high[index] = Math.min(Math.floor(position) + 1, from - 1)
    share[index] = position - Math.floor(position)
  }
  return { low, high, share }
}
