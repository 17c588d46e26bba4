import { expect, test } from 'vitest'
import { enlarge } from '../../../main/vision/enlarge.ts'

const grey = (values: number[], width: number, height: number) => ({
  data: Uint8Array.from(values.flatMap((value) => [value, value, value])),
  width,
  height,
})
const channel = (data: Uint8Array, offset: number) =>
  [...data].filter((_, index) => index % 3 === offset)

test('doubles a row as Pillow does: ends kept, three quarters to a quarter between', () => {
  const { data, width, height } = enlarge(grey([0, 100], 2, 1), { width: 4, height: 1 })
  expect({ width, height }).toEqual({ width: 4, height: 1 })
  expect(channel(data, 0)).toEqual([0, 25, 75, 100])
})

test('goes up and down as well as across', () => {
  const { data } = enlarge(grey([0, 100, 100, 200], 2, 2), { width: 4, height: 4 })
  const rows = [0, 1, 2, 3].map((row) => channel(data, 1).slice(row * 4, row * 4 + 4))
  expect(rows).toEqual([
    [0, 25, 75, 100],
    [25, 50, 100, 125],
    [75, 100, 150, 175],
    [100, 125, 175, 200],
  ])
})

test('keeps the channels apart', () => {
  const pixel = { data: Uint8Array.from([1, 120, 255]), width: 1, height: 1 }
  const { data } = enlarge(pixel, { width: 3, height: 2 })
  expect([0, 1, 2].map((offset) => new Set(channel(data, offset)))).toEqual(
    [[1], [120], [255]].map((values) => new Set(values)),
  )
})

test('changes nothing at the same size', () => {
  const pixels = grey([3, 1, 4, 1, 5, 9], 3, 2)
  expect([...enlarge(pixels, { width: 3, height: 2 }).data]).toEqual([...pixels.data])
})
