import { describe, expect, test } from 'vitest'
import { fillPlanes, normalisationTables, topPredictions } from '../../../main/vision/scores.ts'

const logits = { outputKind: 'logits', temperature: 1 } as const
const probabilities = { outputKind: 'probabilities', temperature: 1 } as const

describe('the best classes', () => {
  test('are the highest scores, best first, as the softmax of the logits', () => {
    const row = Float32Array.from([1, 4, 2, 3])
    const sum = [1, 4, 2, 3].reduce((total, value) => total + Math.exp(value), 0)
    const found = topPredictions(row, logits, 3)
    expect(found.map(({ index }) => index)).toEqual([1, 3, 2])
    for (const { index, score } of found) {
      expect(score).toBeCloseTo(Math.exp(row[index] ?? 0) / sum, 6)
    }
  })

  test('do not overflow', () => {
    const [best] = topPredictions(Float32Array.from([1000, 999]), logits, 1)
    expect(best?.score).toBeCloseTo(1 / (1 + Math.exp(-1)), 6)
  })

  test('come closer to each other with a higher temperature', () => {
    const row = Float32Array.from([2, 0])
    const [warm] = topPredictions(row, { ...logits, temperature: 2 }, 1)
    expect(warm?.score).toBeCloseTo(1 / (1 + Math.exp(-1)), 6)
  })

  test('are taken as they are where the model gives probabilities', () => {
    const row = Float32Array.from([0.25, 0.5, 0.125])
    expect(topPredictions(row, probabilities, 2)).toEqual([
      { index: 1, score: 0.5 },
      { index: 0, score: 0.25 },
    ])
  })

  test('of equal scores, the first wins', () => {
    const row = Float32Array.from([0.2, 0.3, 0.3, 0.2])
    expect(topPredictions(row, probabilities, 3).map(({ index }) => index)).toEqual([1, 2, 0])
  })

  test('are no more than there are, and none that is no number', () => {
    expect(topPredictions(Float32Array.from([0.4, Number.NaN]), probabilities, 5)).toEqual([
      { index: 0, score: expect.closeTo(0.4, 6) },
    ])
    expect(topPredictions(Float32Array.from([1, Number.NaN]), logits, 5)).toEqual([])
  })
})

describe('pixels for the model', () => {
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ] as const

  test('are three planes of normalised floats', () => {
    const pixels = Uint8Array.from([0, 128, 255, 10, 20, 30])
    const planes = new Float32Array(6)
    fillPlanes(planes, pixels, normalisationTables({ mean: [...mean], std: [...std] }))
    const expected = [0, 10, 128, 20, 255, 30].map((byte, at) => {
      const channel = Math.floor(at / 2)
      return (byte / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1)
    })
    for (const [at, value] of expected.entries()) expect(planes[at]).toBeCloseTo(value, 5)
  })
})
