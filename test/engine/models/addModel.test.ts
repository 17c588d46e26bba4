/** Models of a person's own, from disk and from an address. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { InstalledModel } from '../../../contract/models.ts'
import { loadModel } from '../../../models/manifest.ts'
import { type ModelProto, modelProto } from '../../../models/onnx/schema.ts'
import { encodeModel } from '../../../models/onnx/write.ts'
import { pytorchSample } from '../../fixtures/models/samples.ts'
import { contents } from '../../support/exportFixture.ts'
import { answer, file, sha256Of } from '../../support/modelServer.ts'
import {
  createModelsFixture,
  idle,
  type ModelsFixture,
  stopHalfway,
} from '../../support/modelsFixture.ts'
import { smallLabels, writeSmallModel } from '../../support/pictures.ts'

let fixture: ModelsFixture
beforeEach(async () => {
  fixture = await createModelsFixture()
})
afterEach(() => fixture.close())

interface Given {
  manifest?: string
  id?: string
  anyArchitecture?: boolean
}

async function add(from: string, given: Given = {}): Promise<InstalledModel> {
  const source = { from, manifest: null, id: null, anyArchitecture: false, ...given }
  return fixture.models.addModel(source, idle)
}

describe('adding a model of one’s own', () => {
  let outside: string
  beforeEach(() => {
    outside = join(fixture.root, 'outside')
  })

  test('copies the file and its manifest, and leaves both as they are', async () => {
    const path = writeSmallModel(outside, 'My Pets (best)', 5, { licence: 'MIT' })
    const before = contents(outside)
    const added = await add(path)
    expect(added).toMatchObject({ id: 'My-Pets-best', name: 'My Pets (best)', licence: 'MIT' })
    expect(fixture.filesHere()).toEqual(['My-Pets-best.json', 'My-Pets-best.onnx'])
    expect(readFileSync(added.file)).toEqual(readFileSync(path))
    expect(contents(outside)).toEqual(before)
    expect(await fixture.models.verifyModel({ id: 'My-Pets-best' }, idle)).toEqual({
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
    expect(fixture.filesHere()).toEqual([])
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
    expect(existsSync(fixture.own)).toBe(false)
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
    expect(fixture.filesHere()).toEqual(['pets.json', 'pets.onnx'])
  })

  test.each(['../pets', 'a/b', '', '.hidden', 'con'])(
    'refuses the id “%s”, which is no name for a file',
    async (id) => {
      const path = writeSmallModel(outside, 'pets', 5)
      await expect(add(path, { id })).rejects.toMatchObject({ code: 'model-id' })
      expect(existsSync(fixture.own)).toBe(false)
    },
  )

  test('takes one from an address, with a manifest given along', async () => {
    const url = fixture.server.serve('/models/pets.onnx', file(fixture.bytes, { etag: '"1"' }))
    await expect(add(`${url}?download=true`)).rejects.toMatchObject({
      code: 'model-labels',
      message: expect.stringContaining('list the labels in a manifest that you give along'),
    })
    mkdirSync(outside)
    const manifest = join(outside, 'pets.json')
    writeFileSync(manifest, JSON.stringify({ labels: smallLabels, name: 'Pets' }))
    const added = await add(`${url}?download=true`, { manifest })
    expect(added).toMatchObject({ id: 'pets', name: 'Pets', problem: null })
    expect(readFileSync(added.file).equals(fixture.bytes)).toBe(true)
    // The first try had brought all of it.
    expect(fixture.server.requests.map(({ range }) => range)).toEqual([
      null,
      `bytes=${fixture.bytes.byteLength}-`,
    ])
  })

  test('from an address says that it keeps what another try would go on with', async () => {
    const bytes = pytorchSample('not-mobilenet-v3')
    const url = fixture.server.serve('/mobile.onnx', file(bytes, { etag: '"1"' }))
    mkdirSync(outside)
    const manifest = join(outside, 'labels.txt')
    writeFileSync(manifest, Array.from({ length: 10 }, (_, index) => `thing ${index}`).join('\n'))
    const kept = expect.stringMatching(/\. What was downloaded is kept for that\.$/)
    await expect(add(url)).rejects.toMatchObject({ code: 'model-labels', message: kept })
    await expect(add(url, { manifest })).rejects.toMatchObject({ code: 'no-resnet', message: kept })
    expect(await add(url, { manifest, anyArchitecture: true })).toMatchObject({ id: 'mobile' })
    expect(fixture.server.requests.map(({ range }) => range)).toEqual([
      ...[null, `bytes=${bytes.byteLength}-`, `bytes=${bytes.byteLength}-`],
    ])
  })

  test('from an address keeps nothing that no other try would use', async () => {
    const again = fixture.server.serve('/again.onnx', file(fixture.bytes, { etag: '"1"' }))
    mkdirSync(outside)
    const manifest = join(outside, 'labels.json')
    writeFileSync(manifest, JSON.stringify({ labels: smallLabels }))
    await add(fixture.server.serve('/pets.onnx', file(fixture.bytes)), { manifest })
    await expect(add(again, { manifest })).rejects.toMatchObject({
      code: 'model-exists',
      message: 'This model is here already: use pets, or remove that one first.',
    })
    // The server says nothing by which it could be continued.
    const silent = fixture.server.serve('/silent.onnx', file(pytorchSample('resnet18-opset9')))
    await expect(add(silent, { manifest })).rejects.toMatchObject({
      code: 'model-labels',
      message: expect.not.stringContaining('kept'),
    })
    expect(fixture.filesHere()).toEqual(['pets.json', 'pets.onnx'])
  })

  test('never shows or stores a password of the address', async () => {
    const url = fixture.server.serve('/pets.onnx', file(fixture.bytes, { etag: '"1"', pause: 20 }))
    const from = url.replace('//', '//me:secret@')
    const source = { from, manifest: null, id: null, anyArchitecture: false }
    await stopHalfway((context) => fixture.models.addModel(source, context))
    expect(fixture.server.requests).toMatchObject([
      { authorization: expect.stringMatching(/^Basic /) },
    ])
    expect((await fixture.list()).unfinished).toMatchObject([{ from: url }])
    for (const name of fixture.filesHere()) {
      expect(readFileSync(join(fixture.own, name)).includes('secret')).toBe(false)
    }
    const refused = await add('http://me:secret@127.0.0.1:99999/x').catch((error: Error) => error)
    expect(refused).toMatchObject({
      code: 'bad-address',
      message: 'http://127.0.0.1:99999/x is no address: correct it, or give a file.',
    })
  })

  test('from an address that holds no model leaves nothing', async () => {
    const url = fixture.server.serve('/page.onnx', file(Buffer.from('<html>Sign in</html>')))
    await expect(add(url)).rejects.toMatchObject({ code: 'download-no-model' })
    const cut = fixture.server.serve('/cut.onnx', file(fixture.bytes.subarray(0, 1000)))
    await expect(add(cut)).rejects.toMatchObject({ code: 'not-onnx' })
    await expect(add(fixture.server.serve('/gone.onnx', answer(404)))).rejects.toMatchObject({
      code: 'download-missing',
    })
    expect(fixture.filesHere()).toEqual([])
  })

  test('lists what a stopped download from an address has left, and removes it on request', async () => {
    const url = fixture.server.serve('/pets.onnx', file(fixture.bytes, { etag: '"1"', pause: 20 }))
    const source = { from: url, manifest: null, id: null, anyArchitecture: false }
    await stopHalfway((context) => fixture.models.addModel(source, context))
    const { unfinished } = await fixture.list()
    expect(unfinished).toEqual([{ id: 'pets', from: url, received: expect.any(Number) }])
    await fixture.models.removeModel({ id: 'pets' }, idle)
    expect(fixture.filesHere()).toEqual([])
  })
})
