import { expect, test } from 'vitest'
import { restartDelay } from '../../../main/processes/restartPolicy.ts'

test('waits longer after each crash in a row', () => {
  expect([1, 2, 3, 4].map((count) => restartDelay(Array(count).fill(1000)))).toEqual([
    250, 500, 1000, 2000,
  ])
})

test('gives up after five crashes within a minute', () => {
  expect(restartDelay([0, 10_000, 20_000, 30_000, 59_999])).toBeNull()
})

test('forgives what is a minute ago', () => {
  expect(restartDelay([0, 10_000, 20_000, 30_000, 60_000])).toBe(2000)
  expect(restartDelay([0, 1, 2, 3, 100_000])).toBe(250)
})
