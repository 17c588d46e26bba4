/** Libraries of former versions, brought up to date with all that was in them. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PhotoId } from '../../contract/domain.ts'
import { lookInto } from '../../main/engine/db/backup.ts'
import { inherit } from '../../main/engine/db/inheritance.ts'
import { lockLibrary } from '../../main/engine/db/lock.ts'
import { migrations } from '../../main/engine/db/migrations/index.ts'
import { type LibraryDatabase, libraryFile, openLibrary } from '../../main/engine/db/open.ts'
import { asStep, replay } from '../../main/engine/db/undo.ts'

const bytes = (fill: number) => Buffer.alloc(32, fill)

let folder: string
let library: LibraryDatabase

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'albumen-migrations-'))
})
afterEach(() => {
  library.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A library as the Albumen of that version left it. */
function libraryOf(version: number, fill: (db: Database) => void): string {
  const directory = join(folder, 'library')
  mkdirSync(directory, { recursive: true })
  const db = new Sqlite(libraryFile(directory))
  db.pragma('foreign_keys = ON')
  for (const migration of migrations.slice(0, version)) migration(db)
  db.pragma(`user_version = ${version}`)
  fill(db)
  db.close()
  return directory
}

describe('a library of version 1', () => {
  beforeEach(() => {
    const directory = libraryOf(1, (db) => {
      db.exec(`
        INSERT INTO folder (id, path, added_at) VALUES (1, '/photos', 0);
        INSERT INTO model (id, sha256, name) VALUES (1, 'abc', 'resnet18');
        INSERT INTO class (id, wnid, name)
          VALUES (1, 'n02123045', 'tabby'), (2, NULL, 'My  Cat'), (3, NULL, 'my cat');
        INSERT INTO model_class (model_id, output_index, class_id, threshold) VALUES (1, 0, 1, 0.2);
      `)
      const photo = db.prepare('INSERT INTO photo (id, content_hash, sorted_at) VALUES (?, ?, 7)')
      const file = db.prepare(
        `INSERT INTO file (id, folder_id, photo_id, directory, name, size, modified_ms)
         VALUES (?, 1, ?, '', ?, 10, 20)`,
      )
      const task = db.prepare('INSERT INTO task VALUES (?, ?, ?, ?, 1, ?, ?)')
      for (const [id, name, state] of [
        [1, 'seen.jpg', 'done'],
        [2, 'bad.jpg', 'quarantined'],
        [9, 'new.jpg', 'pending'],
      ] as const) {
        photo.run(id, state === 'done' ? bytes(1) : null)
        file.run(id, id, name)
        const bad = state === 'quarantined'
        task.run(id, 'read', '1', state, bad ? 'damaged' : null, bad ? 'It ends early.' : null)
      }
      task.run(1, 'classify', 'abc', 'done', null, null)
      db.exec('INSERT INTO prediction VALUES (1, 1, 1, 0.9)')
    })
    library = openLibrary(directory)
  })

  const all = (sql: string) => library.db.prepare(sql).raw().all()

  test('keeps its photos, what models said of them, and why a file cannot be read', () => {
    expect(all('SELECT id, content_hash, visible, sorted_at FROM photo ORDER BY id')).toEqual([
      [1, bytes(1), 1, 7],
      [2, null, 1, 7],
      [9, null, 1, 7],
    ])
    expect(all('SELECT * FROM prediction')).toEqual([[1, 1, 1, 0.9]])
    expect(all('SELECT photo_id, name, reading, code, reason FROM file ORDER BY id')).toEqual([
      [1, 'seen.jpg', 'pending', null, null],
      [2, 'bad.jpg', 'quarantined', 'damaged', 'It ends early.'],
      [9, 'new.jpg', 'pending', null, null],
    ])
    // Its features were not kept then.
    expect(all('SELECT photo_id, kind, state FROM task')).toEqual([[1, 'classify', 'pending']])
    expect(library.db.pragma('foreign_key_check')).toEqual([])
    expect(library.db.pragma('foreign_keys', { simple: true })).toBe(1)
  })

  test('has a tag for each class, one for names that are written differently', () => {
    const tags = 'SELECT class.name, tag.wnid, tag.name FROM class JOIN tag ON tag.id = tag_id'
    expect(all(`${tags} ORDER BY class.id`)).toEqual([
      ['tabby', 'n02123045', 'tabby'],
      ['My  Cat', null, 'My  Cat'],
      ['my cat', null, 'My  Cat'],
    ])
  })

  test('gives no id of a photo twice from then on', () => {
    library.db.exec('DELETE FROM task; DELETE FROM file WHERE photo_id = 9')
    library.db.exec('DELETE FROM photo WHERE id = 9; INSERT INTO photo (sorted_at) VALUES (0)')
    expect(all('SELECT max(id) FROM photo')).toEqual([[10]])
  })

  test('was backed up before', () => {
    const backup = join(folder, 'library', 'backups', 'before-schema-2.sqlite')
    const copy = new Sqlite(backup, { readonly: true })
    expect(copy.prepare('SELECT count(*) FROM prediction').pluck().get()).toBe(1)
    expect(copy.pragma('user_version', { simple: true })).toBe(1)
    copy.close()
  })
})

test('undo takes back an album that an heir is in, too, and keeps a tag that a model means by now', () => {
  library = openLibrary(join(folder, 'library'))
  const { db } = library
  db.exec(`INSERT INTO photo (id, sorted_at) VALUES (1, 0), (2, 0);
           INSERT INTO model (id, sha256, name) VALUES (1, 'abc', 'resnet18')`)
  asStep(db, { title: 'Put 1 photo into “Zoo”', now: 0 }, () =>
    db.exec(`INSERT INTO album (id, name, key, made_at) VALUES (1, 'Zoo', 'zoo', 0);
             INSERT INTO album_photo (album_id, photo_id, added_at) VALUES (1, 1, 0);
             INSERT INTO tag (id, name, key) VALUES (1, 'cat', 'cat'), (2, 'dog', 'dog');
             INSERT INTO decision VALUES (1, 1, 1, 'user', 0, NULL), (1, 2, 1, 'user', 0, NULL);
             INSERT INTO rating VALUES (1, 5, 0, NULL)`),
  )
  inherit(db, 2 as PhotoId, 1 as PhotoId)
  db.exec(`INSERT INTO class (id, name, tag_id) VALUES (1, 'dog', 2)`)
  expect(replay(db, 'undo')?.title).toBe('Put 1 photo into “Zoo”')
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
  expect(['album', 'album_photo', 'decision', 'rating'].map(count)).toEqual([0, 0, 0, 0])
  expect(db.prepare('SELECT name FROM tag').pluck().all()).toEqual(['dog'])
  expect(replay(db, 'redo')).not.toBeNull()
  // The heir too has again what it had.
  expect(['album', 'album_photo', 'decision', 'rating', 'tag'].map(count)).toEqual([1, 2, 4, 2, 2])
})

test('a backup before a migration stays when a library of other contents is brought up to date there', () => {
  const rated = (db: Database, photos: number) => {
    for (let id = 1; id <= photos; id++) {
      db.prepare('INSERT INTO photo (id, sorted_at) VALUES (?, 0)').run(id)
      db.prepare('INSERT INTO rating (photo_id, stars, rated_at) VALUES (?, 5, 0)').run(id)
    }
  }
  const names = () => readdirSync(join(folder, 'library', 'backups')).sort()
  const bringUpToDate = (photos: number) => {
    rmSync(libraryFile(join(folder, 'library')), { force: true })
    const directory = libraryOf(migrations.length - 1, (db) => rated(db, photos))
    openLibrary(directory).close()
  }
  const name = `before-schema-${migrations.length}`
  bringUpToDate(1)
  bringUpToDate(1)
  expect(names()).toEqual([`${name}.sqlite`])
  bringUpToDate(2)
  bringUpToDate(2)
  expect(names()).toEqual([`${name}-2.sqlite`, `${name}.sqlite`])
  const held = names().map((each) => lookInto(join(folder, 'library', 'backups', each)).said.rating)
  expect(held).toEqual([2, 1])
  library = openLibrary(join(folder, 'library'))
})

test('a library of version 3 is told how its files are turned, and reads those of which it does not know', () => {
  const directory = libraryOf(3, (db) => {
    db.exec(`INSERT INTO folder (id, path, added_at) VALUES (1, '/photos', 0)`)
    db.prepare(
      'INSERT INTO photo (id, content_hash, orientation, sorted_at) VALUES (1, ?, 6, 7)',
    ).run(bytes(1))
    const file = db.prepare(
      `INSERT INTO file (id, folder_id, photo_id, directory, name, size, modified_ms, content_hash,
         reading) VALUES (?, 1, 1, '', ?, 10, 20, ?, 'done')`,
    )
    file.run(1, 'turned.jpg', bytes(1))
    file.run(2, 'copy.jpg', bytes(2))
  })
  library = openLibrary(directory)
  const files = () => library.db.prepare('SELECT orientation, reading FROM file ORDER BY id').all()
  expect(files()).toMatchObject([{ orientation: 6 }, { orientation: null, reading: 'done' }])
  library.db.exec(`UPDATE file SET state = 'missing' WHERE id = 1`)
  expect(files()).toMatchObject([{ orientation: 6 }, { reading: 'pending' }])
})

test('a reader brings no library up to date under an engine that runs: it may be an older one', () => {
  const directory = libraryOf(migrations.length - 1, () => {})
  const version = () => {
    const db = new Sqlite(join(directory, 'library.sqlite'), { readonly: true })
    const found = db.pragma('user_version', { simple: true })
    db.close()
    return found
  }
  const release = lockLibrary(directory)
  expect(() => openLibrary(directory, 'shared')).toThrow(/older Albumen runs/)
  expect(version()).toBe(migrations.length - 1)
  release()
  library = openLibrary(directory, 'shared')
  expect(version()).toBe(migrations.length)
})

test('a migration that would lose what others refer to leaves the library as it was', () => {
  const directory = libraryOf(migrations.length, (db) =>
    db.exec(`INSERT INTO photo (id, sorted_at) VALUES (1, 0);
             INSERT INTO rating (photo_id, stars, rated_at) VALUES (1, 5, 0)`),
  )
  const added = migrations as ((db: Database) => void)[]
  added.push((db) => db.exec('DELETE FROM photo'))
  expect(() => openLibrary(directory).close()).toThrow('lost rows of photo')
  added.pop()
  library = openLibrary(directory)
  expect(library.db.prepare('SELECT count(*) FROM photo').pluck().get()).toBe(1)
})
