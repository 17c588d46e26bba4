import { describe, expect, test } from 'vitest'
import { activationMap, centredWeights, seenRegion } from '../../../main/vision/heatMap.ts'

describe('centredWeights', () => {
  test('keeps what tells classes apart and drops what they share', () => {
    const weights = Float32Array.from([1, -10, 3, -10, 5, -10])
    expect([...centredWeights(weights, 3)]).toEqual([-2, 0, 0, 0, 2, 0])
  })
})

describe('activationMap', () => {
  // Two channels of 1 x 3 cells.
  const maps = { data: Float32Array.from([1, 0, 2, 0, 3, 1]), channels: 2, rows: 1, columns: 3 }

  test('is the sum of the maps, weighed as the class weighs its features', () => {
    const weights = Float32Array.from([9, 9, 0.5, -1])
    expect(activationMap(maps, weights, 1)).toEqual({ rows: 1, columns: 3, values: [0.5, -3, 0] })
  })

  test('has the class’s share of the logit as its mean, because pooling is a mean', () => {
    const weights = Float32Array.from([2, -1])
    const { values } = activationMap(maps, weights, 0)
    const features = [1, 4 / 3]
    const logit = 2 * (features[0] ?? 0) - (features[1] ?? 0)
    expect(values.reduce((sum, value) => sum + value, 0) / 3).toBeCloseTo(logit, 6)
  })
})

describe('seenRegion', () => {
  const rule = { resize: 256, inputSize: 224 }

  test('is the middle square of a wide photo, less the rim that the crop cuts off', () => {
    const region = seenRegion({ width: 1024, height: 512 }, rule)
    expect(region).toEqual({ left: 0.28125, top: 0.0625, width: 0.4375, height: 0.875 })
    expect(region.width * 1024).toBeCloseTo(region.height * 512, 6)
  })

  test('is the same share of a small photo, which is enlarged first', () => {
    expect(seenRegion({ width: 64, height: 32 }, rule)).toEqual(
      seenRegion({ width: 1024, height: 512 }, rule),
    )
  })

  test('is the whole of a square photo where nothing is cut off', () => {
    expect(seenRegion({ width: 300, height: 300 }, { resize: 64, inputSize: 64 })).toEqual({
      ...{ left: 0, top: 0 },
      ...{ width: 1, height: 1 },
    })
  })

  test('lies in the middle of a strip, of which the ends are never looked at', () => {
    const { left, top, width, height } = seenRegion({ width: 100_000, height: 100 }, rule)
    expect(left + width / 2).toBeCloseTo(0.5, 4)
    expect(top + height / 2).toBeCloseTo(0.5, 4)
    expect(width * 100_000).toBeCloseTo(height * 100, 3)
  })
})
