import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ExportProgress } from '../../../contract/domain.ts'
import { createProgress, forEachConcurrently } from '../../../main/engine/export/work.ts'

test('progress tells the first, the last and at most ten a second between', () => {
  const told: number[] = []
  let now = 0
  const onProgress = ({ done }: ExportProgress) => told.push(done)
  const tell = createProgress({ onProgress, clock: () => now })
  for (let done = 0; done <= 1000; done++) {
    tell({ phase: 'writing', done, total: 1000 })
    now += 1
  }
  expect(told).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
})

test('a failure is told only when nothing is running any more, and begins nothing new', async () => {
  const begun: number[] = []
  let running = 0
  const work = forEachConcurrently(
    [1, 2, 3, 4, 5, 6],
    3,
    new AbortController().signal,
    async (item) => {
      begun.push(item)
      running++
      await setTimeout(item === 2 ? 5 : 30)
      running--
      if (item === 2) throw new Error('item 2 failed')
    },
  )
  await expect(work).rejects.toThrow('item 2 failed')
  expect(running).toBe(0)
  expect(begun).toEqual([1, 2, 3])
})
