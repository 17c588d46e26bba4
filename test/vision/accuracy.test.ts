/** From the command line to the tags in the database, with a real model on real photos. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { albumen, albumenJson } from '../support/commandLine.ts'
import { hasShared, sharedPhotos, sharedResNet } from '../support/shared.ts'

const folder = join(sharedPhotos, 'imagenet')
/** How often the same model is right on torchvision's own pixels: test/fixtures/torchvision. */
const { hits } = JSON.parse(
  readFileSync(new URL('../fixtures/torchvision/golden.json', import.meta.url), 'utf8'),
) as { hits: { model: string; top1: number; top5: number } }

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const originals = () => readdirSync(folder).map((name) => [name, sha256(join(folder, name))])

interface Photo {
  path: string
  tags: { wnid: string; score: number }[]
}

describe.skipIf(!hasShared)('a ResNet-18 on 200 ImageNet photos', () => {
  let root: string
  let library: string
  let photos: Photo[]
  let before: unknown
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'albumen-accuracy-'))
    library = join(root, 'library')
    before = originals()
    const { code, stderr } = await albumen(
      ...['index', folder, '--library', library, '--model', sharedResNet],
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    photos = await albumenJson<Photo>('search', '', '--library', library)
  }, 240_000)
  afterAll(() => rmSync(root, { recursive: true }))

  const share = (top: number) => {
    const right = photos.filter(({ path, tags }) => {
      const truth = basename(path).split('_')[0]
      return tags.slice(0, top).some(({ wnid }) => wnid === truth)
    })
    return (right.length / photos.length) * 100
  }

  test('is right as often as on torchvision’s own pixels, within a point', () => {
    expect(photos).toHaveLength(200)
    expect(hits.model).toBe(sha256(sharedResNet))
    const [top1, top5] = [share(1), share(5)]
    console.info(
      `Through the whole pipeline: top-1 ${top1.toFixed(1)} %, top-5 ${top5.toFixed(1)} %, N = 200; ` +
        `on torchvision's pixels ${hits.top1 / 2} % and ${hits.top5 / 2} %.`,
    )
    expect(Math.abs(top1 - hits.top1 / 2)).toBeLessThanOrEqual(1)
    expect(Math.abs(top5 - hits.top5 / 2)).toBeLessThanOrEqual(1)
    // ../shared/README.md: 58.0 % and 82.5 %, measured with another resize.
    expect(top1).toBeGreaterThanOrEqual(57)
    expect(top5).toBeGreaterThanOrEqual(81.5)
  })

  test('gives five classes to each photo, best first, as probabilities', () => {
    for (const { tags } of photos) {
      const scores = tags.map(({ score }) => score)
      expect(scores).toHaveLength(5)
      expect(scores).toEqual(scores.toSorted((a, b) => b - a))
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true)
      expect(scores.reduce((sum, score) => sum + score, 0)).toBeLessThanOrEqual(1 + 1e-6)
    }
  })

  test('makes photos findable by category, with AND, OR and NOT', async () => {
    const found = async (query: string) =>
      (await albumenJson<Photo>('search', query, '--library', library)).map(({ path }) => path)
    const [dogs, birds, both, birdsOnly] = await Promise.all(
      ['dog', 'bird', 'dog | bird', '(dog | bird) -dog'].map(found),
    )
    if (!dogs || !birds || !both || !birdsOnly) throw new Error('four searches')
    expect(dogs.length).toBeGreaterThan(5)
    expect(birds.length).toBeGreaterThan(5)
    expect(new Set(both)).toEqual(new Set([...dogs, ...birds]))
    expect(birdsOnly).toEqual(both.filter((path) => !dogs.includes(path)))
  })

  test('leaves every original as it was', () => {
    expect(originals()).toEqual(before)
  })
})
