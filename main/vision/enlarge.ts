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
  for (const { low: top, high: bottom, share: down } of rows) {
    for (const { low: left, high: right, share: across } of columns) {
      const corners = [
        top * width + left,
        top * width + right,
        bottom * width + left,
        bottom * width + right,
      ]
      const [topLeft, topRight, bottomLeft, bottomRight] = corners as [
        number,
        number,
        number,
        number,
      ]
      for (let channel = 0; channel < 3; channel++) {
        const value = (corner: number) => from[corner * 3 + channel] as number
        const above = value(topLeft) + (value(topRight) - value(topLeft)) * across
        const below = value(bottomLeft) + (value(bottomRight) - value(bottomLeft)) * across
        data[at++] = Math.round(above + (below - above) * down)
      }
    }
  }
  return { data, ...size }
}

/** For each pixel of the result, between which two of the original it lies, and how far. */
function sampling(from: number, to: number): { low: number; high: number; share: number }[] {
  return Array.from({ length: to }, (_, index) => {
    const position = Math.min(Math.max(((index + 0.5) * from) / to - 0.5, 0), from - 1)
    const low = Math.floor(position)
    return { low, high: Math.min(low + 1, from - 1), share: position - low }
  })
}
