/** The library's files: one writer, schema versions, backups, and what is no library at all. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UserError } from '../../contract/errors.ts'
import { migrations } from '../../main/engine/db/migrations/index.ts'
import { libraryFile, openLibrary } from '../../main/engine/db/open.ts'
import { readSetting, writeSetting } from '../../main/engine/db/settings.ts'

let directory: string
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'albumen-library-')), 'new', 'library')
})
afterEach(() => rmSync(join(directory, '..', '..'), { recursive: true }))

function refusal(use?: 'shared'): UserError {
  try {
    openLibrary(directory, use).close()
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('the library was opened')
}

/** Changes the file as no engine would. */
function withFile(change: (db: Database) => void): void {
  const db = new Sqlite(libraryFile(directory))
  change(db)
  db.close()
}

describe('opening a library', () => {
  test('makes it, with its folder, and remembers', () => {
    const first = openLibrary(directory)
    writeSetting(first.db, 'paused', '1')
    first.close()
    const second = openLibrary(directory)
    expect(readSetting(second.db, 'paused')).toBe('1')
    expect(second.db.pragma('user_version', { simple: true })).toBe(migrations.length)
    expect(second.db.pragma('foreign_keys', { simple: true })).toBe(1)
    second.close()
  })

  test('leaves no journal behind when it is closed', () => {
    openLibrary(directory).close()
    expect(readdirSync(directory).filter((name) => /-(wal|shm|journal)$/.test(name))).toEqual([])
  })

  test('lets one writer in at a time, and readers beside it', () => {
    const writer = openLibrary(directory)
    const error = refusal()
    expect(error.code).toBe('library-in-use')
    expect(error.message).toContain('close it first')
    const reader = openLibrary(directory, 'shared')
    writeSetting(writer.db, 'paused', '1')
    expect(readSetting(reader.db, 'paused')).toBe('1')
    reader.close()
    writer.close()
    openLibrary(directory).close()
  })

  test('is safe for several processes at the very same time', async () => {
    const opener = new URL('../support/openLibrary.ts', import.meta.url)
    const uses = ['exclusive', 'shared', 'shared', 'shared']
    const children = uses.map((use) => fork(opener, [directory, use], { execArgv: [] }))
    await Promise.all(children.map((child) => once(child, 'message')))
    const ended = children.map((child) => once(child, 'exit'))
    const answers = children.map((child) => once(child, 'message'))
    for (const child of children) child.send('go')
    expect((await Promise.all(answers)).flat().filter((each) => each !== undefined)).toEqual(
      uses.map(() => 'opened'),
    )
    await Promise.all(ended)
  })

  test('refuses one that a newer Albumen made, and leaves it as it is', () => {
    openLibrary(directory).close()
    withFile((db) => db.pragma(`user_version = ${migrations.length + 1}`))
    const error = refusal()
    expect(error.code).toBe('library-newer')
    expect(error.message).toContain('update Albumen')
    withFile((db) => {
      expect(db.pragma('user_version', { simple: true })).toBe(migrations.length + 1)
    })
    // The refusal gave the lock back.
    withFile((db) => db.pragma(`user_version = ${migrations.length}`))
    openLibrary(directory).close()
  })

  test('says what to do about a file that is no library', () => {
    mkdirSync(directory, { recursive: true })
    writeFileSync(libraryFile(directory), 'This is a letter, not a database.'.repeat(200))
    for (const use of [undefined, 'shared'] as const) {
      expect(refusal(use)).toMatchObject({
        code: 'library-damaged',
        message: expect.stringMatching(
          /there is no backup of it .*albumen restore <file> .*choose another library with --library/,
        ),
      })
    }
  })

  test('says what to do about a folder that cannot be made', () => {
    const file = join(directory, '..', 'file')
    mkdirSync(join(directory, '..'), { recursive: true })
    writeFileSync(file, '')
    directory = join(file, 'library')
    expect(refusal().code).toBe('library-unusable')
    directory = join(file, '..', 'library')
  })
})

describe('a migration', () => {
  const next = (db: Database) => db.exec('CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT')
  const added = migrations as ((db: Database) => void)[]
  const version = migrations.length
  afterEach(() => {
    added.length = version
  })

  test('keeps a backup of the library as it was, and brings it up to date', () => {
    const before = openLibrary(directory)
    writeSetting(before.db, 'modelFile', '/models/a.onnx')
    before.close()
    added.push(next)
    const after = openLibrary(directory)
    expect(readSetting(after.db, 'modelFile')).toBe('/models/a.onnx')
    expect(after.db.prepare('SELECT count(*) FROM later').pluck().get()).toBe(0)
    after.close()
    const backup = join(directory, 'backups', `before-schema-${version + 1}.sqlite`)
    const copy = new Sqlite(backup, { readonly: true })
    expect(copy.pragma('user_version', { simple: true })).toBe(version)
    expect(readSetting(copy, 'modelFile')).toBe('/models/a.onnx')
    copy.close()
  })

  test('that fails leaves the library as it was', () => {
    openLibrary(directory).close()
    added.push((db) => {
      next(db)
      throw new Error('half way')
    })
    expect(refusal().code).toBe('library-unusable')
    added.length = version
    const { db, close } = openLibrary(directory)
    expect(db.pragma('user_version', { simple: true })).toBe(version)
    expect(() => db.prepare('SELECT * FROM later')).toThrow('no such table')
    close()
  })

  test('of a new library needs no backup', () => {
    added.push(next)
    openLibrary(directory).close()
    expect(existsSync(join(directory, 'backups'))).toBe(false)
  })
})

test('what is present decides which photos are visible, whoever writes', () => {
  const { db, close } = openLibrary(directory)
  const run = (sql: string) => db.prepare(sql).run()
  const visible = () => db.prepare('SELECT visible FROM photo ORDER BY id').pluck().all()
  run(`INSERT INTO folder (id, path, added_at) VALUES (1, '/photos', 0)`)
  run('INSERT INTO photo (id, sorted_at) VALUES (1, 0), (2, 0)')
  expect(visible()).toEqual([0, 0])
  run(`INSERT INTO file (id, folder_id, photo_id, directory, name, size, modified_ms)
       VALUES (1, 1, 1, '', 'a', 0, 0), (2, 1, 1, '', 'b', 0, 0)`)
  expect(visible()).toEqual([1, 0])
  run('UPDATE file SET photo_id = 2 WHERE id = 1')
  expect(visible()).toEqual([1, 1])
  run(`UPDATE file SET state = 'missing' WHERE id = 2`)
  expect(visible()).toEqual([0, 1])
  run('DELETE FROM file WHERE id = 1')
  expect(visible()).toEqual([0, 0])
  close()
})
