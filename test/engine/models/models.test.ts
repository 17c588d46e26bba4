/** The models of a library: what is there, what can be got, and how they come and go. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ModelProgress } from '../../../contract/models.ts'
import { takeLock } from '../../../main/engine/db/lock.ts'
import { loadModel } from '../../../models/manifest.ts'
import { pytorchSample } from '../../fixtures/models/samples.ts'
import { contents } from '../../support/exportFixture.ts'
import { file, sha256Of } from '../../support/modelServer.ts'
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

describe('the list', () => {
  test('has the model that comes along, in use, and what its graph is', async () => {
    const { installed, unfinished } = await fixture.list()
    expect(installed).toEqual([
      {
        id: 'starter',
        name: expect.stringContaining('starter'),
        file: fixture.inUse[0],
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

  test('offers what is in the catalog and not here, and says of what cannot be run why', async () => {
    const { offered } = await fixture.list()
    expect(offered).toEqual([
      {
        ...{ id: 'small-1', name: 'Small small-1', variant: 'v1', depth: 8, quantised: null },
        ...{ quantisations: [], bytes: fixture.bytes.byteLength, licence: 'CC0-1.0', gflops: 0.1 },
        accuracy: { top1: 0.5, top5: null, n: 100, on: 'nothing' },
        ...{ note: null, unusable: null, received: 0 },
      },
      expect.objectContaining({ id: 'old-1', unusable: expect.stringMatching(/\.$/) }),
    ])
    expect(fixture.server.requests).toEqual([])
  })

  test('has what a person put there, the one in use first, and says of a broken one why', async () => {
    writeSmallModel(fixture.own, 'mine', 2)
    writeSmallModel(join(fixture.own, 'deep'), 'deep', 3)
    writeFileSync(join(fixture.own, 'broken.onnx'), 'no model')
    writeSmallModel(fixture.own, 'badly-described', 2)
    writeFileSync(join(fixture.own, 'badly-described.json'), '{ "name": 3 }')
    fixture.inUse = [join(fixture.own, 'mine.onnx')]
    const { installed } = await fixture.list()
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
    const file = writeSmallModel(join(fixture.root, 'elsewhere'), 'far', 4)
    fixture.inUse = [file]
    expect(await fixture.installed(file)).toMatchObject({ origin: 'elsewhere', inUse: true, file })
  })

  test('reads a file again when it was changed', async () => {
    const path = writeSmallModel(fixture.own, 'mine', 2)
    expect((await fixture.installed('mine'))?.network?.depth).toBe(8)
    writeFileSync(path, pytorchSample('resnet18-opset9'))
    expect((await fixture.installed('mine'))?.network?.depth).toBe(18)
  })
})

describe('getting a model of the catalog', () => {
  test('brings it with its manifest, and it is what the manifest says', async () => {
    const got = await fixture.models.getModel({ id: 'small-1' }, idle)
    expect(got).toMatchObject({
      ...{ id: 'small-1', name: 'Small small-1', origin: 'added', licence: 'CC0-1.0' },
      ...{ inUse: false, problem: null, network: { noResNet: null, depth: 8 } },
    })
    expect(fixture.filesHere()).toEqual(['small-1.json', 'small-1.onnx'])
    const { manifest } = await loadModel(got.file, { imagenetLabels: [] })
    expect(manifest).toMatchObject({
      id: 'small-1',
      sha256: sha256Of(fixture.bytes),
      labels: smallLabels,
    })
    expect((await fixture.list()).offered.map(({ id }) => id)).toEqual(['old-1'])
  })

  test('lets nothing usable appear before all of it is verified', async () => {
    const seen = new Set<string>()
    const phases = new Set<string>()
    fixture.server.serve(
      '/small-1',
      file(fixture.bytes, { cuts: [100_000], pause: 1, pieceSize: 16_384 }),
    )
    await fixture.models.getModel(
      { id: 'small-1' },
      {
        ...idle,
        onProgress: ({ phase }: ModelProgress) => {
          phases.add(phase)
          for (const name of fixture.filesHere()) seen.add(name)
        },
      },
    )
    expect([...phases].sort()).toEqual(['connecting', 'receiving', 'verifying', 'waiting'])
    expect([...seen].sort()).toEqual(['small-1.onnx.partial', 'small-1.onnx.partial.json'])
  })

  test('of which a byte is wrong leaves nothing', async () => {
    const damaged = Uint8Array.from(fixture.bytes)
    damaged[1000] = (damaged[1000] ?? 0) ^ 1
    fixture.server.serve('/small-1', file(damaged))
    await expect(fixture.models.getModel({ id: 'small-1' }, idle)).rejects.toMatchObject({
      code: 'download-damaged',
    })
    expect(fixture.filesHere()).toEqual([])
  })

  test('goes on with what is here; the list says how much that is', async () => {
    fixture.server.serve('/small-1', file(fixture.bytes, { pause: 20 }))
    await stopHalfway((context) => fixture.models.getModel({ id: 'small-1' }, context))
    const { offered, installed } = await fixture.list()
    const received = offered[0]?.received ?? 0
    expect(received).toBeGreaterThan(0)
    expect(received).toBeLessThan(fixture.bytes.byteLength)
    expect(installed.map(({ id }) => id)).toEqual(['starter'])
    await fixture.models.getModel({ id: 'small-1' }, idle)
    expect(fixture.server.requests.at(-1)?.range).toBe(`bytes=${received}-`)
    expect(fixture.filesHere()).toEqual(['small-1.json', 'small-1.onnx'])
  })

  test('is done by one at a time', async () => {
    mkdirSync(fixture.own, { recursive: true })
    const release = takeLock(join(fixture.own, '.small-1.lock'))
    await expect(fixture.models.getModel({ id: 'small-1' }, idle)).rejects.toMatchObject({
      code: 'model-busy',
      message: expect.stringContaining('wait until it is done'),
    })
    release?.()
    expect(fixture.server.requests).toEqual([])
    await fixture.models.getModel({ id: 'small-1' }, idle)
  })

  test('that is here already asks nobody', async () => {
    await fixture.models.getModel({ id: 'small-1' }, idle)
    fixture.server.requests.length = 0
    expect(await fixture.models.getModel({ id: 'small-1' }, idle)).toMatchObject({ id: 'small-1' })
    expect(fixture.server.requests).toEqual([])
  })

  test('never overwrites a file of that name', async () => {
    const path = writeSmallModel(fixture.own, 'small-1', 7)
    const before = contents(fixture.own)
    await expect(fixture.models.getModel({ id: 'small-1' }, idle)).rejects.toMatchObject({
      code: 'model-exists',
      message: expect.stringContaining('remove it, then get it again'),
    })
    expect(contents(fixture.own)).toMatchObject(before)
    expect(existsSync(path)).toBe(true)
  })

  test.each([
    ['that is not in the catalog', 'none', 'no-such-model', 'choose one that is listed'],
    ['that cannot be run', 'old-1', 'model-unusable', 'Get small-1 instead.'],
  ])('%s says what to do', async (_, id, code, message) => {
    await expect(fixture.models.getModel({ id }, idle)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })
})

describe('removing a model', () => {
  test('deletes it and its manifest, and it can be got again', async () => {
    await fixture.models.getModel({ id: 'small-1' }, idle)
    await fixture.models.removeModel({ id: 'small-1' }, idle)
    expect(fixture.filesHere()).toEqual([])
    expect((await fixture.list()).offered.map(({ id }) => id)).toEqual(['small-1', 'old-1'])
  })

  test('deletes what a stopped download has left', async () => {
    fixture.server.serve('/small-1', file(fixture.bytes, { pause: 20 }))
    await stopHalfway((context) => fixture.models.getModel({ id: 'small-1' }, context))
    await fixture.models.removeModel({ id: 'small-1' }, idle)
    expect(fixture.filesHere()).toEqual([])
  })

  test('refuses the one in use, the one that comes along, and one that lies elsewhere', async () => {
    const mine = writeSmallModel(fixture.own, 'mine', 2)
    const variant = writeSmallModel(fixture.own, 'mine-int8', 3)
    fixture.inUse = [mine, variant]
    const remove = (id: string) => fixture.models.removeModel({ id }, idle)
    await expect(remove('mine')).rejects.toMatchObject({ code: 'model-in-use' })
    // The int8 variant that runs in its place is not shown as chosen, but needed all the same.
    expect(await fixture.installed('mine-int8')).toMatchObject({ inUse: false })
    await expect(remove('mine-int8')).rejects.toMatchObject({ code: 'model-in-use' })
    await expect(remove('starter')).rejects.toMatchObject({ code: 'model-bundled' })
    const far = writeSmallModel(join(fixture.root, 'elsewhere'), 'far', 4)
    fixture.inUse = [far]
    await expect(remove(far)).rejects.toMatchObject({ code: 'model-in-use' })
    for (const file of [mine, variant, far]) expect(existsSync(file)).toBe(true)
  })

  test('of an id that is none touches nothing, whatever the id', async () => {
    mkdirSync(fixture.own, { recursive: true })
    copyFileSync(
      writeSmallModel(join(fixture.root, 'elsewhere'), 'far', 4),
      join(fixture.root, 'far.onnx'),
    )
    for (const id of ['none', '../../far', '../../elsewhere/far', '/etc/passwd']) {
      await expect(fixture.models.removeModel({ id }, idle)).rejects.toMatchObject({
        code: 'no-such-model',
      })
    }
    expect(readdirSync(fixture.own)).toEqual([])
    expect(existsSync(join(fixture.root, 'far.onnx'))).toBe(true)
  })
})

describe('verifying a model', () => {
  test('finds a byte that changed on the disk', async () => {
    const { file: path } = await fixture.models.getModel({ id: 'small-1' }, idle)
    expect(await fixture.models.verifyModel({ id: 'small-1' }, idle)).toMatchObject({
      compared: true,
    })
    const damaged = readFileSync(path)
    damaged[2000] = (damaged[2000] ?? 0) ^ 1
    writeFileSync(path, damaged)
    await expect(fixture.models.verifyModel({ id: 'small-1' }, idle)).rejects.toMatchObject({
      code: 'model-sha256',
      message: expect.stringContaining('get the model again'),
    })
  })

  test('says when there is nothing to compare with', async () => {
    writeSmallModel(fixture.own, 'mine', 2)
    expect(await fixture.models.verifyModel({ id: 'mine' }, idle)).toMatchObject({
      compared: false,
    })
  })
})
