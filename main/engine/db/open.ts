import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { lockLibrary } from './lock.ts'
import { migrations } from './migrations.ts'

export const libraryFile = (directory: string) => join(directory, 'library.sqlite')
/** Thumbnails: can be made again from the photos, so they lie beside the library, not in it. */
const cacheFile = (directory: string) => join(directory, 'cache.sqlite')

export interface LibraryDatabase {
  /** The library, with the cache attached as `cache`. */
  db: Database
  directory: string
  close(): void
}

/** `shared`: for reading, beside an engine that may be writing. */
export type LibraryUse = 'exclusive' | 'shared'

/**
 * Opens the library in `directory`, makes it when there is none, and brings it up to date: each
 * migration in one transaction, after a verified backup.
 * Throws UserError where it cannot be opened or was made by a newer Albumen.
 */
export function openLibrary(directory: string, use: LibraryUse = 'exclusive'): LibraryDatabase {
  let release = () => {}
  try {
    mkdirSync(directory, { recursive: true })
    if (use === 'exclusive') release = lockLibrary(directory)
    const db = new Sqlite(libraryFile(directory), { timeout: 10_000 })
    prepare(db, directory)
    migrate(db, directory)
    const close = () => {
      if (db.open) db.close()
      release()
    }
    return { db, directory, close }
  } catch (error) {
    release()
    if (error instanceof UserError) throw error
    throw new UserError(
      'library-unusable',
      `The library in ${directory} cannot be opened (${messageOf(error)}): choose another with --library, or check that the disk has room and may be written.`,
      { cause: error },
    )
  }
}

function prepare(db: Database, directory: string): void {
  db.pragma('journal_mode = WAL')
  // With WAL, NORMAL never corrupts; a power cut may undo the last transactions, which a scan redoes.
  db.pragma('synchronous = NORMAL')
  db.pragma('foreign_keys = ON')
  db.pragma('cache_size = -32000')
  db.pragma('temp_store = MEMORY')
  db.prepare('ATTACH DATABASE ? AS cache').run(cacheFile(directory))
  db.pragma('cache.journal_mode = WAL')
  db.pragma('cache.synchronous = OFF')
  db.exec(`
    CREATE TABLE IF NOT EXISTS cache.thumbnail (
      content_hash BLOB PRIMARY KEY,
      jpeg BLOB NOT NULL
    ) STRICT;
    -- How each model, by its sha256, ran with each execution provider: JSON.
    CREATE TABLE IF NOT EXISTS cache.acceleration (
      model TEXT PRIMARY KEY,
      report TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `)
}

const schemaVersion = (db: Database) => db.pragma('user_version', { simple: true }) as number

function migrate(db: Database, directory: string): void {
  const version = schemaVersion(db)
  if (version > migrations.length) {
    throw new UserError(
      'library-newer',
      `The library in ${directory} was made by a newer Albumen (schema ${version}, this one knows ${migrations.length}): update Albumen to open it.`,
    )
  }
  if (version > 0 && version < migrations.length) backUp(db, directory, version)
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue
    db.transaction(() => {
      // Another process may have done it while this one waited for its turn.
      if (schemaVersion(db) > index) return
      migration(db)
      db.pragma(`user_version = ${index + 1}`)
    }).immediate()
  }
}

/** Copies the library as it is before a migration and checks the copy by opening it. */
function backUp(db: Database, directory: string, version: number): void {
  const backups = join(directory, 'backups')
  mkdirSync(backups, { recursive: true })
  const file = join(backups, `before-schema-${version + 1}.sqlite`)
  const unfinished = `${file}.${process.pid}.partial`
  rmSync(unfinished, { force: true })
  db.prepare('VACUUM main INTO ?').run(unfinished)
  const copy = new Sqlite(unfinished, { readonly: true })
  try {
    const verdict = copy.pragma('integrity_check', { simple: true })
    if (verdict !== 'ok') throw new Error(`the backup ${file} is damaged: ${String(verdict)}`)
  } finally {
    copy.close()
  }
  renameSync(unfinished, file)
  removeOldBackups(backups)
}

const BACKUPS_KEPT = 5

function removeOldBackups(backups: string): void {
  const names = readdirSync(backups).filter((name) => /^before-schema-\d+\.sqlite$/.test(name))
  const version = (name: string) => Number(name.match(/\d+/)?.[0])
  names.sort((a, b) => version(b) - version(a))
  for (const name of names.slice(BACKUPS_KEPT)) rmSync(join(backups, name))
}
