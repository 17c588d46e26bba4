import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { modelCatalog } from '../../../main/processes/modelCatalog.ts'
import { manifestOf, readCatalog } from '../../../models/catalog/catalog.ts'
import { modelZoo } from '../../../models/catalog/modelZoo.ts'
import { loadModel } from '../../../models/manifest.ts'
import { readManifestFile } from '../../../models/manifestFile.ts'
import { buildResNet } from '../../../models/resnet/build.ts'
import { imagenet1kLabels } from '../../../models/taxonomy/taxonomy.ts'
import { asCaffe2, asMxnet } from '../../fixtures/models/restyle.ts'

const folder = mkdtempSync(join(tmpdir(), 'albumen-catalog-'))
afterAll(() => rmSync(folder, { recursive: true }))

const byId = (id: string) => {
  const model = modelZoo.find((each) => each.id === id)
  if (!model) throw new Error(`there is no ${id}`)
  return model
}

/** As the zoo's files, but with few channels. */
const narrow = (depth: 18 | 50) =>
  buildResNet({ depth, variant: 'v1', classes: 1000, seed: 1, width: 4 })
const caffe2End = { maps: 7, features: 4 * 8 * 4 }

const facts = '../shared/facts/onnx-model-zoo-resnets.tsv'
if (!existsSync(facts)) console.warn(`SKIPPED: the catalog against its facts: ${facts} is absent.`)

describe('the catalog of the ONNX model zoo', () => {
  test.skipIf(!existsSync(facts))('has the size, sha256 and address of all 18 ResNets', () => {
    const [, ...rows] = readFileSync(facts, 'utf8').trimEnd().split('\n')
    expect(rows).toHaveLength(18)
    const listed = modelZoo.map(({ id, bytes, sha256, url }) =>
      [`${id}.onnx`, bytes, sha256, url].join('\t'),
    )
    expect(listed.sort()).toEqual(rows.sort())
  })

  test('is in the form that a catalog of somebody’s own has', () => {
    const file = join(folder, 'zoo.json')
    writeFileSync(file, JSON.stringify(modelZoo))
    expect(readCatalog(file)).toEqual(modelZoo)
  })

  test('writes manifests that can be read', async () => {
    for (const model of modelZoo) {
      const file = join(folder, `${model.id}.json`)
      writeFileSync(file, JSON.stringify(manifestOf(model)))
      expect(await readManifestFile(file)).toEqual(manifestOf(model))
    }
  })

  test.each([
    ['resnet18-v1-7', () => asMxnet(narrow(18)), 'logits'],
    ['resnet50-caffe2-v1-9', () => asCaffe2(narrow(50), caffe2End), 'probabilities'],
  ] as const)(
    'describes %s as such files are: labels, input and output',
    async (id, build, kind) => {
      const file = join(folder, `like-${id}.onnx`)
      writeFileSync(file, build())
      const { sha256: _, ...manifest } = manifestOf(byId(id))
      writeFileSync(file.replace('.onnx', '.json'), JSON.stringify(manifest))
      const loaded = await loadModel(file, { imagenetLabels: imagenet1kLabels })
      expect(loaded).toMatchObject({ noResNet: null, manifest: { outputKind: kind, id } })
      expect(loaded.manifest.labels).toBe(imagenet1kLabels)
    },
  )

  test('knows a float model’s quantised forms', () => {
    const { quantisations } = byId('resnet50-v1-12')
    expect(quantisations.map((id) => byId(id).quantised)).toEqual(['qlinear', 'qdq'])
  })

  test('has the accuracy that the zoo publishes, and none where it publishes none', () => {
    expect(byId('resnet152-v2-7').accuracy).toMatchObject({ top1: 0.782, top5: 0.9421 })
    expect(byId('resnet50-v1-12-qdq').accuracy).toMatchObject({ top1: 0.7443, top5: null })
    expect(byId('resnet50-caffe2-v1-9').accuracy).toBeNull()
  })

  test('names another model for each that ONNX Runtime cannot run', () => {
    const unusable = modelZoo.filter((model) => model.unusable !== null)
    expect(unusable.map(({ id }) => id)).toEqual(['resnet50-caffe2-v1-6', 'resnet50-caffe2-v1-3'])
    for (const { unusable: reason } of unusable) {
      const other = /get ([a-z0-9-]+), the same network/.exec(reason ?? '')?.[1] ?? ''
      expect(byId(other).unusable).toBeNull()
    }
  })
})

describe('the environment', () => {
  test('without a variable means the model zoo', () => {
    expect(modelCatalog({})).toBe(modelZoo)
  })

  test.each(['https://mirror.example/huggingface', 'https://mirror.example/huggingface/'])(
    'ALBUMEN_MODEL_MIRROR=%s takes the place of the host, and nothing else changes',
    (mirror) => {
      const [first, ...others] = modelCatalog({ ALBUMEN_MODEL_MIRROR: mirror })
      expect(first).toEqual({
        ...modelZoo[0],
        url: 'https://mirror.example/huggingface/onnxmodelzoo/resnet18-v1-7/resolve/main/resnet18-v1-7.onnx',
      })
      expect(others).toHaveLength(modelZoo.length - 1)
    },
  )

  test('ALBUMEN_MODEL_CATALOG names a list of models in place of the zoo', () => {
    const file = join(folder, 'own.json')
    const own = { ...byId('resnet18-v1-7'), id: 'own', url: 'http://nas.local/own.onnx' }
    writeFileSync(file, JSON.stringify([own]))
    expect(modelCatalog({ ALBUMEN_MODEL_CATALOG: file })).toEqual([own])
  })

  test.each([
    [{ ALBUMEN_MODEL_MIRROR: 'mirror.example' }, 'mirror.example is no address of a mirror'],
    [{ ALBUMEN_MODEL_MIRROR: 'file:///models' }, 'is no address of a mirror'],
    [{ ALBUMEN_MODEL_CATALOG: '/nowhere.json' }, '/nowhere.json cannot be read'],
    [{ ALBUMEN_MODEL_CATALOG: 'package.json' }, 'in the catalog of models package.json'],
  ])('%o is refused with a sentence', (environment, message) => {
    expect(() => modelCatalog(environment)).toThrow(message)
  })

  test.each(['../evil', 'Caps', 'a/b', ''])('a catalog cannot have the id “%s”', (id) => {
    const file = join(folder, 'evil.json')
    writeFileSync(file, JSON.stringify([{ ...modelZoo[0], id }]))
    expect(() => readCatalog(file)).toThrow('Correct “0.id”')
  })
})
