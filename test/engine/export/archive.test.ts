import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createZipWriter, type ZipEntry } from '../../../main/engine/export/zipWriter.ts'
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

const python = existsSync('/usr/bin/python3')
if (!python)
  console.warn('SKIPPED: reading archives with Python, which is not at /usr/bin/python3.')

/** What Python's zipfile finds: path, with its bytes as text, time and CRC checked. */
function readWithPython(archive: string): Record<string, { text: string; date: number[] }> {
  const script = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    print(json.dumps({entry.filename: {'text': archive.read(entry).decode(), 'date': entry.date_time}
        for entry in archive.infolist()}))
`
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script, archive], { encoding: 'utf8' }))
}

describe.skipIf(!python)('an archive', () => {
  test('holds the tree of the copies for another program to read', async () => {
    const { out, photo, run } = fixture
    const photos = [photo('a.jpg', ['dog', 'Strand']), photo('ä.jpg', ['dog']), photo('a.jpg', [])]
    utimesSync(
      photos[0]?.path ?? '',
      new Date(2024, 4, 6, 7, 8, 10),
      new Date(2024, 4, 6, 7, 8, 10),
    )
    const report = await run(photos, { as: 'zip' })
    expect(report.path).toBe(join(out, 'albumen-export.zip'))
    const found = readWithPython(report.path)
    expect(
      Object.fromEntries(Object.entries(found).map(([path, { text }]) => [path, text])),
    ).toEqual({
      'dog/a.jpg': 'bytes of a.jpg',
      'Strand/a.jpg': 'bytes of a.jpg',
      'dog/ä.jpg': 'bytes of ä.jpg',
      'untagged/a.jpg': 'bytes of a.jpg',
    })
    expect(found['Strand/a.jpg']?.date).toEqual([2024, 5, 6, 7, 8, 10])
  })

  test('has a manifest beside it, of itself and of every file in it', async () => {
    const { out, photo, run } = fixture
    const report = await run([photo('a.jpg', ['dog', 'cat'])], { as: 'zip' })
    expect(names(out)).toEqual(['albumen-export.zip', 'albumen-export.zip.manifest.json'])
    const bytes = readFileSync(report.path)
    const manifest = readManifest(report.manifest)
    expect(manifest.archive).toEqual({
      path: 'albumen-export.zip',
      bytes: bytes.length,
      sha256: sha256(bytes),
    })
    expect(report.bytes).toBe(bytes.length)
    const found = readWithPython(report.path)
    expect(Object.fromEntries(manifest.files.map((file) => [file.path, file.sha256]))).toEqual(
      Object.fromEntries(Object.entries(found).map(([path, { text }]) => [path, sha256(text)])),
    )
  })

  test('takes back photos that turn out to be others, the last one included', async () => {
    const { photo, run } = fixture
    const photos = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'].map((name) =>
      photo(name, ['dog', 'cat'], name.repeat(100_000)),
    )
    for (const index of [0, 2]) writeFileSync(photos[index]?.path ?? '', 'other'.repeat(100_000))
    rmSync(photos[3]?.path ?? '')
    const report = await run(photos, { as: 'zip' })
    expect(report.skipped.map(({ path }) => path)).toEqual([0, 2, 3].map((at) => photos[at]?.path))
    expect(Object.keys(readWithPython(report.path))).toEqual(['dog/b.jpg', 'cat/b.jpg'])
    expect(report.bytes).toBeLessThan(2 * 500_000 + 1000)
  })

  test('of no photos is an archive all the same', async () => {
    const report = await fixture.run([], { as: 'zip' })
    expect(readWithPython(report.path)).toEqual({})
  })
})

test('an archive goes where its name says, and beside one that is there', async () => {
  const { out, photo, run } = fixture
  const to = join(out, 'Dogs.zip')
  await run([photo('a.jpg', ['dog'])], { as: 'zip', to })
  const before = contents(out)
  const second = await run([photo('b.jpg', ['dog'])], { as: 'zip', to })
  expect(second.path).toBe(join(out, 'Dogs (2).zip'))
  expect(second.manifest).toBe(join(out, 'Dogs (2).zip.manifest.json'))
  expect(contents(out)).toMatchObject(before)
})

test('a cancelled archive leaves nothing', async () => {
  const { out, photo, run } = fixture
  const photos = Array.from({ length: 20 }, (_, index) => photo(`${index}.jpg`, ['dog']))
  for (const phase of ['writing', 'verifying']) {
    const cancelling = abortWhen((progress) => progress.phase === phase)
    await expect(run(photos, { as: 'zip', ...cancelling })).rejects.toThrow('cancelled by the test')
    expect(names(out)).toEqual([])
  }
})

const spoilt = (bytes: Buffer, place: number) => {
  bytes[place] = 1
  return bytes
}

test.each([
  ['has damage to a file', (bytes: Buffer) => spoilt(bytes, bytes.indexOf('bytes of'))],
  ['has damage to its directory', (bytes: Buffer) => spoilt(bytes, bytes.length - 1)],
  ['holds nothing', () => Buffer.from('PK\x05\x06'.padEnd(22, '\0'))],
])('an archive that, read back, %s leaves nothing', async (_, damaged) => {
  const { out, photo, run } = fixture
  const damage = beforeVerifying(out, (workshop) => {
    const draft = join(workshop, 'export.zip')
    writeFileSync(draft, damaged(readFileSync(draft)))
  })
  const exporting = run([photo('a.jpg', ['dog'])], { as: 'zip', onProgress: damage })
  await expect(exporting).rejects.toMatchObject({ code: 'export-damaged' })
  expect(names(out)).toEqual([])
})

describe.skipIf(!python)('the ZIP64 format', () => {
  let folder: string
  let archive: string
  let file: FileHandle
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'albumen-zip64-test-'))
    archive = join(folder, 'large.zip')
    file = await open(archive, 'wx')
  })
  afterEach(async () => {
    await file.close()
    await rm(folder, { recursive: true })
  })

  async function add(
    writer: ReturnType<typeof createZipWriter>,
    paths: string[],
    chunks: Buffer[],
  ): Promise<ZipEntry[]> {
    const addition = writer.add(
      paths,
      chunks.reduce((sum, { length }) => sum + length, 0),
    )
    for (const chunk of chunks) await addition.write(chunk)
    return addition.commit(Date.UTC(2024, 0, 1))
  }

  function listWithPython(): [string, number][] {
    const script = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    print(json.dumps([(entry.filename, entry.file_size) for entry in archive.infolist()]))
    last = archive.infolist()[-1]
    assert archive.read(last) == b'last', archive.read(last)
`
    const listed = execFileSync('/usr/bin/python3', ['-c', script, archive], {
      encoding: 'utf8',
      maxBuffer: 1e8,
    })
    return JSON.parse(listed)
  }

  test('carries more than 65,535 files', async () => {
    const writer = createZipWriter(file)
    const paths = Array.from({ length: 70_000 }, (_, index) => `dog/${index}.jpg`)
    await writer.finish(await add(writer, paths, [Buffer.from('last')]))
    expect(listWithPython()).toEqual(paths.map((path) => [path, 4]))
  })

  test('carries a file, and places, beyond four gigabytes', async () => {
    // Zeros are left as holes, so that the archive takes no room on disk.
    const zeros = Buffer.alloc(256 * 1024 * 1024)
    const sparse: Pick<FileHandle, 'write' | 'truncate'> = Object.assign(Object.create(file), {
      truncate: (length: number) => file.truncate(length),
      write: (bytes: Buffer, offset: number, length: number, position: number) =>
        bytes === zeros
          ? Promise.resolve({ bytesWritten: length, buffer: bytes })
          : file.write(bytes, offset, length, position),
    })
    const writer = createZipWriter(sparse)
    const first = await add(
      writer,
      ['dog/large.tif'],
      Array.from({ length: 17 }, () => zeros),
    )
    const last = await add(writer, ['dog/last.jpg'], [Buffer.from('last')])
    await writer.finish([...first, ...last])
    expect(listWithPython()).toEqual([
      ['dog/large.tif', 17 * zeros.length],
      ['dog/last.jpg', 4],
    ])
  })
})
