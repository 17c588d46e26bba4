/** What can be made again: lost, damaged or thrown away, and what persons said beside it. */
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UserError } from '../../contract/errors.ts'
import { libraryFile, openLibrary } from '../../main/engine/db/open.ts'
import { putWeightsApart } from '../fixtures/models/apart.ts'
import { bytesOf, draftOf } from '../fixtures/models/restyle.ts'
import { read, saidIn } from '../support/backupFixture.ts'
import { albumen, albumenJson } from '../support/commandLine.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../support/engineFixture.ts'
import { writeSmallModel } from '../support/pictures.ts'

const PICTURES = 6

let fixture: EngineFixture
let cache: string
beforeEach(async () => {
  fixture = createEngineFixture()
  cache = join(fixture.library, 'cache.sqlite')
  for (let seed = 0; seed < PICTURES; seed++) await fixture.picture(`${seed}.jpg`, seed)
  copyFileSync(join(fixture.photos, '0.jpg'), join(fixture.photos, 'copy of 0.jpg'))
  const library = await fixture.open()
  await library.index()
  const ids = library.cards().map(({ id }) => id)
  await library.ask('tagPhotos', { target: { ids }, tag: { name: 'my cat' }, verdict: 'yes' })
  await library.ask('ratePhotos', { target: { ids: ids.slice(0, 2) }, stars: 4 })
  library.close()
})
afterEach(() => fixture.remove())

const inLibrary = <Value>(look: Parameters<typeof read<Value>>[1]) =>
  read(libraryFile(fixture.library), look)
const predictions = () =>
  inLibrary((db) => db.prepare('SELECT * FROM prediction ORDER BY 1, 2, 3').all())
const said = () => inLibrary(saidIn)
const features = () =>
  read(cache, (db) => db.prepare('SELECT identity, vector FROM feature ORDER BY 1').all())

/** Opens it again with the model used last, and waits until nothing is left to do. */
async function openAgain(): Promise<OpenEngine> {
  const library = await fixture.open({ model: null })
  await library.rescan()
  return library
}

const thumbnails = ({ engine, cards }: OpenEngine) =>
  cards().filter(({ id }) => engine.hostHandlers.thumbnail({ id } as never) !== null)

/** As a crash leaves it: nobody has noted that it was closed in order. */
function crash(): void {
  const db = new Sqlite(libraryFile(fixture.library))
  db.exec(`DELETE FROM setting WHERE key = 'cache'`)
  db.close()
}

function spoil(from: number, to: number): void {
  const bytes = readFileSync(cache)
  bytes.fill(0x5a, Math.floor(bytes.length * from), Math.floor(bytes.length * to))
  writeFileSync(cache, bytes)
}

describe('a cache that at the start', () => {
  test.each<[string, () => void]>([
    ['is gone', () => rmSync(cache)],
    ['is no database', () => writeFileSync(cache, 'thumbnails '.repeat(1000))],
    ['has a damaged beginning', () => spoil(0, 0.01)],
    ['is shorter than it was', () => truncateSync(cache, 8192)],
    [
      'has damaged pages after a crash',
      () => {
        crash()
        spoil(0.5, 0.9)
      },
    ],
    [
      'is another one',
      () => {
        openLibrary(join(fixture.root, 'other')).close()
        copyFileSync(join(fixture.root, 'other', 'cache.sqlite'), cache)
      },
    ],
  ])(
    '%s is made again by itself, and by itself alone, with a line in the log',
    async (_case, lose) => {
      const before = { features: features(), predictions: predictions(), said: said() }
      lose()
      const library = await openAgain()
      expect(library.log.join('\n')).toMatch(
        /cache\.sqlite does not have the thumbnails of 6 photos and the features of 6: they are/,
      )
      expect(thumbnails(library)).toHaveLength(PICTURES)
      // Thumbnail and features come from one look.
      expect(library.looks).toHaveLength(PICTURES)
      library.close()
      expect({ features: features(), predictions: predictions(), said: said() }).toEqual(before)
      const once = await openAgain()
      expect(once.looks).toEqual([])
      expect(once.log).toEqual([])
    },
  )

  test('is whole after a crash is used as it is', async () => {
    crash()
    const library = await openAgain()
    expect(library.looks).toEqual([])
    expect(library.log).toEqual([])
    expect(thumbnails(library)).toHaveLength(PICTURES)
  })

  test('is damaged does not keep anybody from searching', async () => {
    writeFileSync(cache, 'thumbnails '.repeat(1000))
    const found = await albumenJson('search', 'tag:"my cat"', '--library', fixture.library)
    expect(found).toHaveLength(PICTURES)
  })
})

test('a cache that turns out to be damaged later is told in a sentence, and resuming makes it anew', async () => {
  const page = read(cache, (db) =>
    db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'thumbnail'`).pluck().get(),
  ) as number
  const bytes = readFileSync(cache)
  writeFileSync(cache, bytes.fill(0x5a, (page - 1) * 4096, page * 4096))
  const library = await openAgain()
  const failures = library.cards().flatMap(({ id }) => {
    try {
      library.engine.hostHandlers.thumbnail({ id } as never)
      return []
    } catch (error) {
      return [library.engine.explain(error)]
    }
  })
  expect(failures[0]).toBeInstanceOf(UserError)
  expect(failures[0]?.message).toMatch(/thumbnails in .*cache\.sqlite are damaged: press Resume/)
  await library.ask('resumeJobs', {})
  await library.engine.left
  const again = await openAgain()
  expect(thumbnails(again)).toHaveLength(PICTURES)
})

describe('albumen rebuild', () => {
  const rebuild = (...what: string[]) =>
    albumenJson<{ pending: number }>('rebuild', ...what, '--library', fixture.library)

  test('of thumbnails throws them away and has them made again, and nothing else', async () => {
    const before = { predictions: predictions(), said: said() }
    expect(await rebuild('--thumbnails')).toEqual([{ pending: PICTURES }])
    expect(read(cache, (db) => db.prepare('SELECT count(*) FROM thumbnail').pluck().get())).toBe(0)
    const library = await openAgain()
    expect(thumbnails(library)).toHaveLength(PICTURES)
    library.close()
    expect({ predictions: predictions(), said: said() }).toEqual(before)
  })

  test('of predictions forgets them, keeps what persons said byte for byte, and classifies again', async () => {
    const before = { predictions: predictions(), said: said() }
    expect(await rebuild('--predictions')).toEqual([{ pending: PICTURES }])
    expect(predictions()).toEqual([])
    expect(said()).toEqual(before.said)
    const library = await openAgain()
    expect(library.looks).toHaveLength(PICTURES)
    library.close()
    expect({ predictions: predictions(), said: said() }).toEqual(before)
  })

  test('of features throws them away and has them made again, and nothing else', async () => {
    const before = { features: features(), predictions: predictions(), said: said() }
    expect(before.features).toHaveLength(PICTURES)
    expect(before.features).not.toContainEqual(expect.objectContaining({ vector: null }))
    expect(await rebuild('--features')).toEqual([{ pending: PICTURES }])
    expect(features()).toEqual([])
    expect({ predictions: predictions(), said: said() }).toMatchObject({
      ...{ predictions: before.predictions, said: before.said },
    })
    const library = await openAgain()
    expect(library.looks).toHaveLength(PICTURES)
    library.close()
    expect({ features: features(), predictions: predictions(), said: said() }).toEqual(before)
  })

  test('of all throws all away, and all of it is as it was when Albumen has run', async () => {
    const before = { features: features(), predictions: predictions(), said: said() }
    expect(await rebuild('--all')).toEqual([{ pending: PICTURES }])
    expect([features(), predictions()]).toEqual([[], []])
    expect(said()).toEqual(before.said)
    const library = await openAgain()
    expect(thumbnails(library)).toHaveLength(PICTURES)
    expect(library.looks).toHaveLength(PICTURES)
    library.close()
    expect({ features: features(), predictions: predictions(), said: said() }).toEqual(before)
  })

  test('of all forgets how models were measured as well', async () => {
    const db = new Sqlite(cache)
    db.exec(`INSERT INTO acceleration VALUES ('0', '{}')`)
    db.close()
    const before = said()
    await rebuild('--all')
    expect(read(cache, (db) => db.prepare('SELECT count(*) FROM acceleration').pluck().get())).toBe(
      0,
    )
    expect(predictions()).toEqual([])
    expect(said()).toEqual(before)
  })

  test('asks what to make again, and is refused while Albumen runs', async () => {
    const nothing = await albumen('rebuild', '--library', fixture.library)
    expect(nothing.code).toBe(2)
    expect(nothing.stderr).toMatch(/--thumbnails, --predictions, --features or --all/)
    await fixture.open()
    const running = await albumen('rebuild', '--all', '--library', fixture.library)
    expect(running.stderr).toMatch(/Albumen already runs/)
  })
})

test('a library that is restored has made again what the cache has lost since the backup', async () => {
  const lost = { thumbnails: PICTURES, features: features() }
  await albumen('backup', '--library', fixture.library)
  await albumen('rebuild', '--all', '--library', fixture.library)
  const restored = await albumen('restore', 'latest', '--yes', '--library', fixture.library)
  expect(restored.stderr).toBe('')
  const library = await openAgain()
  expect(library.looks).toHaveLength(PICTURES)
  expect(thumbnails(library)).toHaveLength(lost.thumbnails)
  library.close()
  expect(features()).toEqual(lost.features)
})

describe('features', () => {
  test('that were lost in a crash are made again, of those photos alone', async () => {
    const before = features()
    crash()
    const db = new Sqlite(cache)
    db.exec('DELETE FROM feature WHERE identity IN (SELECT identity FROM feature LIMIT 2)')
    db.close()
    const library = await openAgain()
    expect(library.log.join('\n')).toMatch(/thumbnails of 0 photos and the features of 2/)
    expect(library.looks).toHaveLength(2)
    library.close()
    expect(features()).toEqual(before)
  })

  test('are kept of every model, and a model that was in use before needs no second look', async () => {
    const second = writeSmallModel(join(fixture.root, 'models'), 'second', 2)
    const library = await fixture.open({ model: second })
    await library.engine.idle()
    expect(library.looks).toHaveLength(PICTURES)
    expect(features()).toHaveLength(2 * PICTURES)
    await library.useModel(fixture.model)
    await library.engine.idle()
    expect(library.looks).toHaveLength(PICTURES)
  })

  test('of a model that has none are known not to be there, and nothing is looked at for them again', async () => {
    const draft = draftOf(readFileSync(fixture.model))
    const apart = writeSmallModel(join(fixture.root, 'models'), 'apart', 1)
    putWeightsApart(draft, join(fixture.root, 'models', 'apart.bin'))
    writeFileSync(apart, bytesOf(draft))
    const first = await fixture.open({ model: apart })
    await first.engine.idle()
    expect(first.looks).toHaveLength(PICTURES)
    first.close()
    crash()
    const library = await openAgain()
    expect(library.looks).toEqual([])
    expect(library.log).toEqual([])
  })

  test('of what is edited or purged go with it', async () => {
    const library = await openAgain()
    await fixture.picture('0.jpg', 77)
    rmSync(join(fixture.photos, '1.jpg'))
    await library.rescan()
    expect(features()).toHaveLength(PICTURES + 1)
    await library.ask('purgeMissing', { ids: null })
    expect(features()).toHaveLength(PICTURES)
    const made = inLibrary((db) =>
      db.prepare('SELECT image_hash AS identity FROM photo ORDER BY 1').all(),
    )
    expect(features()).toMatchObject(made as object[])
  })
})

test('rebuilding thumbnails in the window makes them again at once', async () => {
  const library = await openAgain()
  const before = said()
  await library.ask('rebuildThumbnails', {})
  await library.engine.idle()
  expect(thumbnails(library)).toHaveLength(PICTURES)
  expect(library.looks).toHaveLength(PICTURES)
  library.close()
  expect(said()).toEqual(before)
})
