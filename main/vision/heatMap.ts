import type { HeatMap } from '../../contract/domain.ts'
import { NARROWEST_STRIP, type SquareRule } from './decode.ts'
import { centreSquare, centreStrip, type Size, withShortSide } from './geometry.ts'
import type { FeatureMaps } from './session.ts'

/**
 * The class activation map of one output: at each place the sum of the maps, weighed as the
 * classifier weighs the features that are their means. `weights`: [classes, channels], row-major.
 */
export function activationMap(
  { data, channels, rows, columns }: FeatureMaps,
  weights: Float32Array,
  output: number,
): Pick<HeatMap, 'rows' | 'columns' | 'values'> {
  const cells = rows * columns
  const values = new Float64Array(cells)
  for (let channel = 0; channel < channels; channel++) {
    const weight = weights[output * channels + channel] as number
    for (let cell = 0; cell < cells; cell++) {
      values[cell] = (values[cell] as number) + weight * (data[channel * cells + cell] as number)
    }
  }
  return { rows, columns, values: [...values] }
}

/**
 * The part of a photo that a model sees, as shares of its width and height. The rule is that of
 * `decodePhoto`: the middle of a strip, the shorter side to `resize`, the centre square.
 */
export function seenRegion(photo: Size, { resize, inputSize }: SquareRule): HeatMap['region'] {
  const strip = centreStrip(photo, NARROWEST_STRIP) ?? { left: 0, top: 0, ...photo }
  const resized = withShortSide(strip, resize)
  const square = centreSquare(resized, inputSize)
  const [scaleX, scaleY] = [strip.width / resized.width, strip.height / resized.height]
  return {
    left: (strip.left + square.left * scaleX) / photo.width,
    top: (strip.top + square.top * scaleY) / photo.height,
    width: (square.width * scaleX) / photo.width,
    height: (square.height * scaleY) / photo.height,
  }
}
