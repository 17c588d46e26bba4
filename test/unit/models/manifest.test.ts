import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UserError } from '../../../contract/errors.ts'
import { type Label, loadModel } from '../../../models/manifest.ts'
import { buildResNet } from '../../../models/resnet/build.ts'
import { pytorchSample, restyled } from '../../fixtures/models/samples.ts'

const imagenetLabels: Label[] = Array.from({ length: 1000 }, (_, index) => ({
  wnid: `n${String(index).padStart(8, '0')}`,
  name: `class ${index}`,
}))

const tiny = (classes: number): Uint8Array =>
  buildResNet({ depth: 18, variant: 'v1.5', classes, seed: 1, width: 2, inputSize: 64 })

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'albumen-manifest-'))
})
afterAll(() => rm(folder, { recursive: true }))

let count = 0
async function modelWith(bytes: Uint8Array, manifest?: unknown): Promise<string> {
  const stem = join(folder, `model-${count++}`)
  await writeFile(`${stem}.onnx`, bytes)
  if (manifest !== undefined) {
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
    await writeFile(`${stem}.json`, text)
  }
  return `${stem}.onnx`
}

const load = (file: string) => loadModel(file, { imagenetLabels })

async function messageFor(bytes: Uint8Array, manifest?: unknown): Promise<string> {
  const error = await load(await modelWith(bytes, manifest)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  return error instanceof UserError ? error.message : ''
}

describe('loadModel', () => {
  test('takes 1000 outputs without a manifest as ImageNet-1k with torchvision’s preprocessing', async () => {
    const file = await modelWith(
      buildResNet({ depth: 18, variant: 'v1.5', classes: 1000, seed: 1, width: 2 }),
    )
    const { manifest, ...names } = await load(file)
    expect(names).toEqual({
      file,
      inputName: 'input',
      outputName: 'logits',
      noResNet: null,
      oneFile: true,
    })
    expect(manifest).toEqual({
      id: 'model-0',
      name: 'model-0',
      labels: imagenetLabels,
      inputSize: 224,
      resize: 256,
      channels: 'rgb',
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      outputKind: 'logits',
      temperature: 1,
      thresholds: new Array(1000).fill(0.2),
      licence: null,
      sha256: createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
      accuracy: null,
    })
  })

  test('lets a manifest override what it names and nothing else', async () => {
    const given = {
      name: 'Cats and dogs',
      labels: [{ wnid: 'n02121808', name: 'cat' }, { name: 'dog' }],
      resize: 70,
      std: [1, 1, 1],
      outputKind: 'probabilities',
      thresholds: [0.5, null],
      temperature: 1.5,
      accuracy: { top1: 0.9, top5: 1, n: 50, on: 'my photos' },
    }
    const { manifest } = await load(await modelWith(tiny(2), given))
    expect(manifest).toMatchObject({
      ...given,
      labels: [
        { wnid: 'n02121808', name: 'cat' },
        { wnid: null, name: 'dog' },
      ],
      thresholds: [0.5, 0.2],
      inputSize: 64,
      mean: [0.485, 0.456, 0.406],
    })
  })

  test('scales the resize with the input that the graph fixes', async () => {
    const { manifest } = await load(await modelWith(tiny(1000)))
    expect([manifest.inputSize, manifest.resize]).toEqual([64, 73])
  })

  test('takes a graph that ends in a softmax for one that answers probabilities', async () => {
    const bytes = pytorchSample('resnet18-mean-view-softmax')
    const { manifest } = await load(await modelWith(bytes, { labels: labels(10) }))
    expect(manifest.outputKind).toBe('probabilities')
  })

  test('refuses photos with channels last, as Keras takes them', async () => {
    expect(await messageFor(restyled['keras-50']())).toMatch(/\[N, 3, height, width\]/)
  })

  test('takes one threshold for every class', async () => {
    const { manifest } = await load(await modelWith(tiny(1000), { thresholds: 0.4 }))
    expect(new Set(manifest.thresholds)).toEqual(new Set([0.4]))
  })

  test.each([
    ['labels', { labels: [{ name: 'a' }, { name: 'b' }] }, /lists 2 labels.*has 3 outputs/],
    ['a field of a wrong type', { labels: labels(3), temperature: 'hot' }, /“temperature”/],
    ['a nested field', { labels: [{ name: 'a' }, { wnid: 4, name: 'b' }] }, /“labels.1.wnid”/],
    ['an unknown field', { labels: labels(3), men: [0, 0, 0] }, /men/],
    ['JSON', '{ "name": ', /is not valid JSON/],
    ['inputSize', { labels: labels(3), inputSize: 224 }, /“inputSize”.*takes 64 pixels/],
    ['resize', { labels: labels(3), resize: 32 }, /“resize”.*64 pixels/],
    ['thresholds', { labels: labels(3), thresholds: [0.1] }, /“thresholds”.*lists 1.*3 classes/],
    ['sha256', { labels: labels(3), sha256: '0'.repeat(64) }, /sha256 differs/],
    ['no labels at all', undefined, /3 outputs and nobody says what they mean/],
  ])('says what to correct: %s', async (_, manifest, message) => {
    expect(await messageFor(tiny(3), manifest)).toMatch(message)
  })

  test('says what is wrong with a file that is no model', async () => {
    await expect(load(join(folder, 'none.onnx'))).rejects.toThrow(/There is no model at/)
    await expect(load(join(folder, 'photo.jpg'))).rejects.toThrow(/ends in .onnx/)
    expect(await messageFor(new Uint8Array(1000).fill(0xff))).toMatch(/is no ONNX model/)
    expect(await messageFor(new Uint8Array())).toMatch(/is no ONNX model/)
    expect(await messageFor(tiny(2).subarray(0, 9000))).toMatch(/is no ONNX model/)
  })
})

function labels(length: number): { name: string }[] {
  return Array.from({ length }, (_, index) => ({ name: `class ${index}` }))
}
