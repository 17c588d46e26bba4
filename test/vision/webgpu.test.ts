/** The way to a graphics card, on the software Vulkan that Chromium brings. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Client, createClient } from '../../contract/protocol.ts'
import { visionModel } from '../../main/engine/tags/currentModel.ts'
import { processEntry } from '../../main/processes/entries.ts'
import { forkVision } from '../../main/processes/vision.ts'
import { cpuExecution, type Execution } from '../../main/rpc/execution.ts'
import type { LookOutcome, VisionModel } from '../../main/rpc/visionCommands.ts'
import { loadModel } from '../../models/manifest.ts'
import { createEngineFixture } from '../support/engineFixture.ts'
import { writePicture, writeSmallModel } from '../support/pictures.ts'
import { swiftShader } from '../support/swiftShader.ts'

const startVision = forkVision(processEntry('vision'), null)
const onWebGpu: Execution = { ...cpuExecution, provider: 'webgpu', batchSize: 2 }

describe.skipIf(!swiftShader)('WebGPU', () => {
  let root: string
  let model: VisionModel
  beforeAll(async () => {
    for (const [name, value] of Object.entries(swiftShader ?? {})) vi.stubEnv(name, value)
    root = mkdtempSync(join(tmpdir(), 'albumen-webgpu-'))
    mkdirSync(join(root, 'photos'))
    for (const seed of [1, 2, 3]) await writePicture(join(root, 'photos', `${seed}.jpg`), seed)
    const file = writeSmallModel(root, 'small', 1)
    model = visionModel(await loadModel(file, { imagenetLabels: [] }))
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(root, { recursive: true })
  })

  let end = () => {}
  afterEach(() => end())
  async function startClient(): Promise<Client> {
    const { channel } = await startVision()
    end = channel.close
    return createClient(channel, 'vision')
  }

  test('gives photos the scores that the CPU gives them, to five digits', async () => {
    const client = await startClient()
    const scores = async (execution: Execution) => {
      expect(await client.call('loadModel', { model, execution })).toMatchObject({
        provider: execution.provider,
      })
      const looks = [1, 2, 3].map((seed) =>
        client.call('look', { path: join(root, 'photos', `${seed}.jpg`), classify: true }),
      )
      return (await Promise.all(looks)).map((look) => {
        const { predictions } = look as Extract<LookOutcome, { state: 'seen' }>
        return new Map(predictions?.map(({ index, score }) => [index, score]))
      })
    }
    const onCpu = await scores(cpuExecution)
    const onGpu = await scores(onWebGpu)
    for (const [photo, expected] of onCpu.entries()) {
      expect(expected.size).toBe(5)
      for (const [index, score] of expected) {
        expect(onGpu[photo]?.get(index)).toBeCloseTo(score, 5)
      }
    }
  })

  test('is measured beside the CPU, agrees with it, and loses for being slower', async () => {
    const fixture = createEngineFixture()
    try {
      await fixture.picture('one.jpg', 1)
      const machine = { candidates: ['webgpu' as const] }
      const library = await fixture.open({ startVision, startProbe: startVision, machine })
      await library.index()
      await expect
        .poll(() => library.ask('acceleration', {}), { timeout: 100_000 })
        .toMatchObject({ state: 'measured' })
      const { candidates, provider } = await library.ask('acceleration', {})
      expect(candidates).toMatchObject([
        { provider: 'cpu', outcome: 'chosen', photosPerSecond: expect.any(Number) },
        { provider: 'webgpu', outcome: 'slower', reason: expect.stringMatching(/ a second, cpu /) },
      ])
      expect(provider).toBe('cpu')
      const [, webgpu] = candidates
      expect(webgpu?.difference).toBeLessThan(1e-5)
      expect(webgpu?.photosPerSecond).toBeGreaterThan(0)
      console.info(`WebGPU on SwiftShader: ${JSON.stringify(candidates)}`)
    } finally {
      fixture.remove()
    }
  })
})
