/** Where a model sees a class, with one that is known to see colours. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HeatMap } from '../../contract/domain.ts'
import { visionModel } from '../../main/engine/tags/currentModel.ts'
import { cpuExecution } from '../../main/rpc/execution.ts'
import { createVision } from '../../main/vision/vision.ts'
import { type Label, loadModel } from '../../models/manifest.ts'
import { pytorchSample } from '../fixtures/models/samples.ts'
import { writeColourModel } from '../support/colourModel.ts'

const RED = 1
const BLUE = 4
const labels: Label[] = Array.from({ length: 8 }, (_, index) => ({ wnid: null, name: `${index}` }))

describe('a heat map', () => {
  const vision = createVision()
  let root: string
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'albumen-heat-'))
    await use(writeColourModel(root, labels))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  async function use(file: string): Promise<void> {
    const loaded = await loadModel(file, { imagenetLabels: labels })
    await vision.loadModel({ model: visionModel(loaded), execution: cpuExecution })
  }

  /** Blue, with a red square of 80 pixels. */
  async function picture(name: string, left: number, top: number): Promise<string> {
    const path = join(root, name)
    const red = { create: { width: 80, height: 80, channels: 3 as const, background: '#f00' } }
    await sharp({ create: { width: 256, height: 256, channels: 3, background: '#00f' } })
      .composite([{ input: await sharp(red).png().toBuffer(), left, top }])
      .toFile(path)
    return path
  }

  /** Middle of the cells above half of the highest value, as shares of the photo. */
  function hottest({ rows, columns, values, region }: HeatMap): { x: number; y: number } {
    const half = Math.max(...values) / 2
    const hot = values.flatMap((value, index) => (value > half ? [index] : []))
    const mean = (numbers: number[]) =>
      numbers.reduce((sum, number) => sum + number, 0) / numbers.length
    return {
      x: region.left + (region.width * mean(hot.map((at) => (at % columns) + 0.5))) / columns,
      y:
        region.top + (region.height * mean(hot.map((at) => Math.floor(at / columns) + 0.5))) / rows,
    }
  }

  test.each([
    ['top-left.png', 30, 30],
    ['right.png', 150, 90],
    ['bottom.png', 80, 150],
  ])('lies over what it is about: %s', async (name, left, top) => {
    const path = await picture(name, left, top)
    const map = await vision.heatMap({ path, output: RED })
    if (!map) throw new Error('no map')
    expect([map.rows, map.columns, map.values.length]).toEqual([7, 7, 49])
    const { x, y } = hottest(map)
    // A cell is an eighth of the photo.
    expect(Math.abs(x * 256 - (left + 40))).toBeLessThan(24)
    expect(Math.abs(y * 256 - (top + 40))).toBeLessThan(24)
    const blue = await vision.heatMap({ path, output: BLUE })
    const cell = Math.floor((y - map.region.top) * 8) * 7 + Math.floor((x - map.region.left) * 8)
    expect(blue?.values[cell]).toBeLessThan(map.values[cell] ?? 0)
  })

  test('adds up to the scores: the maps’ means are as far apart as the logits', async () => {
    const path = await picture('sum.png', 90, 60)
    const look = await vision.look({ path, classify: true })
    if (look.state !== 'seen' || !look.predictions) throw new Error('not seen')
    const [first, second] = look.predictions
    if (!first || !second) throw new Error('two classes')
    const means: number[] = []
    for (const { index } of [first, second]) {
      const { values = [] } = (await vision.heatMap({ path, output: index })) ?? {}
      means.push(values.reduce((sum, value) => sum + value, 0) / values.length)
    }
    const logits = Math.log(first.score / second.score)
    expect((means[0] ?? 0) - (means[1] ?? 0)).toBeCloseTo(logits, 3)
  })

  test('of a file that cannot be read is none', async () => {
    expect(await vision.heatMap({ path: join(root, 'gone.jpg'), output: RED })).toBeNull()
  })

  test('of a model that cannot be opened up is refused with a sentence', async () => {
    const file = join(root, 'headless.onnx')
    writeFileSync(file, pytorchSample('not-transformer'))
    const ten = Array.from({ length: 10 }, (_, index) => ({ name: `${index}` }))
    writeFileSync(join(root, 'headless.json'), JSON.stringify({ labels: ten }))
    await use(file)
    await expect(
      vision.heatMap({ path: await picture('plain.png', 0, 0), output: 0 }),
    ).rejects.toThrow('This model cannot show where it saw a tag: choose a ResNet for that.')
  })
})
