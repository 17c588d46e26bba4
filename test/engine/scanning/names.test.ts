/** Names as file systems have them: any bytes, any length, composed or decomposed. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openable, textOfPath } from '../../../main/rpc/pathText.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../../support/engineFixture.ts'

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
})
afterEach(() => fixture.remove())

const linux = process.platform === 'linux'
const files = (library: OpenEngine) =>
  library.db
    .prepare('SELECT id, photo_id, directory, name, state FROM file ORDER BY directory, name')
    .all() as { id: number; photo_id: number; directory: string; name: string; state: string }[]

/** Writes a picture below the photos, whatever the names on the way are. */
async function pictureAt(seed: number, ...names: (string | Buffer)[]): Promise<string> {
  const bytes = readFileSync(await fixture.picture('for now.jpg', seed))
  rmSync(join(fixture.photos, 'for now.jpg'))
  const texts = names.map((name) => (typeof name === 'string' ? name : textOfPath(name)))
  const path = join(fixture.photos, ...texts)
  mkdirSync(openable(join(path, '..')), { recursive: true })
  writeFileSync(openable(path), bytes)
  return path
}

const latin1 = (text: string) => Buffer.from(text, 'latin1')

describe.runIf(linux)('names that are no text', () => {
  test('can be typed on the command line', async () => {
    const path = await pictureAt(1, latin1('Café'), latin1('Zürich.jpg'))
    const bytes = openable(path).toString('latin1')
    const library = await fixture.open()
    await library.index()
    library.close()
    const typed = (...words: string[]) => {
      // The shell writes the bytes: Node gives text alone to what it starts.
      const octal = [...bytes].map((byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`)
      const line = `exec "$0" scripts/albumen.mjs ${words.join(' ')} "$(printf '${octal.join('')}')"`
      return execFileSync('sh', ['-c', line, process.execPath], { encoding: 'utf8' })
    }
    typed('tag', '--add', 'Switzerland', '--library', fixture.library)
    // SQLite takes text alone, and so do names of tags.
    expect(() => typed('status', '--library')).toThrow(
      /What follows --library has bytes that are no/,
    )
    const [shown] = typed('show', '--library', fixture.library, '--json').split('\n')
    expect(JSON.parse(shown ?? '')).toMatchObject({
      tags: expect.arrayContaining([expect.objectContaining({ name: 'Switzerland' })]),
    })
  })

  test('are listed, read, shown and exported', async () => {
    const inside = await pictureAt(1, latin1('Café'), latin1('Zürich.jpg'))
    await pictureAt(2, 'plain.jpg')
    const library = await fixture.open()
    await library.index()
    expect(library.looks).toContain(inside)
    expect(library.names()).toHaveLength(2)
    const { id, files: known, state } = await library.detail(textOfPath(latin1('Zürich.jpg')))
    expect({ state, path: known[0]?.path }).toEqual({ state: 'ready', path: inside })

    const picture = await library.engine.hostHandlers.picture({ id } as never)
    expect(picture).toMatchObject({ kind: 'file', path: inside })
    expect(readFileSync(openable(inside)).length).toBeGreaterThan(0)

    const to = join(fixture.root, 'exported')
    const report = await library.ask('exportPhotos', { target: { query: '' }, to, as: 'copies' })
    expect(report).toMatchObject({ photos: 2, skipped: [] })
    const exported = readdirSync(to, { recursive: true }).filter((name) =>
      String(name).endsWith('Z�rich.jpg'),
    )
    expect(exported.length).toBeGreaterThan(0)
  })

  test('stay what they are on the next scan, and are recognised when they change', async () => {
    const path = await pictureAt(1, latin1('Zürich.jpg'))
    const library = await fixture.open()
    await library.index()
    const before = files(library)
    await library.rescan()
    expect(files(library)).toEqual(before)
    renameSync(openable(path), join(fixture.photos, 'Zürich.jpg'))
    await library.rescan()
    expect(library.names()).toEqual(['Zürich.jpg'])
    expect(library.looks).toHaveLength(1)
  })

  test('that look alike as text are different files', async () => {
    await pictureAt(1, Buffer.from([0xe9, 0x2e, 0x6a, 0x70, 0x67]))
    await pictureAt(2, Buffer.from([0xe8, 0x2e, 0x6a, 0x70, 0x67]))
    await pictureAt(3, '�.jpg')
    await pictureAt(4, Buffer.from('\uefe9.jpg'))
    const library = await fixture.open()
    await library.index()
    expect(new Set(library.names()).size).toBe(4)
    expect(new Set(library.looks).size).toBe(4)
    expect(await library.ask('libraryStatus', {})).toMatchObject({ files: 4, classified: 4 })
  })

  test('may be a root’s', async () => {
    await pictureAt(1, latin1('Fotos für später'), 'a.jpg')
    const path = join(fixture.photos, textOfPath(latin1('Fotos für später')))
    const library = await fixture.open()
    const listed = await library.ask('browseDirectory', { path: fixture.photos })
    expect(listed.children).toMatchObject([{ path }])
    await library.index(path)
    expect(library.names()).toEqual(['a.jpg'])
    await library.rescan()
    expect(await library.ask('listFolders', {})).toMatchObject([{ path, state: 'online' }])
  })
})

describe.skipIf(process.platform === 'win32')('odd names', () => {
  const odd = [
    'line\nbreak.jpg',
    'tab\tand "quotes" and \'.jpg',
    ' leading space.jpg',
    'trailing space .jpg',
    '-rf.jpg',
    '--.jpg',
    'back\\slash.jpg',
    '$HOME `echo`.jpg',
    '%00%2F.jpg',
    '👩‍👩‍👧 🏖️.jpg',
    'שלום עולם.jpg',
    '\u202egpj.exe.jpg',
    '写真.JPG',
    `${'長'.repeat(80)}.jpg`,
  ]

  test('are kept to the letter, for files and folders', async () => {
    for (const [seed, name] of odd.entries()) await fixture.picture(`${name} d/${name}`, seed)
    const library = await fixture.open()
    await library.index()
    expect(library.names().toSorted()).toEqual(odd.toSorted())
    expect(library.looks.toSorted()).toEqual(
      odd.map((name) => join(fixture.photos, `${name} d`, name)).toSorted(),
    )
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: odd.length })
    await library.rescan()
    expect(library.looks).toHaveLength(odd.length)
    expect(files(library).every(({ state }) => state === 'present')).toBe(true)
  })

  test('may be a root’s', async () => {
    await fixture.picture('ends with \\/a.jpg', 1)
    const root = join(fixture.photos, 'ends with \\')
    const library = await fixture.open()
    await library.index(root)
    const { files: known } = await library.detail('a.jpg')
    expect(known).toMatchObject([{ path: join(root, 'a.jpg'), state: 'present' }])
    expect(library.looks).toEqual([join(root, 'a.jpg')])
  })
})

describe('a name told in another normalisation', () => {
  const composed = 'Café Zürich'.normalize('NFC')
  const decomposed = composed.normalize('NFD')

  test.each([
    ['decomposed', composed, decomposed],
    ['composed', decomposed, composed],
  ])('is the same file, now %s', async (_, from, to) => {
    const path = await fixture.picture(`${from}.jpg`, 1)
    const library = await fixture.open()
    await library.index()
    const [before] = files(library)
    renameSync(path, join(fixture.photos, `${to}.jpg`))
    await library.rescan()
    expect(files(library)).toEqual([{ ...before, name: `${to}.jpg` }])
    expect(library.looks).toHaveLength(1)
  })

  test('is the same folder, with all that lies in it', async () => {
    await fixture.picture(`${composed}/${composed}/a.jpg`, 1)
    await fixture.picture(`${composed}/b.jpg`, 2)
    const library = await fixture.open()
    await library.index()
    const before = files(library)
    renameSync(join(fixture.photos, composed), join(fixture.photos, decomposed))
    await library.rescan()
    expect(files(library).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect(files(library).map(({ directory }) => directory)).toEqual([
      decomposed,
      `${decomposed}/${composed}`,
    ])
    expect(library.looks).toHaveLength(2)
  })

  test.runIf(linux)('is another file where both are there', async () => {
    await fixture.picture(`${composed}.jpg`, 1)
    await fixture.picture(`${decomposed}.jpg`, 2)
    const library = await fixture.open()
    await library.index()
    await library.rescan()
    expect(files(library).map(({ state }) => state)).toEqual(['present', 'present'])
    expect(library.looks).toHaveLength(2)
  })
})

test('another case of a name is the same photo, on every file system', async () => {
  const path = await fixture.picture('album/a.jpg', 1)
  const library = await fixture.open()
  await library.index()
  const { id } = await library.detail('a.jpg')
  renameSync(path, join(fixture.photos, 'album', 'A.JPG'))
  renameSync(join(fixture.photos, 'album'), join(fixture.photos, 'Album'))
  await library.rescan()
  const after = await library.detail('A.JPG')
  expect(after.id).toBe(id)
  expect(after.files.filter(({ state }) => state === 'present')).toMatchObject([
    { path: join(fixture.photos, 'Album', 'A.JPG') },
  ])
  expect(library.looks).toHaveLength(1)
})

describe.runIf(linux)('a path beyond what the system can open', () => {
  test('is told in a sentence, and the rest goes on', async () => {
    await fixture.picture('a.jpg', 1)
    const directory = 'd'.repeat(250)
    // Such a folder is made from the inside, as programs do that change into it.
    const before = process.cwd()
    try {
      process.chdir(fixture.photos)
      for (let depth = 0; depth < 17; depth++) {
        mkdirSync(directory)
        process.chdir(directory)
        if (depth === 5) writeFileSync('reachable.jpg', readFileSync(join(fixture.photos, 'a.jpg')))
      }
      writeFileSync('lost.jpg', 'x')
    } finally {
      process.chdir(before)
    }
    const library = await fixture.open()
    await library.index()
    expect(library.names()).toEqual(['a.jpg'])
    expect(await library.ask('libraryStatus', {})).toMatchObject({ files: 2, photos: 1 })
    expect(library.log).toEqual([expect.stringMatching(/cannot be read.*name too long/)])
    expect(library.log[0]?.length).toBeLessThan(600)
  })
})
