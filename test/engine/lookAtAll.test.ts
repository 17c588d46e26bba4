/** Looking at photos for `albumen evaluate`, with a vision process that dies or is stopped. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lookAtAll } from '../../main/cli/evaluate/lookAtAll.ts'
import {
  createVisionSupervisor,
  type VisionSupervisor,
} from '../../main/engine/jobs/visionSupervisor.ts'
import { readModel, visionModel } from '../../main/engine/tags/currentModel.ts'
import { forkVision } from '../../main/processes/vision.ts'
import { cpuExecution } from '../../main/rpc/execution.ts'
import { writePicture, writeSmallModel } from '../support/pictures.ts'

const mortalEntry = fileURLToPath(new URL('../support/visionThatDies.ts', import.meta.url))

let root: string
let vision: VisionSupervisor
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'albumen-looks-'))
  vision = createVisionSupervisor({
    start: forkVision(mortalEntry, () => {}),
    log: () => {},
    onRetreat: () => {},
  })
  const file = writeSmallModel(root, 'small', 1)
  const loaded = await readModel(null, file, { anyArchitecture: false })
  await vision.useModel(visionModel(loaded), { execution, proven: false })
})
afterEach(() => {
  vision.close()
  rmSync(root, { recursive: true })
})

async function pictures(count: number): Promise<string[]> {
  const paths = Array.from({ length: count }, (_, seed) => join(root, `${seed}.jpg`))
  for (const [seed, path] of paths.entries()) await writePicture(path, seed)
  return paths
}

const execution = cpuExecution
const { batchSize } = execution
const { signal } = new AbortController()

test('photos that kill vision are given up, all others are seen, in order', async () => {
  const paths = await pictures(40)
  const killers = [join(root, 'a kills-vision.jpg'), join(root, 'b kills-vision.jpg')]
  for (const [seed, path] of killers.entries()) await writePicture(path, 100 + seed)
  const all = [...paths.slice(0, 10), ...killers, ...paths.slice(10)]
  const counts: number[] = []
  const looks = await lookAtAll(vision, all, {
    batchSize,
    signal,
    onProgress: (done) => counts.push(done),
  })
  expect(counts).toEqual(all.map((_, index) => index + 1))
  for (const [index, path] of all.entries()) {
    if (killers.includes(path)) {
      expect(looks[index]).toEqual({
        state: 'unread',
        reason: expect.stringMatching(/ended the process that looks at photos, again and again/),
      })
    } else {
      expect(looks[index]).toEqual({ state: 'seen', predictions: expect.any(Array) })
    }
  }
})

test('what is seen belongs to its path', async () => {
  const paths = await pictures(30)
  const together = await lookAtAll(vision, paths, { batchSize, signal, onProgress: () => {} })
  for (const index of [0, 7, 29]) {
    const [alone] = await lookAtAll(vision, [paths[index] ?? ''], {
      batchSize,
      signal,
      onProgress: () => {},
    })
    expect(together[index]).toEqual(alone)
  }
})

test('an abort ends it at once with the signal’s reason', async () => {
  const paths = await pictures(60)
  const controller = new AbortController()
  const reason = new Error('enough')
  let told = 0
  const looking = lookAtAll(vision, paths, {
    batchSize,
    signal: controller.signal,
    onProgress: (done) => {
      told = done
      if (done === 5) controller.abort(reason)
    },
  })
  await expect(looking).rejects.toBe(reason)
  expect(told).toBeLessThan(60)
})
