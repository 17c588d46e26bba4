import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  abortWhen,
  beforeVerifying,
  contents,
  createFixture,
  type Fixture,
  names,
  readManifest,
  sha256,
} from '../../support/exportFixture.ts'

let fixture: Fixture
beforeEach(() => {
  fixture = createFixture()
})
afterEach(() => fixture.remove())

describe('copies', () => {
  test('lie in the folder of each tag, or in untagged', async () => {
    const { out, photo, run } = fixture
    await run([photo('a.jpg', ['dog', 'beach']), photo('b.jpg', ['dog']), photo('c.jpg', [])], {})
    expect(names(out)).toEqual([
      'beach/a.jpg',
      'dog/a.jpg',
      'dog/b.jpg',
      'manifest.json',
      'untagged/c.jpg',
    ])
    expect(readFileSync(join(out, 'beach/a.jpg'), 'utf8')).toBe('bytes of a.jpg')
  })

  test('are listed in the manifest as they lie on disk', async () => {
    const { out, photo, run } = fixture
    const photos = [photo('a.jpg', ['dog', 'beach']), photo('b.jpg', ['dog'])]
    const report = await run(photos, {})
    expect(report).toEqual({
      path: out,
      manifest: join(out, 'manifest.json'),
      photos: 2,
      bytes: 3 * 'bytes of a.jpg'.length,
      skipped: [],
    })
    const { files, ...head } = readManifest(report.manifest)
    expect(head).toEqual({
      version: 1,
      createdAt: '2026-01-02T03:04:05.000Z',
      kind: 'copies',
      photos: 2,
      bytes: report.bytes,
      archive: null,
      skipped: [],
    })
    const { 'manifest.json': _, ...onDisk } = contents(out)
    expect(Object.fromEntries(files.map((file) => [file.path, file.sha256]))).toEqual(onDisk)
    expect(files.find(({ path }) => path === 'beach/a.jpg')).toMatchObject({
      bytes: 14,
      source: photos[0]?.path,
      photo: photos[0]?.id,
    })
  })

  test('leave the originals as they are', async () => {
    const { originals, photo, run } = fixture
    const photos = [photo('a.jpg', ['dog']), photo('b.jpg', [])]
    const before = contents(originals)
    await run(photos, { to: join(originals, '1') })
    const {
      '1/manifest.json': _,
      '1/dog/a.jpg': __,
      '1/untagged/b.jpg': ___,
      ...after
    } = contents(originals)
    expect(after).toEqual(before)
  })

  test('keep the time of modification', async () => {
    const { out, photo, run } = fixture
    const original = photo('a.jpg', ['dog'])
    utimesSync(original.path, 1_000_000_000.25, 1_000_000_000.25)
    await run([original], {})
    expect(statSync(join(out, 'dog/a.jpg')).mtimeMs).toBe(1_000_000_000_250)
  })

  test('of one name are numbered, whatever the case and the normalisation', async () => {
    const { out, photo, run } = fixture
    const photos = ['a.jpg', 'A.JPG', 'a.jpg', 'é.jpg', 'e\u0301.jpg', 'a (2).jpg']
    await run(
      photos.map((name, index) => photo(name, ['dog'], `${index}`)),
      {},
    )
    expect(readdirSync(join(out, 'dog')).sort()).toEqual(
      ['A (2).JPG', 'a (2) (2).jpg', 'a (3).jpg', 'a.jpg', 'e\u0301 (2).jpg', 'é.jpg'].sort(),
    )
    expect(readFileSync(join(out, 'dog/a (3).jpg'), 'utf8')).toBe('2')
  })

  test('of tags that some system cannot name lie in folders that all can', async () => {
    const { out, photo, run } = fixture
    await run(
      [photo('a.jpg', ['CON', '../up', 'a/b', 'a:b', 'dots. .', '.hidden', 'manifest.json'])],
      {},
    )
    expect(names(out)).toEqual([
      'CON_/a.jpg',
      '__up/a.jpg',
      '_hidden/a.jpg',
      'a_b/a.jpg',
      'dots/a.jpg',
      'manifest (2).json',
      'manifest.json/a.jpg',
    ])
  })

  test('of a second export go beside those of the first', async () => {
    const { out, photo, run } = fixture
    const photos = [photo('a.jpg', ['Dog', 'cat'])]
    const first = await run(photos, {})
    const before = contents(out)
    const second = await run([photo('a.jpg', ['dog'], 'another')], {})
    expect(second.manifest).toBe(join(out, 'manifest (2).json'))
    expect(contents(out)).toEqual({
      ...before,
      'Dog/a (2).jpg': sha256('another'),
      'manifest (2).json': sha256(readFileSync(second.manifest)),
    })
    expect(readManifest(second.manifest).files.map(({ path }) => path)).toEqual(['Dog/a (2).jpg'])
    expect(readManifest(first.manifest).files).toHaveLength(2)
  })

  test('of a second export heed names that differ in case alone', async () => {
    const { out, photo, run } = fixture
    await run([photo('a.jpg', ['dog'])], {})
    await run([photo('A.JPG', ['dog'])], {})
    expect(readdirSync(join(out, 'dog')).sort()).toEqual(['A (2).JPG', 'a.jpg'])
  })

  test('go beside files that appear while they are made', async () => {
    const { out, photo, run } = fixture
    const appear = beforeVerifying(out, () => {
      mkdirSync(join(out, 'dog'))
      writeFileSync(join(out, 'dog/a.jpg'), 'of another program')
    })
    const photos = [photo('a.jpg', ['dog']), photo('b.jpg', ['dog'])]
    const report = await run(photos, { onProgress: appear })
    expect(readFileSync(join(out, 'dog/a.jpg'), 'utf8')).toBe('of another program')
    expect(contents(out)).toMatchObject(
      Object.fromEntries(
        readManifest(report.manifest).files.map((file) => [file.path, file.sha256]),
      ),
    )
    expect(readdirSync(join(out, 'dog')).sort()).toEqual(['a (2).jpg', 'a.jpg', 'b.jpg'])
  })

  test('do not go through links, nor over files, that lie in the target', async () => {
    const { out, originals, photo, run } = fixture
    const original = photo('a.jpg', ['dog', 'cat'])
    symlinkSync(originals, join(out, 'dog'))
    writeFileSync(join(out, 'cat'), 'a note')
    const before = contents(originals)
    await run([original], {})
    expect(contents(originals)).toEqual(before)
    expect(readFileSync(join(out, 'cat'), 'utf8')).toBe('a note')
    expect(readdirSync(out).sort()).toEqual(['cat', 'cat (2)', 'dog', 'dog (2)', 'manifest.json'])
  })

  test('follow links of originals', async () => {
    const { out, originals, photo, run } = fixture
    const original = photo('a.jpg', ['dog'])
    symlinkSync(original.path, join(originals, 'link.jpg'))
    await run([{ ...original, path: join(originals, 'link.jpg') }], {})
    expect(statSync(join(out, 'dog/a.jpg')).isFile()).toBe(true)
    expect(readFileSync(join(out, 'dog/a.jpg'), 'utf8')).toBe('bytes of a.jpg')
  })

  test('larger than a block are whole', async () => {
    const { out, photo, run } = fixture
    const bytes = 'photo '.repeat(200_000)
    await run([photo('a.jpg', ['dog', 'cat'], bytes)], {})
    expect(contents(out)).toMatchObject({ 'dog/a.jpg': sha256(bytes), 'cat/a.jpg': sha256(bytes) })
  })
})

describe('a photo is left out, with the reason, and the others are exported', () => {
  test.each([
    ['changed in place', (path: string) => writeFileSync(path, 'BYTES of a.jpg'), 'has changed'],
    ['grown', (path: string) => appendFileSync(path, '!'), 'has changed'],
    ['gone', (path: string) => rmSync(path), 'is missing'],
    [
      'no longer a file',
      (path: string) => {
        rmSync(path)
        mkdirSync(path)
      },
      'no longer a file',
    ],
  ])('when its original is %s', async (_, spoil, reason) => {
    const { out, photo, run } = fixture
    const spoilt = photo('a.jpg', ['cat', 'dog'])
    spoil(spoilt.path)
    const report = await run([spoilt, photo('a.jpg', ['dog'], 'fine')], {})
    expect(report.photos).toBe(1)
    expect(report.skipped).toEqual([{ path: spoilt.path, reason: expect.stringContaining(reason) }])
    expect(names(out)).toEqual(['dog/a (2).jpg', 'manifest.json'])
    expect(readManifest(report.manifest).skipped).toEqual(report.skipped)
  })

  test('when it was not read yet', async () => {
    const { photo, run } = fixture
    const report = await run([{ ...photo('a.jpg', []), sha256: null }], {})
    expect(report.skipped[0]?.reason).toContain('not read yet')
  })

  test.skipIf(process.platform !== 'linux')('when its drive fails', async () => {
    const { photo, run } = fixture
    // Reading the unmapped first page of this process gives EIO, as a failing drive does.
    const failing = { ...photo('a.jpg', ['dog'], ''), path: '/proc/self/mem' }
    const report = await run([failing, photo('b.jpg', ['dog'])], {})
    expect(report.photos).toBe(1)
    expect(report.skipped[0]?.reason).toContain('cannot be read')
  })
})

describe('nothing is left', () => {
  const manyPhotos = () =>
    Array.from({ length: 20 }, (_, index) => fixture.photo(`${index}.jpg`, ['dog', 'cat']))

  test.each(['writing', 'verifying'] as const)('when cancelled while %s', async (phase) => {
    const { out, run } = fixture
    const cancelling = abortWhen((progress) => progress.phase === phase)
    await expect(run(manyPhotos(), cancelling)).rejects.toThrow('cancelled by the test')
    expect(names(out)).toEqual([])
  })

  test('when it fails after names were given, except what was there before', async () => {
    const { out, photo, run } = fixture
    await run([photo('0.jpg', ['dog'])], {})
    const before = contents(out)
    const clock = () => {
      if (existsSync(join(out, 'cat/0.jpg')) && existsSync(join(out, 'dog/19.jpg'))) {
        throw new Error('failed by the test')
      }
      return 0
    }
    await expect(run(manyPhotos(), { clock })).rejects.toThrow('failed by the test')
    expect(contents(out)).toEqual(before)
  })

  test('of a folder made for a cancelled export', async () => {
    const { out, run } = fixture
    const cancelling = abortWhen(() => true)
    await expect(run(manyPhotos(), { ...cancelling, to: join(out, 'new') })).rejects.toThrow()
    expect(readdirSync(out)).toEqual([])
  })

  test('when a copy does not read back as it was written', async () => {
    const { out, run } = fixture
    const damage = beforeVerifying(out, (workshop) =>
      writeFileSync(join(workshop, 'dog', '3.jpg'), 'damaged'),
    )
    await expect(run(manyPhotos(), { onProgress: damage })).rejects.toMatchObject({
      code: 'export-damaged',
      message: expect.stringContaining('dog/3.jpg'),
    })
    expect(names(out)).toEqual([])
  })
})
