/** The models of a library: what is there, what can be got, and how they come and go. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { InstalledModel, ModelProgress } from '../../../contract/models.ts'
import { takeLock } from '../../../main/engine/db/lock.ts'
import { createModels, type Models } from '../../../main/engine/models/models.ts'
import { modelDirectories } from '../../../main/engine/tags/modelDirectories.ts'
import type { Catalog } from '../../../models/catalog/catalog.ts'
import { loadModel } from '../../../models/manifest.ts'
import { type ModelProto, modelProto } from '../../../models/onnx/schema.ts'
import { encodeModel } from '../../../models/onnx/write.ts'
import { pytorchSample } from '../../fixtures/models/samples.ts'
import { contents } from '../../support/exportFixture.ts'
import {
  answer,
  file,
  type ModelServer,
  sha256Of,
  startModelServer,
  withoutProxies,
} from '../../support/modelServer.ts'
import { smallLabels, writeSmallModel } from '../../support/pictures.ts'
import { catalogModel, smallResNet } from '../../support/smallCatalog.ts'

const bytes = smallResNet(1)
const timing = { connect: 2000, silence: 2000, retries: [5, 10] }
const idle = { signal: new AbortController().signal, onProgress: () => {} }

let server: ModelServer
let root: string
let own: string
let catalog: Catalog
let inUse: string[]
let models: Models
beforeAll(async () => {
  for (const [name, value] of Object.entries(withoutProxies)) vi.stubEnv(name, value)
  server = await startModelServer()
})
afterAll(() => server.close())
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'albumen-models-'))
  own = join(root, 'library', 'models')
  server.requests.length = 0
  catalog = [
    catalogModel('small-1', server.serve('/small-1', file(bytes)), bytes),
    catalogModel('old-1', 'http://127.0.0.1:1/', bytes, { unusable: 'Get small-1 instead.' }),
  ]
  const directories = modelDirectories(join(root, 'library'))
  inUse = [join(directories[1] ?? '', 'starter', 'starter.onnx')]
  models = createModels({ own, directories, catalog, inUse: () => inUse, timing })
})
afterEach(() => rmSync(root, { recursive: true }))

const list = async () => models.listModels({}, idle)
const installed = async (id: string): Promise<InstalledModel | undefined> =>
  (await list()).installed.find((model) => model.id === id)
const add = (
  from: string,
  more: { manifest?: string; id?: string; anyArchitecture?: boolean } = {},
) =>
  models.addModel(
    { from, manifest: null, id: null, anyArchitecture: false, ...more },
    idle,
  ) as Promise<InstalledModel>
/** Without the locks, which are hidden. */
const filesHere = () => readdirSync(own).filter((name) => !name.startsWith('.'))

/** Gets a model and stops when some of it is here. */
async function getSome(id: string): Promise<void> {
  const controller = new AbortController()
  const stopped = models.getModel(
    { id },
    {
      signal: controller.signal,
      onProgress: ({ phase, received }: ModelProgress) => {
        if (phase === 'receiving' && received > 0) controller.abort(new Error('enough'))
      },
    },
  )
  await expect(stopped).rejects.toThrow('enough')
}

describe('the list', () => {
  test('has the model that comes along, in use, and what its graph is', async () => {
    const { installed, unfinished } = await list()
    expect(installed).toEqual([
      {
        id: 'starter',
        name: expect.stringContaining('starter'),
        file: inUse[0],
        origin: 'bundled',
        bytes: expect.any(Number),
        inUse: true,
        licence: expect.any(String),
        accuracy: expect.objectContaining({ top1: expect.any(Number) }),
        network: {
          ...{ noResNet: null, variant: 'v1', depth: 16, classes: 156 },
          ...{ inputSize: 64, quantised: 'qdq' },
        },
        problem: null,
      },
    ])
    expect(unfinished).toEqual([])
  })

  test('offers what is in the catalog, can be run and is not here', async () => {
    const { offered } = await list()
    expect(offered).toEqual([
      {
        ...{ id: 'small-1', name: 'Small small-1', variant: 'v1', depth: 8, quantised: null },
        ...{ quantisations: [], bytes: bytes.byteLength, licence: 'CC0-1.0', gflops: 0.1 },
        accuracy: { top1: 0.5, top5: null, n: 100, on: 'nothing' },
        ...{ note: null, received: 0 },
      },
    ])
    expect(server.requests).toEqual([])
  })

  test('has what a person put there, the one in use first, and says of a broken one why', async () => {
    writeSmallModel(own, 'mine', 2)
    writeSmallModel(join(own, 'deep'), 'deep', 3)
    writeFileSync(join(own, 'broken.onnx'), 'no model')
    writeSmallModel(own, 'badly-described', 2)
    writeFileSync(join(own, 'badly-described.json'), '{ "name": 3 }')
    inUse = [join(own, 'mine.onnx')]
    const { installed } = await list()
    expect(installed.map(({ id }) => id)).toEqual([
      ...['mine', 'starter', 'badly-described', 'broken', 'deep'],
    ])
    expect(installed.map(({ inUse }) => inUse)).toEqual([true, false, false, false, false])
    expect(installed.find(({ id }) => id === 'broken')).toMatchObject({
      network: null,
      problem: expect.stringContaining('no ONNX model'),
    })
    expect(installed.find(({ id }) => id === 'badly-described')).toMatchObject({
      problem: expect.stringContaining('Correct “name”'),
    })
  })

  test('has the one in use also where it lies elsewhere', async () => {
    const file = writeSmallModel(join(root, 'elsewhere'), 'far', 4)
    inUse = [file]
    expect(await installed(file)).toMatchObject({ origin: 'elsewhere', inUse: true, file })
  })

  test('reads a file again when it was changed', async () => {
    const path = writeSmallModel(own, 'mine', 2)
    expect((await installed('mine'))?.network?.depth).toBe(8)
    writeFileSync(path, pytorchSample('resnet18-opset9'))
    expect((await installed('mine'))?.network?.depth).toBe(18)
  })
})

describe('getting a model of the catalog', () => {
  test('brings it with its manifest, and it is what the manifest says', async () => {
    const got = await models.getModel({ id: 'small-1' }, idle)
    expect(got).toMatchObject({
      ...{ id: 'small-1', name: 'Small small-1', origin: 'added', licence: 'CC0-1.0' },
      ...{ inUse: false, problem: null, network: { noResNet: null, depth: 8 } },
    })
    expect(filesHere().sort()).toEqual(['small-1.json', 'small-1.onnx'])
    const { manifest } = await loadModel(got.file, { imagenetLabels: [] })
    expect(manifest).toMatchObject({ id: 'small-1', sha256: sha256Of(bytes), labels: smallLabels })
    expect((await list()).offered).toEqual([])
  })

  test('lets nothing usable appear before all of it is verified', async () => {
    const seen = new Set<string>()
    const phases = new Set<string>()
    server.serve('/small-1', file(bytes, { cuts: [100_000], pause: 1, pieceSize: 16_384 }))
    await models.getModel(
      { id: 'small-1' },
      {
        ...idle,
        onProgress: ({ phase }: ModelProgress) => {
          phases.add(phase)
          for (const name of filesHere()) seen.add(name)
        },
      },
    )
    expect([...phases].sort()).toEqual(['connecting', 'receiving', 'verifying', 'waiting'])
    expect([...seen].sort()).toEqual(['small-1.onnx.partial', 'small-1.onnx.partial.json'])
  })

  test('of which a byte is wrong leaves nothing', async () => {
    const damaged = Uint8Array.from(bytes)
    damaged[1000] = (damaged[1000] ?? 0) ^ 1
    server.serve('/small-1', file(damaged))
    await expect(models.getModel({ id: 'small-1' }, idle)).rejects.toMatchObject({
      code: 'download-damaged',
    })
    expect(filesHere()).toEqual([])
  })

  test('goes on with what is here; the list says how much that is', async () => {
    server.serve('/small-1', file(bytes, { pause: 20 }))
    await getSome('small-1')
    const { offered, installed } = await list()
    const received = offered[0]?.received ?? 0
    expect(received).toBeGreaterThan(0)
    expect(received).toBeLessThan(bytes.byteLength)
    expect(installed.map(({ id }) => id)).toEqual(['starter'])
    await models.getModel({ id: 'small-1' }, idle)
    expect(server.requests.at(-1)?.range).toBe(`bytes=${received}-`)
    expect(filesHere().sort()).toEqual(['small-1.json', 'small-1.onnx'])
  })

  test('is done by one at a time', async () => {
    mkdirSync(own, { recursive: true })
    const release = takeLock(join(own, '.small-1.lock'))
    await expect(models.getModel({ id: 'small-1' }, idle)).rejects.toMatchObject({
      code: 'model-busy',
      message: expect.stringContaining('wait until it is done'),
    })
    release?.()
    expect(server.requests).toEqual([])
    await models.getModel({ id: 'small-1' }, idle)
  })

  test('that is here already asks nobody', async () => {
    await models.getModel({ id: 'small-1' }, idle)
    server.requests.length = 0
    expect(await models.getModel({ id: 'small-1' }, idle)).toMatchObject({ id: 'small-1' })
    expect(server.requests).toEqual([])
  })

  test('never overwrites a file of that name', async () => {
    const path = writeSmallModel(own, 'small-1', 7)
    const before = contents(own)
    await expect(models.getModel({ id: 'small-1' }, idle)).rejects.toMatchObject({
      code: 'model-exists',
      message: expect.stringContaining('remove it, then get it again'),
    })
    expect(contents(own)).toMatchObject(before)
    expect(existsSync(path)).toBe(true)
  })

  test.each([
    ['that is not in the catalog', 'none', 'no-such-model', 'choose one that is listed'],
    ['that cannot be run', 'old-1', 'model-unusable', 'Get small-1 instead.'],
  ])('%s says what to do', async (_, id, code, message) => {
    await expect(models.getModel({ id }, idle)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })
})

describe('adding a model of one’s own', () => {
  let outside: string
  beforeEach(() => {
    outside = join(root, 'outside')
  })

  test('copies the file and its manifest, and leaves both as they are', async () => {
    const path = writeSmallModel(outside, 'My Pets (best)', 5, { licence: 'MIT' })
    const before = contents(outside)
    const added = await add(path)
    expect(added).toMatchObject({ id: 'My-Pets-best', name: 'My Pets (best)', licence: 'MIT' })
    expect(filesHere().sort()).toEqual(['My-Pets-best.json', 'My-Pets-best.onnx'])
    expect(readFileSync(added.file)).toEqual(readFileSync(path))
    expect(contents(outside)).toEqual(before)
    expect(await models.verifyModel({ id: 'My-Pets-best' }, idle)).toEqual({
      id: 'My-Pets-best',
      sha256: sha256Of(readFileSync(path)),
      compared: true,
    })
  })

  test('takes the labels from a list, also with WordNet ids', async () => {
    const path = writeSmallModel(outside, 'pets', 5)
    rmSync(join(outside, 'pets.json'))
    await expect(add(path)).rejects.toMatchObject({
      code: 'model-labels',
      message: expect.stringContaining(`list the labels in ${join(outside, 'pets.json')}`),
    })
    const labels = join(outside, 'labels.txt')
    writeFileSync(labels, ['n02123045 tabby, tabby cat', ...'bcdefgh'].join('\n'))
    const added = await add(path, { manifest: labels, id: 'my_pets' })
    const { manifest } = await loadModel(added.file, { imagenetLabels: [] })
    expect(manifest.labels.slice(0, 2)).toEqual([
      { wnid: 'n02123045', name: 'tabby' },
      { wnid: null, name: 'b' },
    ])
    expect(added.id).toBe('my_pets')
  })

  test('refuses one that is no ResNet with the reason, unless somebody allows it', async () => {
    mkdirSync(outside)
    const path = join(outside, 'mobile.onnx')
    writeFileSync(path, pytorchSample('not-mobilenet-v3'))
    const labels = Array.from({ length: 10 }, (_, index) => ({ name: `thing ${index}` }))
    writeFileSync(join(outside, 'mobile.json'), JSON.stringify({ labels }))
    await expect(add(path)).rejects.toMatchObject({
      code: 'no-resnet',
      message: expect.stringMatching(/mobile\.onnx is not added\. This is no ResNet: .* depthwise/),
    })
    expect(existsSync(own) ? filesHere() : []).toEqual([])
    const added = await add(path, { anyArchitecture: true })
    expect(added.network?.noResNet).toMatch(/^This is no ResNet/)
  })

  test.each([
    ['a file that is not there', 'none.onnx', null, 'model-missing'],
    ['a file that is no model', 'text.onnx', 'no model', 'not-onnx'],
    ['a file of another kind', 'weights.pt', 'weights', 'not-onnx'],
  ])('refuses %s', async (_, name, text, code) => {
    mkdirSync(outside)
    if (text !== null) writeFileSync(join(outside, name), text)
    await expect(add(join(outside, name))).rejects.toMatchObject({ code })
    expect(existsSync(own)).toBe(false)
  })

  test('refuses one whose weights lie in another file, which would not come along', async () => {
    const path = writeSmallModel(outside, 'external', 5)
    const model = modelProto.decode(readFileSync(path)) as ModelProto
    const [weights] = model.graph?.initializer ?? []
    Object.assign(weights ?? {}, { data_location: 1, raw_data: new Uint8Array() })
    writeFileSync(path, encodeModel(model))
    await expect(add(path)).rejects.toMatchObject({
      code: 'model-external-weights',
      message: expect.stringContaining('export it again as one file'),
    })
  })

  test('refuses what is here already, by its id or by its bytes', async () => {
    const path = writeSmallModel(outside, 'pets', 5)
    await add(path)
    await expect(add(path)).rejects.toMatchObject({ code: 'model-exists' })
    await expect(add(path, { id: 'others' })).rejects.toMatchObject({
      code: 'model-exists',
      message: expect.stringContaining('use pets'),
    })
    const starter = writeSmallModel(outside, 'starter', 6)
    await expect(add(starter)).rejects.toMatchObject({ code: 'model-exists' })
    expect(filesHere().sort()).toEqual(['pets.json', 'pets.onnx'])
  })

  test.each(['../pets', 'a/b', '', '.hidden', 'con'])(
    'refuses the id “%s”, which is no name for a file',
    async (id) => {
      const path = writeSmallModel(outside, 'pets', 5)
      await expect(add(path, { id })).rejects.toMatchObject({ code: 'model-id' })
      expect(existsSync(own)).toBe(false)
    },
  )

  test('takes one from an address, with a manifest given along', async () => {
    const url = server.serve('/models/pets.onnx', file(bytes, { etag: '"1"' }))
    await expect(add(`${url}?download=true`)).rejects.toMatchObject({
      code: 'model-labels',
      message: expect.stringContaining('list the labels in a manifest that you give along'),
    })
    mkdirSync(outside)
    const manifest = join(outside, 'pets.json')
    writeFileSync(manifest, JSON.stringify({ labels: smallLabels, name: 'Pets' }))
    const added = await add(`${url}?download=true`, { manifest })
    expect(added).toMatchObject({ id: 'pets', name: 'Pets', problem: null })
    expect(readFileSync(added.file).equals(bytes)).toBe(true)
    // The first try had brought all of it.
    expect(server.requests.map(({ range }) => range)).toEqual([null, `bytes=${bytes.byteLength}-`])
  })

  test('from an address that holds no model leaves nothing', async () => {
    const url = server.serve('/page.onnx', file(Buffer.from('<html>Sign in</html>')))
    await expect(add(url)).rejects.toMatchObject({ code: 'not-onnx' })
    await expect(add(server.serve('/gone.onnx', answer(404)))).rejects.toMatchObject({
      code: 'download-missing',
    })
    expect(filesHere()).toEqual([])
  })

  test('lists what a stopped download from an address has left, and removes it on request', async () => {
    const url = server.serve('/pets.onnx', file(bytes, { etag: '"1"', pause: 20 }))
    const controller = new AbortController()
    const stopped = models.addModel(
      { from: url, manifest: null, id: null, anyArchitecture: false },
      {
        signal: controller.signal,
        onProgress: ({ received }: ModelProgress) => {
          if (received > 0) controller.abort(new Error('enough'))
        },
      },
    )
    await expect(stopped).rejects.toThrow('enough')
    const { unfinished } = await list()
    expect(unfinished).toEqual([{ id: 'pets', from: url, received: expect.any(Number) }])
    await models.removeModel({ id: 'pets' }, idle)
    expect(filesHere()).toEqual([])
  })
})

describe('removing a model', () => {
  test('deletes it and its manifest, and it can be got again', async () => {
    await models.getModel({ id: 'small-1' }, idle)
    await models.removeModel({ id: 'small-1' }, idle)
    expect(filesHere()).toEqual([])
    expect((await list()).offered.map(({ id }) => id)).toEqual(['small-1'])
  })

  test('deletes what a stopped download has left', async () => {
    server.serve('/small-1', file(bytes, { pause: 20 }))
    await getSome('small-1')
    await models.removeModel({ id: 'small-1' }, idle)
    expect(filesHere()).toEqual([])
  })

  test('refuses the one in use, the one that comes along, and one that lies elsewhere', async () => {
    const mine = writeSmallModel(own, 'mine', 2)
    const variant = writeSmallModel(own, 'mine-int8', 3)
    inUse = [mine, variant]
    const remove = (id: string) => models.removeModel({ id }, idle)
    await expect(remove('mine')).rejects.toMatchObject({ code: 'model-in-use' })
    // The int8 variant that runs in its place is not shown as chosen, but needed all the same.
    expect(await installed('mine-int8')).toMatchObject({ inUse: false })
    await expect(remove('mine-int8')).rejects.toMatchObject({ code: 'model-in-use' })
    await expect(remove('starter')).rejects.toMatchObject({ code: 'model-bundled' })
    const far = writeSmallModel(join(root, 'elsewhere'), 'far', 4)
    inUse = [far]
    await expect(remove(far)).rejects.toMatchObject({ code: 'model-in-use' })
    for (const file of [mine, variant, far]) expect(existsSync(file)).toBe(true)
  })

  test('of an id that is none touches nothing, whatever the id', async () => {
    mkdirSync(own, { recursive: true })
    copyFileSync(writeSmallModel(join(root, 'elsewhere'), 'far', 4), join(root, 'far.onnx'))
    for (const id of ['none', '../../far', '../../elsewhere/far', '/etc/passwd']) {
      await expect(models.removeModel({ id }, idle)).rejects.toMatchObject({
        code: 'no-such-model',
      })
    }
    expect(readdirSync(own)).toEqual([])
    expect(existsSync(join(root, 'far.onnx'))).toBe(true)
  })
})

describe('verifying a model', () => {
  test('finds a byte that changed on the disk', async () => {
    const { file: path } = await models.getModel({ id: 'small-1' }, idle)
    expect(await models.verifyModel({ id: 'small-1' }, idle)).toMatchObject({ compared: true })
    const damaged = readFileSync(path)
    damaged[2000] = (damaged[2000] ?? 0) ^ 1
    writeFileSync(path, damaged)
    await expect(models.verifyModel({ id: 'small-1' }, idle)).rejects.toMatchObject({
      code: 'model-sha256',
      message: expect.stringContaining('get the model again'),
    })
  })

  test('says when there is nothing to compare with', async () => {
    writeSmallModel(own, 'mine', 2)
    expect(await models.verifyModel({ id: 'mine' }, idle)).toMatchObject({ compared: false })
  })
})
