import { expect, test } from 'vitest'
import { createGate } from '../../../main/vision/gate.ts'

/** Lets everything that can happen now happen. */
const settle = () => new Promise(setImmediate)

async function enterAll(amounts: number[], capacity = 10) {
  const gate = createGate(capacity)
  const leaving: (() => void)[] = []
  const inside: number[] = []
  for (const [index, amount] of amounts.entries()) {
    void gate.enter(amount).then((leave) => {
      inside.push(index)
      leaving[index] = leave
    })
  }
  await settle()
  return {
    inside,
    async leave(index: number) {
      leaving[index]?.()
      await settle()
    },
  }
}

test('lets in what fits', async () => {
  const { inside } = await enterAll([4, 6])
  expect(inside).toEqual([0, 1])
})

test('makes the rest wait until there is room, in the order of arrival', async () => {
  const { inside, leave } = await enterAll([6, 6, 1])
  // The last would fit, but it came after one that waits.
  expect(inside).toEqual([0])
  await leave(0)
  expect(inside).toEqual([0, 1, 2])
})

test('lets one that is larger than all go in alone', async () => {
  const { inside, leave } = await enterAll([50, 1, 50])
  expect(inside).toEqual([0])
  await leave(0)
  expect(inside).toEqual([0, 1])
  await leave(1)
  expect(inside).toEqual([0, 1, 2])
})

test('lets what takes no room go in at any time', async () => {
  const { inside } = await enterAll([8, 8, 0])
  expect(inside).toEqual([0, 2])
})
