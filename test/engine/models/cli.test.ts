/** `albumen models`: what it prints, how it ends, and that a kill in the middle costs nothing. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { InstalledModel, OfferedModel } from '../../../contract/models.ts'
import { openLibrary } from '../../../main/engine/db/open.ts'
import { pytorchSample } from '../../fixtures/models/samples.ts'
import { startAlbumen } from '../../support/commandLine.ts'
import {
  file,
  type ModelServer,
  sha256Of,
  startModelServer,
  withoutProxies,
} from '../../support/modelServer.ts'
import { smallLabels, writePicture, writeSmallModel } from '../../support/pictures.ts'
import { catalogModel, smallResNet } from '../../support/smallCatalog.ts'

const bytes = smallResNet(1)

let server: ModelServer
let root: string
let library: string
let env: NodeJS.ProcessEnv
beforeAll(async () => {
  server = await startModelServer()
})
afterAll(() => server.close())
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'albumen-models-cli-'))
  library = join(root, 'library')
  const catalog = join(root, 'catalog.json')
  const url = server.serve('/small-1.onnx', file(bytes))
  writeFileSync(catalog, JSON.stringify([catalogModel('small-1', url, bytes)]))
  env = { ...process.env, ...withoutProxies, ALBUMEN_MODEL_CATALOG: catalog }
  server.requests.length = 0
})
afterEach(() => rmSync(root, { recursive: true, maxRetries: 5 }))

const start = (...args: string[]) => startAlbumen([...args, '--library', library], { env })
const run = (...args: string[]) => start(...args).finished
const models = (...args: string[]) => run('models', ...args)

async function json<Line>(...args: string[]): Promise<Line[]> {
  const { code, stdout, stderr } = await run(...args, '--json')
  if (code !== 0) throw new Error(`albumen ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

const target = () => join(library, 'models', 'small-1.onnx')
const partial = () => `${target()}.partial`
const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0

describe('albumen models', () => {
  test('list needs no library and opens no connection', async () => {
    const listed = await json<(InstalledModel | OfferedModel) & { state: string }>('models', 'list')
    expect(listed.map(({ state, id }) => [state, id])).toEqual([
      ['installed', 'starter'],
      ['offered', 'small-1'],
    ])
    const { stdout } = await models('list')
    expect(stdout).toMatch(/^\* starter .*ResNet-16 v1, 156 classes.* MB · top-1 \d\d\.\d %/m)
    expect(stdout).toMatch(/^ {2}small-1 .* top-1 50\.0 % .*0\.1 GFLOPs {2}Small small-1$/m)
    expect(server.requests).toEqual([])
    expect(existsSync(library)).toBe(false)
  })

  test('get, then use: the library looks with it from then on', async () => {
    const [got] = await json<InstalledModel>('models', 'get', 'small-1')
    expect(got).toMatchObject({ id: 'small-1', inUse: false, origin: 'added' })
    const used = await models('use', 'small-1')
    expect(used).toMatchObject({ code: 0, stderr: '' })
    expect(used.stdout).toMatch(/^Albumen looks with Small small-1 from now on; 0 photos/)
    expect(await json('status')).toMatchObject([{ model: 'Small small-1', provider: 'cpu' }])
    const [first] = await json<InstalledModel>('models', 'list')
    expect(first).toMatchObject({ id: 'small-1', inUse: true })

    await writePicture(join(root, 'photos', 'a.jpg'), 1)
    expect((await run('index', join(root, 'photos'))).code).toBe(0)
    const [photo] = await json<{ tags: { name: string }[] }>('search', '')
    expect(smallLabels.map(({ name }) => name)).toContain(photo?.tags[0]?.name)

    const removed = await models('remove', 'small-1')
    expect(removed.code).toBe(1)
    expect(removed.stderr).toMatch(/^albumen: small-1 is in use: use another model first/)
    expect((await models('use', 'starter')).stdout).toMatch(/1 photo is looked at/)
    expect(await models('remove', 'small-1')).toMatchObject({
      ...{ code: 0, stdout: 'small-1 is removed.\n' },
    })
    expect(existsSync(target())).toBe(false)
  })

  test('add takes a file, and refuses what is no ResNet unless it is allowed', async () => {
    const path = writeSmallModel(join(root, 'outside'), 'pets', 3)
    expect((await models('add', path)).stdout).toBe(
      'pets is here: "albumen models use pets" looks with it.\n',
    )
    const foreign = join(root, 'mobile.onnx')
    writeFileSync(foreign, pytorchSample('not-mobilenet-v3'))
    const labels = join(root, 'labels.txt')
    writeFileSync(labels, Array.from({ length: 10 }, (_, index) => `thing ${index}`).join('\n'))
    const refused = await models('add', foreign, '--manifest', labels)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/^albumen: .*mobile\.onnx is not added\. This is no ResNet: /)
    const allowed = ['--manifest', labels, '--id', 'foreign', '--any-architecture']
    expect(await json('models', 'add', foreign, ...allowed)).toMatchObject([{ id: 'foreign' }])
    expect((await models('use', 'foreign')).stderr).toMatch(/This is no ResNet: /)
    expect((await models('use', 'foreign', '--any-architecture')).code).toBe(0)
  })

  test('verify tells of each model, and fails when one is not what it should be', async () => {
    await models('get', 'small-1')
    expect(await models('verify')).toMatchObject({
      ...{ code: 0, stdout: 'starter: sound\nsmall-1: sound\n' },
    })
    const damaged = readFileSync(target())
    damaged[5000] = (damaged[5000] ?? 0) ^ 1
    writeFileSync(target(), damaged)
    const { code, stdout, stderr } = await models('verify')
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'starter: sound\n' })
    expect(stderr).toMatch(/^albumen: .*small-1\.onnx is not the file that its manifest describes/)
    expect((await models('verify', 'starter')).code).toBe(0)
    expect((await models('verify', 'none')).stderr).toMatch(/^albumen: There is no model none here/)
  })

  test('use beside a running Albumen says where to choose the model instead', async () => {
    const running = openLibrary(library)
    try {
      const { code, stderr } = await models('use', 'starter')
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^albumen: Albumen runs with the library in .*: choose the model in its Settings/,
      )
      expect((await models('get', 'small-1')).code).toBe(0)
      expect((await models('list')).stdout).toContain('Small small-1')
    } finally {
      running.close()
    }
  })

  test.each([
    [['get']],
    [['add']],
    [['use']],
    [['remove']],
    [['frobnicate']],
    [['verify', 'a', 'b']],
  ])('wrong usage exits 2: %j', async (args) => {
    expect(await startAlbumen(['models', ...args]).finished).toMatchObject({
      ...{ code: 2, stdout: '', stderr: expect.stringMatching(/error: |Usage: /) },
    })
  })
})

describe('a get that is interrupted', () => {
  const slow = { pause: 40, pieceSize: 16_384 }

  /** Starts one and waits until some of the model is here. */
  async function startGet() {
    server.serve('/small-1.onnx', file(bytes, slow))
    const running = start('models', 'get', 'small-1')
    await expect.poll(() => sizeOf(partial()), { interval: 5 }).toBeGreaterThan(20_000)
    return running
  }

  test('by kill -9 leaves nothing usable, and the next one goes on from there', async () => {
    const { child, finished } = await startGet()
    child.kill('SIGKILL')
    expect((await finished).signal).toBe('SIGKILL')
    const before = sizeOf(partial())
    expect(before).toBeLessThan(bytes.byteLength)
    const left = readdirSync(join(library, 'models')).filter((name) => /\.(onnx|json)$/.test(name))
    expect(left).toEqual(['small-1.onnx.partial.json'])
    expect((await models('use', 'small-1')).stderr).toMatch(/^albumen: There is no model small-1/)

    server.serve('/small-1.onnx', file(bytes))
    expect((await models('get', 'small-1')).code).toBe(0)
    expect(server.requests.at(-1)?.range).toBe(`bytes=${before}-`)
    expect(sha256Of(readFileSync(target()))).toBe(sha256Of(bytes))
    expect(existsSync(partial())).toBe(false)
  })

  test('by Ctrl-C says that the same command goes on, and ends with 130', async () => {
    const { child, finished } = await startGet()
    child.kill('SIGINT')
    expect(await finished).toMatchObject({
      ...{ code: 130, stdout: '', stderr: 'Stopped. The same command goes on from there.\n' },
    })
    expect(sizeOf(partial())).toBeGreaterThan(0)
  })

  test('by nobody keeps a second one from mixing in', async () => {
    const { finished } = await startGet()
    const second = await models('get', 'small-1')
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(
      /^albumen: Another Albumen, or another window, is at work on small-1/,
    )
    expect((await finished).code).toBe(0)
    expect(sha256Of(readFileSync(target()))).toBe(sha256Of(bytes))
    expect(server.requests).toHaveLength(1)
  })
})
