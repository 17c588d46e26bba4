/** Whatever happens in a watched folder: in the end the library is as if it had been made anew. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../../support/engineFixture.ts'
import { writePicture } from '../../support/pictures.ts'
import { type Chance, createChance } from '../../support/random.ts'
import { soon, watched } from '../../support/watching.ts'

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
})
afterEach(() => fixture.remove())

const OPERATIONS = 300
const PICTURES = 25

/** Changes a tree of photos at random, as persons and programs do. */
function createMischief(
  photos: string,
  pictures: readonly Buffer[],
  outside: string,
  { below, pick: pickAny }: Chance,
) {
  const pick = <Item>(items: readonly Item[]) => pickAny(items) as Item
  const entries = (kind: 'files' | 'directories') =>
    readdirSync(photos, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory() === (kind === 'directories'))
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => kind === 'directories' || path.endsWith('.jpg'))
      .sort()
  const directory = () => pick([photos, ...entries('directories')])
  const newName = () => `${below(40)}${pick(['', ' x', '-1'])}`
  const newFile = () => join(directory(), `${newName()}.jpg`)

  const operations: (() => void)[] = [
    ...Array.from({ length: 8 }, () => () => writeFileSync(newFile(), pick(pictures))),
    () => mkdirSync(join(directory(), newName(), newName()), { recursive: true }),
    () => copyFileSync(pick(entries('files')), newFile()),
    () => renameSync(pick(entries('files')), newFile()),
    () => rmSync(pick(entries('files'))),
    () => writeFileSync(pick(entries('files')), pick(pictures)),
    () => utimesSync(pick(entries('files')), below(1e9), below(1e9)),
    () => {
      const moved = pick(entries('directories'))
      const to = join(directory(), newName())
      if (!`${to}/`.startsWith(`${moved}/`) && !existsSync(to)) renameSync(moved, to)
    },
    () => {
      const gone = pick(entries('directories'))
      if (readdirSync(gone, { recursive: true }).length < 8) rmSync(gone, { recursive: true })
    },
    () => renameSync(pick(entries('directories')), join(outside, String(below(1e9)))),
    () => {
      const [back] = readdirSync(outside)
      const to = join(directory(), newName())
      if (back && !existsSync(to)) renameSync(join(outside, back), to)
    },
    () => {
      const [one, other] = [pick(entries('files')), pick(entries('files'))]
      if (one === other) return
      renameSync(one, `${one}.between`)
      renameSync(other, one)
      renameSync(`${one}.between`, other)
    },
    () => {
      const rules = join(directory(), '.albumenignore')
      if (existsSync(rules)) rmSync(rules)
      else writeFileSync(rules, pick(['1*.jpg\n', `${below(40)}\n`, '*\n!*/\n!2*.jpg\n']))
    },
    () => {
      // As programs save: beside it, and then over it.
      const path = pick(entries('files'))
      const beside = join(dirname(path), `.${basename(path)}.part`)
      writeFileSync(beside, pick(pictures))
      renameSync(beside, path)
    },
  ]
  return () => {
    try {
      pick(operations)()
    } catch {
      // What cannot be done to this tree is not done.
    }
  }
}

/** What the library shows: where its files are, and which of them are one photo of which bytes. */
function shown({ db }: Pick<OpenEngine, 'db'>) {
  const files = db
    .prepare(
      `SELECT directory || '/' || name AS path, size, modified_ms AS modifiedMs, reading,
         lower(hex(file.content_hash)) AS bytes, visible, format,
         (SELECT min(other.directory || '/' || other.name) FROM file AS other
          WHERE other.photo_id = file.photo_id AND other.state = 'present') AS photo
       FROM file JOIN photo ON photo.id = photo_id WHERE file.state = 'present' ORDER BY 1`,
    )
    .all()
  return {
    files,
    visible: db.prepare('SELECT count(*) FROM photo WHERE visible = 1').pluck().get(),
  }
}

test.each([1, 2, 3])('hundreds of random changes, as of seed %d', async (seed) => {
  const pictures: Buffer[] = []
  for (let picture = 0; picture < PICTURES; picture++) {
    const path = join(fixture.root, 'picture.jpg')
    await writePicture(path, 1000 * seed + picture)
    pictures.push(readFileSync(path))
  }
  const outside = join(fixture.root, 'outside')
  mkdirSync(outside)
  for (const [index, bytes] of pictures.entries()) {
    const directory = join(fixture.photos, `${index % 5}`, `${index % 3}`)
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, `${index}.jpg`), bytes)
  }
  const library = await fixture.open(watched())
  await library.index()
  const chance = createChance(seed)
  const change = createMischief(fixture.photos, pictures, outside, chance)
  for (let operation = 0; operation < OPERATIONS; operation++) {
    change()
    if (chance.below(4) === 0) {
      await new Promise((resolve) => setTimeout(resolve, chance.below(60)))
    }
  }

  const fresh = createEngineFixture()
  try {
    const made = await fresh.open()
    await made.index(fixture.photos)
    expect(shown(made).files.length).toBeGreaterThan(20)
    await soon(() => shown(library)).toEqual(shown(made))
    await soon(async () => (await library.ask('libraryStatus', {})).pending).toBe(0)
  } finally {
    fresh.remove()
  }
  // Nor does a scan of all of it find anything that was not noticed.
  const before = shown(library)
  await library.rescan()
  expect(shown(library)).toEqual(before)
  expect(library.db.pragma('integrity_check', { simple: true })).toBe('ok')
})
