import type { HeatMap } from '../../contract/domain.ts'

/**
 * From dark to bright, evenly for the eye and for those who see colours otherwise: nine stops of
 * matplotlib's "inferno" (CC0, https://bids.github.io/colormap/).
 */
const stops: readonly (readonly [red: number, green: number, blue: number])[] = [
  [0, 0, 4],
  [31, 12, 72],
  [85, 15, 109],
  [136, 34, 106],
  [186, 54, 85],
  [227, 89, 51],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
]

function colourAt(share: number): readonly [number, number, number] {
  const place = share * (stops.length - 1)
  const index = Math.min(Math.floor(place), stops.length - 2)
  const low = stops[index] ?? [0, 0, 0]
  const high = stops[index + 1] ?? low
  const mix = (channel: 0 | 1 | 2) =>
    low[channel] + (high[channel] - low[channel]) * (place - index)
  return [mix(0), mix(1), mix(2)]
}

/**
 * A map as pixels, one for each cell: RGBA, row-major. The brightest is where the class was seen most;
 * what speaks against the class is clear, as is everything where nothing speaks for it.
 */
export function heatColours({ values }: Pick<HeatMap, 'values'>): Uint8ClampedArray<ArrayBuffer> {
  const most = Math.max(0, ...values)
  const pixels = new Uint8ClampedArray(values.length * 4)
  for (const [index, value] of values.entries()) {
    const share = most > 0 ? Math.max(0, value) / most : 0
    pixels.set([...colourAt(share), 255 * Math.min(1, share * 1.4)], index * 4)
  }
  return pixels
}
