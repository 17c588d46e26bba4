import { expect, test } from 'vitest'
import { heatColours } from '../../../renderer/viewer/heatColours.ts'

const cells = (values: number[]) => {
  const pixels = heatColours({ values })
  return values.map((_, index) => [...pixels.subarray(index * 4, index * 4 + 4)])
}

test('the brightest cell is where the class was seen most', () => {
  const brightness = cells([0.1, 4, 2]).map(([red = 0, green = 0, blue = 0, alpha = 0]) => ({
    light: red + green + blue,
    alpha,
  }))
  expect(brightness[1]?.light).toBeGreaterThan(brightness[2]?.light ?? 0)
  expect(brightness[2]?.light).toBeGreaterThan(brightness[0]?.light ?? 0)
  expect(brightness[1]?.alpha).toBe(255)
  expect(brightness[0]?.alpha).toBeLessThan(20)
})

test('what speaks against the class, or not for it, leaves the photo clear', () => {
  expect(cells([-5, 0, 3]).slice(0, 2)).toEqual([
    [0, 0, 4, 0],
    [0, 0, 4, 0],
  ])
  expect(cells([-1, -2, 0]).every(([, , , alpha]) => alpha === 0)).toBe(true)
})
