/** `albumen evaluate` with two real models on real photos. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { albumenJson } from '../support/commandLine.ts'
import { hasShared, sharedPhotos, sharedResNet } from '../support/shared.ts'

/** How often the ResNet-18 is right on torchvision's own pixels: test/fixtures/torchvision. */
const { hits } = JSON.parse(
  readFileSync(new URL('../fixtures/torchvision/golden.json', import.meta.url), 'utf8'),
) as { hits: { top1: number; top5: number } }

interface Accuracy {
  top1: { count: number; of: number; share: number }
  top5: { count: number; of: number; share: number }
}
interface Evaluated extends Accuracy {
  model: { id: string; depth: number; variant: string; published: object | null }
  photos: number
  calibration: { error: number; bins: { photos: number }[] }
  confusions: { truth: string; predicted: string; photos: number }[]
  common: (Accuracy & { photos: number }) | null
  unknown: { photos: number; classes: string[] }
  unread: object[]
}

describe.skipIf(!hasShared)('a ResNet-18 and the starter model on 200 ImageNet photos', () => {
  let root: string
  let resnet: Evaluated | undefined
  let starter: Evaluated | undefined
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'albumen-evaluate-'))
    const models = ['--model', sharedResNet, '--model', 'starter']
    const folder = join(sharedPhotos, 'imagenet')
    const found = await albumenJson<Evaluated>(
      ...['evaluate', folder, ...models, '--library', join(root, 'library')],
    )
    resnet = found[0]
    starter = found[1]
    for (const { model, photos, top1, top5 } of found)
      console.info(
        `${model.id}: top-1 ${percent(top1.share)} %, top-5 ${percent(top5.share)} %, N = ${photos}`,
      )
  }, 240_000)
  afterAll(() => rmSync(root, { recursive: true }))

  const percent = (share: number) => (100 * share).toFixed(1)

  test('the ResNet-18 is right as often as on torchvision’s own pixels, within a point', () => {
    expect(resnet).toMatchObject({ photos: 200, unread: [], unknown: { photos: 0, classes: [] } })
    expect(resnet?.model).toMatchObject({ depth: 18, variant: 'v2', published: null })
    expect(Math.abs((resnet?.top1.count ?? 0) - hits.top1)).toBeLessThanOrEqual(2)
    expect(Math.abs((resnet?.top5.count ?? 0) - hits.top5)).toBeLessThanOrEqual(2)
  })

  test('what is wrong at top-1 is a confusion, and every photo is in a bin of confidence', () => {
    const { confusions = [], calibration, top1 } = resnet ?? {}
    const wrong = confusions.reduce((sum, { photos }) => sum + photos, 0)
    expect(wrong).toBe(200 - (top1?.count ?? 0))
    expect(calibration?.bins.reduce((sum, { photos }) => sum + photos, 0)).toBe(200)
    expect(calibration?.error).toBeLessThan(0.15)
  })

  test('the starter model is measured on the classes that it knows, both on those they share', () => {
    const { photos = 0, unknown } = starter ?? {}
    expect(photos).toBeGreaterThan(30)
    expect(photos + (unknown?.photos ?? 0)).toBe(200)
    expect(unknown?.classes).toContain('Afghan hound')
    expect(starter?.model.published).toMatchObject({ top1: 0.592, n: 9203 })
    expect(resnet?.common?.photos).toBe(photos)
    expect(starter?.common).toMatchObject({ photos, top1: starter?.top1, top5: starter?.top5 })
    expect(resnet?.common?.top1.count).toBeGreaterThan(starter?.top1.count ?? photos)
  })
})
