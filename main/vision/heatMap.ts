import type { HeatMap } from '../../contract/domain.ts'
import { NARROWEST_STRIP, type SquareRule } from './decode.ts'
import { centreSquare, centreStrip, type Size, withShortSide } from './geometry.ts'
import type { FeatureMaps } from './session.ts'

/**
 * Weights of a classifier, [classes, channels], row-major, without what all classes have in common:
 * a softmax does not see that, and in a network whose logits are all negative it would hide
 * everything that speaks for a class.
 */
export function centredWeights(weights: Float32Array, classes: number): Float32Array {
  const channels = weights.length / classes
  const means = new Float64Array(channels)
  for (const [index, weight] of weights.entries()) {
    means[index % channels] = (means[index % channels] as number) + weight / classes
  }
  return weights.map((weight, index) => weight - (means[index % channels] as number))
}

/**
 * The class activation map of one output: at each place the sum of the maps, weighed as the
 * classifier weighs the features that are their means. `weights`: as `centredWeights` gives them.
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
