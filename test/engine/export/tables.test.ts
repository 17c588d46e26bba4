import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExportPhoto } from '../../../main/engine/export/types.ts'
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
if (!python) console.warn('SKIPPED: reading CSV with Python, which is not at /usr/bin/python3.')

function describedPhoto(): ExportPhoto {
  return {
    ...fixture.photo('a, "b".jpg', ['dog']),
    takenAt: '2024-05-06T07:08:09',
    width: 4000,
    height: 3000,
    camera: '=HYPERLINK("http://example.com")',
    lens: 'EF 50mm\nf/1.8',
    latitude: -33.5,
    longitude: 151.25,
    tags: [
      { name: 'Labrador retriever', wnid: 'n02099712', score: 0.875, source: 'predicted' },
      { name: 'mein Hund ä', wnid: null, score: null, source: 'user' },
    ],
  }
}

describe('CSV', () => {
  test.skipIf(!python)('is read as it was meant by another program', async () => {
    const photo = describedPhoto()
    const empty = fixture.photo('b.jpg', [])
    const { path } = await fixture.run([photo, empty], { as: 'csv' })
    const script = `
import csv, json, sys
with open(sys.argv[1], newline='', encoding='utf-8-sig') as file:
    print(json.dumps(list(csv.DictReader(file, strict=True))))
`
    const rows = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' }),
    )
    expect(rows).toEqual([
      {
        path: photo.path,
        sha256: photo.sha256,
        taken: '2024-05-06T07:08:09',
        size: String(photo.size),
        width: '4000',
        height: '3000',
        camera: `'=HYPERLINK("http://example.com")`,
        lens: 'EF 50mm\nf/1.8',
        latitude: '-33.5',
        longitude: '151.25',
        tags: 'Labrador retriever; mein Hund ä',
        scores: '0.875; ',
        wnids: 'n02099712; ',
      },
      {
        path: empty.path,
        sha256: empty.sha256,
        taken: '',
        size: String(empty.size),
        width: '',
        height: '',
        camera: '',
        lens: '',
        latitude: '',
        longitude: '',
        tags: '',
        scores: '',
        wnids: '',
      },
    ])
  })

  test('begins with a byte order mark and ends its lines as RFC 4180 says', async () => {
    const { path } = await fixture.run([fixture.photo('a.jpg', [])], { as: 'csv' })
    const bytes = readFileSync(path)
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    expect(bytes.toString().match(/\r\n/g)).toHaveLength(2)
    expect(bytes.toString().endsWith('\r\n')).toBe(true)
  })

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])(
    'gives a spreadsheet no formula to run: %j',
    async (lens) => {
      const { path } = await fixture.run([{ ...fixture.photo('a.jpg', []), lens }], { as: 'csv' })
      expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`,"?'\\${lens[0]}`))
    },
  )
})

test('JSON lines hold one object a photo in the shape of the command line, with sha256', async () => {
  const photo = describedPhoto()
  const { path } = await fixture.run([photo, fixture.photo('b.jpg', [])], { as: 'jsonl' })
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(2)
  const { path: file, id, takenAt, width, height, camera, tags, sha256 } = photo
  expect(lines[0]).toBe(
    JSON.stringify({ path: file, id, takenAt, width, height, camera, tags, sha256 }),
  )
})

describe.each(['csv', 'jsonl'] as const)('a table as %s', (as) => {
  test('has a manifest with its sha256', async () => {
    const { out, photo, run } = fixture
    const report = await run([photo('a.jpg', [])], { as })
    expect(names(out)).toEqual([`albumen-export.${as}`, `albumen-export.${as}.manifest.json`])
    const bytes = readFileSync(report.path)
    expect(readManifest(report.manifest)).toMatchObject({
      kind: as,
      photos: 1,
      bytes: bytes.length,
      files: [
        { path: `albumen-export.${as}`, bytes: bytes.length, sha256: sha256(bytes), source: null },
      ],
    })
  })

  test('includes photos whose original is away', async () => {
    const photo = fixture.photo('a.jpg', [])
    rmSync(photo.path)
    const report = await fixture.run([photo], { as })
    expect(report).toMatchObject({ photos: 1, skipped: [] })
  })

  test('goes beside one that is there', async () => {
    const { out, photo, run } = fixture
    await run([photo('a.jpg', [])], { as })
    const before = contents(out)
    const second = await run([photo('b.jpg', [])], { as })
    expect(second.path).toBe(join(out, `albumen-export (2).${as}`))
    expect(contents(out)).toMatchObject(before)
  })

  test('is made of photos that come page by page', async () => {
    const photo = fixture.photo('a.jpg', [])
    async function* pages() {
      for (let index = 0; index < 1000; index++) yield photo
    }
    const report = await fixture.run([], { as, photos: pages(), total: 1000 })
    expect(report.photos).toBe(1000)
    expect(readFileSync(report.path, 'utf8').match(/a\.jpg/g)).toHaveLength(1000)
  })

  test('leaves nothing when it was cancelled', async () => {
    const { out, photo, run } = fixture
    const cancelling = abortWhen(() => true)
    await expect(run([photo('a.jpg', [])], { as, ...cancelling })).rejects.toThrow('by the test')
    expect(names(out)).toEqual([])
  })

  test('leaves nothing when its manifest cannot be made', async () => {
    const { out, photo, run } = fixture
    const clock = () => {
      if (existsSync(join(out, `albumen-export.${as}`))) throw new Error('failed by the test')
      return 0
    }
    await expect(run([photo('a.jpg', [])], { as, clock })).rejects.toThrow('failed by the test')
    expect(names(out)).toEqual([])
  })

  test('leaves nothing when it does not read back as it was written', async () => {
    const { out, photo, run } = fixture
    const damage = beforeVerifying(out, (workshop) => appendFileSync(join(workshop, 'export'), 'x'))
    const exporting = run([photo('a.jpg', [])], { as, onProgress: damage })
    await expect(exporting).rejects.toMatchObject({ code: 'export-damaged' })
    expect(names(out)).toEqual([])
  })
})
