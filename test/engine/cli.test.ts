/** The command line as a process of its own: what it prints, where, and how it ends. */

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Readable } from 'node:stream'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Checkup } from '../../main/cli/doctorCommand.ts'
import { openLibrary } from '../../main/engine/db/open.ts'
import { albumen, albumenJson, startAlbumen } from '../support/commandLine.ts'
import { createEngineFixture, type EngineFixture } from '../support/engineFixture.ts'
import { contents } from '../support/exportFixture.ts'
import { smallLabels, writePicture } from '../support/pictures.ts'

/** One that Albumen does not run under; `undefined` where there is none. */
const olderNode = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((directory) => !directory.includes('node_modules'))
  .map((directory) => join(directory, 'node'))
  .find((node) => existsSync(node) && /^v(1\d|2[0-3])\./.test(versionOf(node)))

function versionOf(node: string): string {
  try {
    return execFileSync(node, ['--version'], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

interface Photo {
  path: string
  id: number
  takenAt: string | null
  width: number
  height: number
  camera: string | null
  tags: { name: string; wnid: string; score: number; source: string }[]
}
interface Status {
  folders: number
  files: number
  photos: number
  classified: number
  quarantined: number
  pending: number
  model: string | null
  provider: string | null
}

const statusOf = async (...options: string[]) => {
  const [status] = await albumenJson<Status>('status', ...options)
  return status
}

describe('a library of six files', () => {
  let fixture: EngineFixture
  let library: string[]
  let originals: Record<string, string>
  beforeAll(async () => {
    fixture = createEngineFixture()
    library = ['--library', fixture.library]
    for (const seed of [1, 2, 3]) await fixture.picture(`${seed}.jpg`, seed)
    await fixture.picture('deep/copy of 1.jpg', 1)
    writeFileSync(join(fixture.photos, 'bad.jpg'), 'no picture')
    const canon = { Make: 'Canon', Model: 'Canon EOS 40D' }
    await sharp({ create: { width: 90, height: 60, channels: 3, background: '#8030c0' } })
      .withExif({ IFD0: canon, IFD2: { DateTimeOriginal: '2024:02:29 12:34:56' } })
      .jpeg()
      .toFile(join(fixture.photos, 'camera.jpg'))
    originals = contents(fixture.photos)
    const { code, stdout, stderr } = await albumen(
      ...['index', fixture.photos, ...library, '--model', fixture.model],
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    const bad = join(fixture.photos, 'bad.jpg')
    expect(stderr).toContain(`quarantined: ${bad}: The file does not hold a picture`)
  })
  afterAll(() => fixture.remove())

  test('indexing alone makes no backup: nothing was said that could be lost', () => {
    expect(existsSync(join(fixture.library, 'backups'))).toBe(false)
  })

  test('status counts what is there', async () => {
    expect(await statusOf(...library)).toEqual({
      folders: 1,
      files: 6,
      photos: 5,
      classified: 4,
      quarantined: 1,
      pending: 0,
      model: 'small',
      provider: 'cpu',
    })
  })

  test('an empty query is every photo, newest first, one object a line', async () => {
    const photos = await albumenJson<Photo>('search', '', ...library)
    expect(photos).toHaveLength(5)
    const camera = photos.at(-1)
    expect(camera).toEqual({
      path: join(fixture.photos, 'camera.jpg'),
      id: expect.any(Number),
      takenAt: '2024-02-29T12:34:56',
      width: 90,
      height: 60,
      camera: 'Canon EOS 40D',
      tags: expect.any(Array),
    })
    for (const { path, tags } of photos) {
      if (path.endsWith('bad.jpg')) continue
      expect(tags).toHaveLength(5)
      const scores = tags.map(({ score }) => score)
      expect(scores).toEqual(scores.toSorted((a, b) => b - a))
      for (const tag of tags) {
        expect(Object.keys(tag).toSorted()).toEqual(['name', 'score', 'source', 'wnid'])
        expect(smallLabels).toContainEqual({ wnid: tag.wnid, name: tag.name })
        expect(tag.source).toBe('predicted')
      }
    }
  })

  test('a search finds by class, by category, by name, and not', async () => {
    const all = await albumenJson<Photo>('search', '', ...library)
    const { wnid, name = '' } = all.find(({ tags }) => tags.length > 0)?.tags[0] ?? {}
    const paths = (photos: Photo[]) => photos.map(({ path }) => path)
    const having = all.filter(({ tags }) => tags.some((tag) => tag.wnid === wnid))
    const found = await albumenJson<Photo>('search', `"${name}"`, ...library)
    expect(paths(found)).toEqual(paths(having))
    const others = all.filter((photo) => !having.includes(photo))
    expect(paths(await albumenJson<Photo>('search', `-"${name}"`, ...library))).toEqual(
      paths(others),
    )
    const dogs = all.filter(({ tags }) => tags.some((tag) => tag.name === 'Labrador retriever'))
    expect(paths(await albumenJson<Photo>('search', 'animal dog', ...library))).toEqual(paths(dogs))
    expect(await albumenJson<Photo>('search', 'name:camera', ...library)).toHaveLength(1)
  })

  test('--limit takes the first', async () => {
    const all = await albumenJson<Photo>('search', '', ...library)
    expect(await albumenJson<Photo>('search', '', '--limit', '2', ...library)).toEqual(
      all.slice(0, 2),
    )
    expect(await albumenJson<Photo>('search', '', '--limit', '0', ...library)).toEqual([])
  })

  test('show tells of one file, by whatever path it is called', async () => {
    const path = join(fixture.photos, 'deep', 'copy of 1.jpg')
    const [photo] = await albumenJson<Photo>('show', path, ...library)
    const [same] = await albumenJson<Photo>(
      ...['show', join(fixture.photos, 'deep', '..', '1.jpg'), ...library],
    )
    expect(photo?.id).toBe(same?.id)
    expect(Object.keys(photo ?? {})).toEqual([
      'path',
      'id',
      'takenAt',
      'width',
      'height',
      'camera',
      'tags',
    ])
    const { stdout, code } = await albumen('show', join(fixture.photos, 'camera.jpg'), ...library)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Camera: +Canon EOS 40D$/m)
    expect(stdout).toMatch(/^Taken: +2024-02-29 12:34:56$/m)
  })

  test('for people, search prints a path a line', async () => {
    const { stdout } = await albumen('search', 'name:camera', ...library)
    expect(stdout.split('\t')[0]).toBe(join(fixture.photos, 'camera.jpg'))
  })

  test('export writes what the search finds and says where', async () => {
    const to = join(fixture.root, 'out')
    const [report] = await albumenJson<{ path: string; manifest: string; photos: number }>(
      ...['export', 'name:camera', '--to', to, '--as', 'copies', ...library],
    )
    expect(report).toMatchObject({ path: to, photos: 1 })
    const copies = readdirSync(to, { recursive: true, withFileTypes: true }).filter(
      ({ name }) => name === 'camera.jpg',
    )
    expect(copies.length).toBeGreaterThan(0)
    for (const { parentPath, name } of copies) {
      expect(readFileSync(join(parentPath, name))).toEqual(readFileSync(join(fixture.photos, name)))
    }
    expect(JSON.parse(readFileSync(report?.manifest ?? '', 'utf8'))).toMatchObject({ photos: 1 })
  })

  test('search, show and status work beside a running engine; index is refused', async () => {
    const running = openLibrary(fixture.library)
    try {
      expect(await statusOf(...library)).toMatchObject({ photos: 5 })
      expect(await albumenJson<Photo>('search', '', ...library)).toHaveLength(5)
      const file = join(fixture.photos, '2.jpg')
      expect(await albumenJson<Photo>('show', file, ...library)).toHaveLength(1)
      const { code, stderr } = await albumen('index', fixture.photos, ...library)
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^albumen: Albumen already runs with the library in .*: close it first/,
      )
    } finally {
      running.close()
    }
  })

  test.each([
    ['an unknown file', ['show', '/nowhere/a.jpg'], 'does not know /nowhere/a.jpg: run'],
    ['an unknown folder', ['index', '/nowhere'], 'There is no folder /nowhere: check'],
    ['an unknown model', ['index', '.', '--model', 'nonesuch'], 'There is no model nonesuch: give'],
    ['a query that is not understood', ['search', '(dog'], 'column 1'],
    ['a model that never looked', ['search', '', '--model', 'package.json'], 'run "albumen index'],
  ])('%s is one sentence on standard error, and exit code 1', async (_, args, sentence) => {
    const { code, stdout, stderr } = await albumen(...args, ...library)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(sentence)
    expect(stderr).toMatch(/^albumen: [^\n]+\n$/)
  })

  test('a file that is no model is refused with a sentence, and the one in use stays', async () => {
    const bad = join(fixture.root, 'bad.onnx')
    writeFileSync(bad, 'This is no model.'.repeat(100))
    const { code, stderr } = await albumen('index', fixture.photos, ...library, '--model', bad)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^albumen: .*bad\.onnx.*\n$/)
    expect(await statusOf(...library)).toMatchObject({ model: 'small', classified: 4 })
  })

  test('doctor tells what it runs on, what can run the model, and why the rest cannot', async () => {
    const [checkup] = await albumenJson<Checkup>('doctor', ...library)
    expect(checkup).toMatchObject({
      albumen: '0.1.0',
      libraries: { onnxruntime: expect.stringMatching(/^1\./), sharp: expect.any(String) },
      library: { path: fixture.library, state: 'sound', free: expect.any(Number) },
      model: { id: 'small' },
      problems: [],
    })
    const [cpu, ...others] = checkup?.candidates ?? []
    expect(cpu).toMatchObject({ provider: 'cpu' })
    expect(others.length).toBeGreaterThan(0)
    for (const { outcome, reason } of others) {
      if (outcome !== 'chosen') expect(reason).toMatch(/\.$/)
    }
    const { code, stdout } = await albumen('doctor', ...library)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Model +small/m)
    expect(stdout).toMatch(/^\* \w+ +chosen/m)
  })

  test('doctor names a model that cannot be used, and fails', async () => {
    const notes = join(fixture.root, 'notes.onnx')
    writeFileSync(notes, 'no model')
    const { code, stdout } = await albumen('doctor', ...library, '--model', notes)
    expect(code).toBe(1)
    expect(stdout).toContain(`${notes} is no ONNX model`)
  })

  test('tag says what photos show, undo and redo take it back and make it again', async () => {
    const camera = join(fixture.photos, 'camera.jpg')
    const [before] = await albumenJson<Photo>('show', camera, ...library)
    const guess = before?.tags[0]?.name ?? ''
    const said = await albumen('tag', camera, ...library, '--add', 'my cat', '--reject', guess)
    expect(said).toMatchObject({
      code: 0,
      stdout: `Tag 1 photo “my cat”\nReject “${guess}” on 1 photo\n`,
    })
    const names = async () => {
      const [photo] = await albumenJson<Photo>('show', camera, ...library)
      return photo?.tags.map(({ name, source }) => `${source} ${name}`)
    }
    expect((await names())?.[0]).toBe('user my cat')
    expect(await names()).not.toContain(`predicted ${guess}`)
    expect((await albumen('search', 'tag:"my cat"', ...library)).stdout).toContain('camera.jpg')

    expect((await albumen('undo', ...library)).stdout).toMatch(/^Undone: Reject/)
    expect(await names()).toContain(`predicted ${guess}`)
    expect((await albumen('redo', ...library)).stdout).toMatch(/^Done again: Reject/)
    expect(await names()).not.toContain(`predicted ${guess}`)
    await albumen('reset-predictions', ...library)
    expect(await names()).toEqual(['user my cat'])
    await albumen('index', fixture.photos, ...library, '--model', fixture.model)
    expect(await names()).not.toContain(`predicted ${guess}`)
    await albumen('tag', camera, ...library, '--remove', 'my cat', '--remove', guess)
    expect(await names()).toEqual(before?.tags.map(({ name, source }) => `${source} ${name}`))
  })

  test('tag takes a search for many, and refuses what it does not know', async () => {
    const [report] = await albumenJson('tag', 'name:1 | name:2', ...library, '--add', 'low')
    expect(report).toMatchObject({ photos: 2 })
    expect(await albumen('undo', ...library)).toMatchObject({ code: 0 })
    expect(await albumen('tag', 'dog', ...library, '--accept', 'yak herder')).toMatchObject({
      code: 1,
      stderr: 'albumen: No photo has a tag “yak herder”: check the spelling.\n',
    })
    // Of several names all are said, or none.
    const { db, close } = openLibrary(fixture.library)
    const insert = db.prepare('INSERT INTO tag (wnid, name, key) VALUES (?, ?, ?)')
    for (const wnid of ['n02012849', 'n03126707']) insert.run(wnid, 'crane', 'crane')
    close()
    const both = ['--add', 'never seen', '--add', 'crane']
    expect(await albumen('tag', 'name:1', ...library, ...both)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('“crane” means several things'),
    })
    expect((await albumen('search', 'tag:"never seen"', ...library)).stdout).toBe('')
    expect(await albumen('tag', 'dog', ...library)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--add, --accept, --reject or --remove'),
    })
  })

  test('tag tells a path from a search, and fails for a path that is not there', async () => {
    const cwd = join(fixture.root, 'at work')
    mkdirSync(join(cwd, 'camera'), { recursive: true })
    writeFileSync(join(cwd, 'notes.txt'), 'no photo')
    const tag = (what: string) =>
      startAlbumen(['tag', what, '--add', 'seldom', ...library], { cwd }).finished
    // A folder has the name, and the search is meant.
    expect(await tag('camera')).toMatchObject({ code: 0, stdout: 'Tag 1 photo “seldom”\n' })
    for (const path of ['./typo.jpg', '/typo.jpg', 'camera/typo.jpg', 'typo.jpg']) {
      expect(await tag(path)).toMatchObject({
        code: 1,
        stderr: `albumen: There is no file ${path}: check the spelling of its path.\n`,
      })
    }
    expect((await tag('./camera')).stderr).toContain('./camera is no photo: name one')
    expect((await tag('notes.txt')).stderr).toContain('The library does not know notes.txt')
    // Longer than any name of a file may be.
    const long = 'camera '.repeat(40)
    expect(await tag(long)).toMatchObject({ code: 0, stdout: 'Nothing changed.\n' })
    expect(await tag('name:typo')).toMatchObject({
      code: 0,
      stdout: 'No photo is found by “name:typo”: nothing changed.\n',
    })
    // Nothing of these was a step.
    expect((await albumen('undo', ...library)).stdout).toBe('Undone: Tag 1 photo “seldom”\n')
  })

  test('every original is as it was', () => {
    expect(Object.keys(originals)).toHaveLength(6)
    expect(contents(fixture.photos)).toEqual(originals)
  })
})

describe('wrong usage', () => {
  test.each([
    [[]],
    [['frobnicate']],
    [['index']],
    [['search']],
    [['search', 'a', 'b']],
    [['search', '', '--limit', 'many']],
    [['export', 'dog', '--as', 'zip']],
    [['export', 'dog', '--to', 'out', '--as', 'rar']],
    [['status', '--frobnicate']],
    [['serve', '--port', '70000']],
  ])('exits 2 and says what is wrong: %j', async (args) => {
    const { code, stdout, stderr } = await albumen(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/error: |Usage: /)
  })

  test('help and version are no mistakes', async () => {
    for (const [args, text] of [
      [['--help'], 'Usage: albumen'],
      [['search', '--help'], '--limit'],
      [['--version'], JSON.parse(readFileSync('package.json', 'utf8')).version],
    ] as const) {
      const { code, stdout } = await albumen(...args)
      expect(code).toBe(0)
      expect(stdout).toContain(text)
    }
  })
})

describe('serve', () => {
  let fixture: EngineFixture
  beforeAll(() => {
    fixture = createEngineFixture()
  })
  afterAll(() => fixture.remove())

  test('prints an address that answers, and ends with Ctrl-C', async () => {
    await fixture.picture('a.jpg', 1)
    const common = ['--library', fixture.library, '--model', fixture.model]
    const serving = startAlbumen(['serve', fixture.photos, '--no-open', '--json', ...common])
    const { stdout } = serving.child
    const [line] = (await once(stdout as Readable, 'data')) as [string]
    const { url } = JSON.parse(line) as { url: string }
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//)
    expect((await fetch(url, { redirect: 'manual' })).status).toBeLessThan(400)

    // A second one on the same library gets no address, but a sentence.
    const second = await albumen('serve', '--no-open', ...common)
    expect(second).toMatchObject({ code: 1, stdout: '' })
    expect(second.stderr).toContain('Albumen already runs with the library in')

    await expect
      .poll(() => statusOf('--library', fixture.library), { timeout: 20_000 })
      .toMatchObject({ photos: 1, classified: 1, pending: 0 })
    serving.child.kill('SIGINT')
    expect((await serving.finished).code).toBe(0)
  })

  test('of a folder that is not there ends with a sentence', async () => {
    const { code, stdout, stderr } = await albumen(
      ...['serve', '/nowhere', '--no-open', '--library', fixture.library],
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^albumen: There is no folder \/nowhere: check/)
  })
})

describe('index', () => {
  let fixture: EngineFixture
  beforeAll(() => {
    fixture = createEngineFixture()
  })
  afterAll(() => fixture.remove())

  test('of a library that is not there yet: search says so, index makes it', async () => {
    const library = ['--library', join(fixture.root, 'fresh')]
    const { code, stderr } = await albumen('search', '', ...library)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^albumen: There is no library in .* yet: run "albumen index <folder>" first/,
    )
    const [one, two] = ['one', 'two'].map((name) => join(fixture.root, name))
    await writePicture(join(one ?? '', 'a.jpg'), 1)
    await writePicture(join(two ?? '', 'b.jpg'), 2)
    const model = ['--model', fixture.model]
    const [status] = await albumenJson<Status>('index', `${one}`, `${two}`, ...library, ...model)
    expect(status).toMatchObject({ folders: 2, photos: 2, classified: 2, pending: 0 })
  })

  test('ends with Ctrl-C, cleanly, and goes on where it was', async () => {
    for (let seed = 0; seed < 150; seed++) await fixture.picture(`${seed}.jpg`, seed)
    const library = ['--library', fixture.library]
    const running = startAlbumen(['index', fixture.photos, ...library, '--model', fixture.model])
    const deadline = Date.now() + 20_000
    for (;;) {
      const { code, stdout } = await albumen('status', '--json', ...library)
      if (code === 0 && (JSON.parse(stdout) as Status).photos > 0) break
      if (Date.now() > deadline) throw new Error('nothing was indexed')
    }
    running.child.kill('SIGINT')
    const { code, stdout, stderr } = await running.finished
    // It may have been done just before.
    expect([0, 130]).toContain(code)
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
    const [status] = await albumenJson<Status>('index', fixture.photos, ...library)
    expect(status).toMatchObject({ photos: 150, classified: 150, quarantined: 0, pending: 0 })
  })

  const root = process.getuid?.() === 0
  test.skipIf(process.platform === 'win32')(
    'keeps what it knows of folders that it may not read, and says which',
    async () => {
      const place = createEngineFixture()
      const locked = join(place.photos, 'locked')
      await place.picture('locked/a.jpg', 1)
      await place.picture('secret.jpg', 2)
      await place.picture('open.jpg', 3)
      // root may read everything: the command then runs as nobody.
      const uid = 65_534
      if (root) chownAll(place.root, uid)
      const index = () =>
        startAlbumen(
          ['index', place.photos, '--library', place.library, '--model', place.model],
          root ? { uid } : {},
        ).finished
      try {
        chmodSync(join(place.photos, 'secret.jpg'), 0)
        expect(await index()).toMatchObject({
          code: 0,
          stderr: expect.stringContaining('quarantined'),
        })
        chmodSync(locked, 0)
        const second = await index()
        expect(second.code).toBe(0)
        expect(second.stderr).toContain(`${locked} cannot be read`)
        // Its names can be read, but nothing else of them.
        chmodSync(locked, 0o444)
        expect(await index()).toMatchObject({ code: 0 })
        expect(await statusOf('--library', place.library)).toMatchObject({
          files: 3,
          photos: 3,
          classified: 2,
          quarantined: 1,
        })
      } finally {
        chmodSync(locked, 0o755)
        place.remove()
      }
    },
  )

  test('says which ResNet a model file is', async () => {
    expect(await albumenJson('models', 'describe', fixture.model)).toMatchObject([
      { resnet: true, reason: null, variant: 'v1', depth: 8, blocks: [1, 1, 1] },
    ])
    const { code, stderr } = await albumen('models', 'describe', join(fixture.root, 'none.onnx'))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^albumen: There is no model at .*none\.onnx: check the path\.\n$/)
    expect(await albumen('models', 'describe')).toMatchObject({ code: 2 })
  })

  test.runIf(olderNode)('starts under the Node that a system has, too', () => {
    const asked = ['scripts/albumen.mjs', '--version']
    expect(execFileSync(olderNode ?? '', asked, { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+/)
  })

  test('needs nothing but itself: it works in another folder, with paths from there', async () => {
    const elsewhere = join(fixture.root, 'elsewhere')
    await writePicture(join(elsewhere, 'photos', 'a.jpg'), 1)
    const run = (...args: string[]) => startAlbumen(args, { cwd: elsewhere }).finished
    const common = ['--library', 'lib', '--json']
    expect(await run('index', 'photos', ...common, '--model', fixture.model)).toMatchObject({
      code: 0,
    })
    expect((await run('show', 'photos/a.jpg', ...common)).stdout).toContain('a.jpg')
    rmSync(elsewhere, { recursive: true })
  })
})

function chownAll(path: string, uid: number): void {
  chownSync(path, uid, uid)
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    chownSync(join(entry.parentPath, entry.name), uid, uid)
  }
}
