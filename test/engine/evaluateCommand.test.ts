/** `albumen evaluate` as a process: which models, which files, what it refuses, how it ends. */
import {
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLibrary } from '../../main/engine/db/open.ts'
import { writeSetting } from '../../main/engine/db/settings.ts'
import { albumen, albumenJson, startAlbumen } from '../support/commandLine.ts'
import { contents } from '../support/exportFixture.ts'
import { writePicture, writeSmallModel } from '../support/pictures.ts'

interface Evaluated {
  model: { id: string; file: string; resnet: boolean; depth: number | null }
  photos: number
  unread: { path: string; reason: string }[]
}

let root: string
let photos: string
let library: string
let model: string
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'albumen-evaluate-'))
  photos = join(root, 'photos')
  library = join(root, 'library')
  model = writeSmallModel(join(root, 'models'), 'small', 1)
  for (const seed of [1, 2, 3]) await writePicture(join(photos, 'dog', `${seed}.jpg`), seed)
})
afterEach(() => rmSync(root, { recursive: true }))

const evaluate = async (...args: string[]) =>
  await albumenJson<Evaluated>('evaluate', photos, '--library', library, ...args)

describe('the models', () => {
  test('stand side by side in the order of the command, one JSON object a line', async () => {
    const other = writeSmallModel(join(root, 'models'), 'other', 2)
    const found = await evaluate('--model', other, '--model', model)
    expect(found.map(({ model }) => model.id)).toEqual(['other', 'small'])
    expect(existsSync(library)).toBe(false)
  })

  test('are found by id among those of the library', async () => {
    writeSmallModel(join(library, 'models'), 'mine', 3)
    const [found] = await evaluate('--model', 'mine')
    expect(found?.model.file).toBe(join(library, 'models', 'mine.onnx'))
    expect(readdirSync(library)).toEqual(['models'])
  })

  test('are, unless named, the one that the library uses, of which nothing changes', async () => {
    const opened = openLibrary(library)
    writeSetting(opened.db, 'modelFile', model)
    opened.close()
    const before = contents(library)
    const [found] = await evaluate()
    expect(found?.model.file).toBe(model)
    expect(contents(library)).toEqual(before)
  })

  test('are the starter model where there is no library', async () => {
    const [found] = await evaluate()
    expect(found?.model.id).toBe('starter')
  })
})

describe('what cannot be', () => {
  test.each([
    ['a folder that is not there', () => ['/nowhere'], /\/nowhere is not there: give a folder/],
    [
      'a folder in which nothing names a class',
      () => [join(photos, 'dog')],
      /Nothing in .* says what its photos/,
    ],
    ['a model that is not there', () => [photos, '--model', 'nil'], /There is no model nil/],
    [
      'a model that is no ResNet',
      () => [photos, '--model', notResNet()],
      /^albumen: .* is not used\. This is no ResNet: .* Choose a ResNet, or add --any-architecture/,
    ],
    [
      'a model that knows none of the classes',
      () => [write('labels.csv', 'path,class\na.jpg,tarantula'), '--model', model],
      /The model small knows none of what the photos show, tarantula: evaluate/,
    ],
    [
      'photos of which none can be read',
      () => [write('labels.csv', 'path,class\na.jpg,dog'), '--model', model],
      /No photo can be read; .*a\.jpg: There is no such file/,
    ],
    [
      'a report in a folder that is not there',
      () => [photos, '--report', join(root, 'nowhere', 'report.html')],
      /There is no folder .*nowhere for the report/,
    ],
  ])('%s gets a sentence and exit code 1', async (_, args, sentence) => {
    const { code, stdout, stderr } = await albumen('evaluate', ...args(), '--library', library)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.trim()).toMatch(sentence)
    expect(stderr.trim()).not.toContain('\n')
  })

  test.each([[[]], [['photos', '--limit', '0']], [['photos', '--limit', 'few']], [['a', 'b']]])(
    'used wrongly, as with %j, it ends with exit code 2',
    async (args) => {
      expect((await albumen('evaluate', ...args)).code).toBe(2)
    },
  )

  test('a model that is no ResNet is measured when somebody allows it', async () => {
    const [found] = await evaluate('--model', notResNet(), '--any-architecture')
    expect(found).toMatchObject({ model: { resnet: false, depth: null }, photos: 3 })
  })

  function write(name: string, text: string): string {
    writeFileSync(join(root, name), text)
    return join(root, name)
  }

  /** A dense network, with labels beside it. */
  function notResNet(): string {
    const bytes = readFileSync('test/fixtures/models/pytorch/not-densenet.onnx')
    const labels = Array.from({ length: 10 }, (_, index) => ({
      name: index === 0 ? 'dog' : `class ${index}`,
    }))
    writeFileSync(join(root, 'dense.json'), JSON.stringify({ labels }))
    writeFileSync(join(root, 'dense.onnx'), bytes)
    return join(root, 'dense.onnx')
  }
})

describe('the report', () => {
  const report = () => join(root, 'report.html')
  const run = () => albumen('evaluate', photos, '--model', model, '--report', report())

  test('is written whole, and replaces one of before with a word', async () => {
    const first = await run()
    expect(first).toMatchObject({ code: 0, stderr: `Report: ${report()}\n` })
    writeFileSync(report(), readFileSync(report(), 'utf8').replace('</html>', 'older'))
    const second = await run()
    expect(second.stderr).toBe(`Report: ${report()}, in place of the one before\n`)
    expect(readFileSync(report(), 'utf8')).toMatch(/<\/html>\n$/)
    expect(readdirSync(root).filter((name) => name.includes('partial'))).toEqual([])
  })

  test('never takes the place of anything else, and then no photo is looked at', async () => {
    writeFileSync(report(), '<html>my holidays</html>')
    const { code, stdout, stderr } = await run()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/report\.html exists and is no report of Albumen, so it stays/)
    expect(readFileSync(report(), 'utf8')).toBe('<html>my holidays</html>')
  })
})

test('photos in no folder of a class are told and left out', async () => {
  await writePicture(join(photos, 'contact sheet.jpg'), 9)
  const { code, stdout, stderr } = await albumen('evaluate', photos, '--model', model)
  expect(code).toBe(0)
  expect(stderr).toBe('left out: 1 photo that nothing tells of: contact sheet.jpg\n')
  expect(stdout).toMatch(/^3 photos of 1 class/)
})

test.skipIf(process.platform === 'win32')('Ctrl-C ends it with 130 and no report', async () => {
  // Slow to decode, quick to write: work for many seconds.
  const slow = join(photos, 'dog', 'slow.png')
  await sharp({ create: { width: 6000, height: 5000, channels: 3, background: 'red' } })
    .png({ compressionLevel: 1 })
    .toFile(slow)
  for (let count = 0; count < 300; count++) linkSync(slow, join(photos, 'dog', `${count}.png`))
  const report = join(root, 'report.html')
  const args = ['evaluate', photos, '--model', model, '--report', report]
  const { child, finished } = startAlbumen(args)
  setTimeout(() => child.kill('SIGINT'), 1500)
  const { code, stdout, stderr } = await finished
  expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: '', stderr: 'Stopped.\n' })
  expect(existsSync(report)).toBe(false)
})
