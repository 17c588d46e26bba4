/** `albumen evaluate` with models and photos whose right answers are known. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { colourOf, writeColourModel } from '../support/colourModel.ts'
import { albumen, albumenJson } from '../support/commandLine.ts'
import { contents } from '../support/exportFixture.ts'
import { smallLabels } from '../support/pictures.ts'

interface Share {
  count: number
  of: number
  share: number
  low: number
  high: number
}
interface Evaluated {
  model: {
    id: string
    file: string
    resnet: boolean
    variant: string
    depth: number
    blocks: number[]
    weights: number
    bytes: number
    inputSize: number
  }
  photos: number
  top1: Share
  top5: Share
  macro: { precision: number; recall: number; f1: number }
  calibration: { error: number; bins: { photos: number }[] }
  tags: { tagged: Share; precision: Share | null; recall: Share }
  classes: { name: string; support: number; predicted: number; right: number }[]
  confusions: { truth: string; predicted: string; photos: number; examples: { path: string }[] }[]
  common: { photos: number; top1: Share } | null
  unknown: { photos: number; classes: string[] }
  unread: { path: string; reason: string }[]
  run: { provider: string; photos: number; seconds: number; photosPerSecond: number }
}

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'albumen-evaluate-'))
})
afterAll(() => rmSync(root, { recursive: true }))

const evaluate = async (...args: string[]) =>
  await albumenJson<Evaluated>('evaluate', ...args, '--library', join(root, 'no-library'))

async function plain(path: string, index: number): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const background = colourOf(index)
  await sharp({ create: { width: 40, height: 30, channels: 3, background } })
    .png()
    .toFile(path)
}

describe('a model that tells colours apart', () => {
  let model: string
  let photos: string
  beforeAll(async () => {
    model = writeColourModel(root, smallLabels)
    photos = join(root, 'colours')
    for (const [index, { wnid, name }] of smallLabels.entries()) {
      const folder = index < 5 ? name : wnid
      for (const copy of ['a', 'b']) await plain(join(photos, folder, `${copy}.png`), index)
    }
    // Two bananas and a castle are labelled ambulance.
    for (const copy of ['c', 'd']) await plain(join(photos, 'ambulance', `${copy}.png`), 3)
    await plain(join(photos, 'ambulance', 'e.png'), 5)
    writeFileSync(join(photos, 'ambulance', 'broken.jpg'), 'no picture')
    mkdirSync(join(photos, 'tarantula'))
    copyFileSync(join(photos, 'ambulance', 'a.png'), join(photos, 'tarantula', 'a.png'))
  })

  test('is right about all but the photos that are labelled wrongly', async () => {
    const before = contents(photos)
    const [record, ...others] = await evaluate(photos, '--model', model)
    expect(others).toEqual([])
    expect(record).toMatchObject({
      model: { id: 'colours', file: model, resnet: true, depth: 18, blocks: [2, 2, 2, 2] },
      photos: 19,
      top1: { count: 16, of: 19 },
      common: null,
      unknown: { photos: 1, classes: ['tarantula'] },
      unread: [
        {
          path: join(photos, 'ambulance', 'broken.jpg'),
          reason: 'The file does not hold a picture of a format Albumen knows.',
        },
      ],
      run: { photos: 19, provider: expect.any(String) },
    })
    // The one that cannot be read was not classified, and does not make it quicker.
    const { photosPerSecond = 0, seconds = 0 } = record?.run ?? {}
    expect(photosPerSecond * seconds).toBeCloseTo(19, 6)
    expect(record?.model.weights).toBeCloseTo(11_170_000, -5)
    expect(record?.model.bytes).toBe(readFileSync(model).length)
    expect(record?.classes.find(({ name }) => name === 'ambulance')).toMatchObject({
      support: 5,
      predicted: 2,
      right: 2,
    })
    expect(record?.classes.find(({ name }) => name === 'banana')).toMatchObject({
      support: 2,
      predicted: 4,
      right: 2,
    })
    expect(record?.macro.recall).toBeCloseTo((7 + 2 / 5) / 8, 12)
    expect(record?.macro.precision).toBeCloseTo((6 + 2 / 4 + 2 / 3) / 8, 12)
    expect(record?.confusions).toMatchObject([
      { truth: 'ambulance', predicted: 'banana', photos: 2, examples: [{}, {}] },
      { truth: 'ambulance', predicted: 'castle', photos: 1 },
    ])
    expect(record?.calibration.bins.reduce((sum, { photos }) => sum + photos, 0)).toBe(19)
    // It is sure of every guess, so each is a tag.
    expect(record?.tags).toMatchObject({
      tagged: { count: 19, of: 19 },
      precision: { count: 16, of: 19 },
      recall: { count: 16, of: 19 },
    })
    expect(contents(photos)).toEqual(before)
    expect(existsSync(join(root, 'no-library'))).toBe(false)
  })

  test('is right with any class of a category', async () => {
    const folder = join(root, 'categories')
    await plain(join(folder, 'balls', 'soccer.png'), 6)
    await plain(join(folder, 'balls', 'golf.png'), 7)
    await plain(join(folder, 'balls', 'banana.png'), 3)
    await plain(join(folder, 'dog', 'labrador.png'), 0)
    const [record] = await evaluate(folder, '--model', model)
    expect(record).toMatchObject({ photos: 4, top1: { count: 3 } })
    expect(record?.classes.map(({ name }) => name)).toEqual(['ball', 'dog'])
    expect(record?.confusions).toMatchObject([{ truth: 'ball', predicted: 'banana' }])
  })

  test('tells it in words, with a table, the confusions and what was left out', async () => {
    const { code, stdout, stderr } = await albumen('evaluate', photos, '--model', model)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`21 photos of 9 classes from ${photos}`)
    expect(stdout).toMatch(/colours +18 v1 +11\.2 M +224 px +19 +15\.8 \(5\.5–37\.6\)/)
    expect(stdout).toMatch(/2 {2}ambulance → banana \(ambulance.[cd]\.png, ambulance.[cd]\.png\)/)
    expect(stdout).toContain('1 photo of 1 class that it does not know: tarantula')
    expect(stdout).toMatch(/broken\.jpg: The file does not hold a picture/)
  })

  test('looks at no more than the limit', async () => {
    const [record] = await evaluate(photos, '--model', model, '--limit', '7')
    const { run, unread, unknown } = record ?? {}
    expect((run?.photos ?? 0) + (unread?.length ?? 0) + (unknown?.photos ?? 0)).toBe(7)
    expect(record?.classes.length).toBeGreaterThan(4)
  })

  test('reads the truth from a CSV, in which a missing file stops nothing', async () => {
    const file = join(root, 'labels.csv')
    const rows = ['banana/a.png,bananas', 'banana/b.png,fruit', 'gone.png,banana']
    writeFileSync(file, ['path,class', ...rows.map((row) => `colours/${row}`)].join('\r\n'))
    const [record] = await evaluate(file, '--model', model)
    expect(record).toMatchObject({
      photos: 2,
      unread: [
        {
          path: join(photos, 'gone.png'),
          reason: 'There is no such file, or it cannot be reached.',
        },
      ],
    })
  })
})
