/** Copies of a library: how they are made, what is noted in them, and whether they are sound. */
import Sqlite, { type Database } from 'better-sqlite3'
import { z } from 'zod'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { storageFailure } from '../storageFailure.ts'
import { migrations } from './migrations/index.ts'
import { countPhotos } from './photos.ts'
import { readSetting, writeSetting } from './settings.ts'
import { statement } from './statement.ts'

/** What persons said. A library of an older schema lacks some of these tables. */
const SAID = ['tag', 'decision', 'album', 'album_photo', 'rating'] as const

/** Without these a database is no library, whatever its schema. */
const ALWAYS_THERE = ['folder', 'file', 'photo', 'setting'] as const

/** How much a library holds. */
export interface Holdings {
  schema: number
  photos: number
  /** Rows by table of what persons said. */
  said: Record<string, number>
}

const note = z.object({
  /** Id of the library, which tells its backups from others in the same folder. */
  library: z.string(),
  /** Milliseconds since 1970. */
  madeAt: z.number(),
  photos: z.number(),
  said: z.record(z.string(), z.number()),
})
/** Written into a backup when it is made. */
export type BackupNote = z.infer<typeof note>

export const schemaVersion = (db: Database) => db.pragma('user_version', { simple: true }) as number

function tablesOf(db: Database): Set<string> {
  const names = statement(db, `SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all()
  return new Set(names as string[])
}

export function holdingsOf(db: Database): Holdings {
  const tables = tablesOf(db)
  const said = SAID.filter((table) => tables.has(table)).map((table) => [
    table,
    statement(db, `SELECT count(*) FROM ${table}`).pluck().get() as number,
  ])
  return { schema: schemaVersion(db), photos: countPhotos(db), said: Object.fromEntries(said) }
}

/** `null` in a library that is no backup, and in one that somebody copied by hand. */
function readNote(db: Database): BackupNote | null {
  try {
    return note.parse(JSON.parse(readSetting(db, 'backup') ?? 'null'))
  } catch (error) {
    if (storageFailure(error) !== null) throw error
    return null
  }
}

/**
 * Copies the library in the file `from` as it is at one moment, also while an engine writes it, a
 * piece at a time. `onPages` hears how many pages of all are copied. Returns what it held then.
 */
export async function copyLibrary(
  from: string,
  to: string,
  onPages: (done: number, total: number) => void,
): Promise<Holdings> {
  const db = new Sqlite(from, { fileMustExist: true, timeout: 10_000 })
  try {
    // In this mode, the engine's own, reading keeps no writer waiting.
    whereItMay(() => db.pragma('journal_mode = WAL'))
    // Until the end this connection sees nothing of what others write, so that the copy never has to
    // begin anew, as it would (https://sqlite.org/backup.html).
    db.exec('BEGIN')
    const holdings = holdingsOf(db)
    await db.backup(to, {
      progress({ totalPages, remainingPages }) {
        onPages(totalPages - remainingPages, totalPages)
        return PAGES_AT_ONCE
      },
    })
    db.exec('COMMIT')
    return holdings
  } finally {
    closeWhole(db)
  }
}

/** 4 MB with SQLite's usual pages. */
const PAGES_AT_ONCE = 1000

/** As `copyLibrary`, all at once, of a database that nobody may write meanwhile. */
export function copyAtOnce(db: Database, to: string): Holdings {
  db.prepare('VACUUM main INTO ?').run(to)
  return holdingsOf(db)
}

/** Notes in a copy what it is, and makes it one whole file. */
export function describeCopy(file: string, described: BackupNote): void {
  const copy = new Sqlite(file, { fileMustExist: true })
  try {
    writeSetting(copy, 'backup', JSON.stringify(described))
    // Also for those who put it in the place of a library by hand.
    writeSetting(copy, 'cache', null)
  } finally {
    closeWhole(copy)
  }
}

export const restorable = (file: string): CopyName => ({
  name: file,
  advice: 'take another backup',
})

/** What a backup holds, as it says itself or, without a note, as it is counted. */
export interface Described extends Holdings {
  note: BackupNote | null
}

/** Looks into a backup without checking it. Throws UserError for what is none. */
export function lookInto(file: string): Described {
  return inFile(file, restorable(file), { readonly: true }, (db) => {
    requireLibrary(db, file)
    const found = readNote(db)
    return { ...(found ? { ...found, schema: schemaVersion(db) } : holdingsOf(db)), note: found }
  })
}

export interface CopyName {
  /** What is checked, for people. */
  name: string
  /** What to do where it is damaged. */
  advice: string
}

/**
 * Opens a scratch copy of a backup as the library that it would be, checks it thoroughly, and leaves
 * it as one whole file without its note. Throws UserError for one that is damaged, does not hold what
 * its note says, or is no library that this Albumen can open. Returns what it holds.
 */
export function checkCopy(copy: string, of: CopyName): Described {
  return inFile(copy, of, {}, (db) => {
    requireLibrary(db, of.name)
    requireKnownSchema(schemaVersion(db), of.name)
    const verdict = db.pragma('integrity_check(1)', { simple: true })
    if (verdict !== 'ok') throw damaged(of, String(verdict))
    const [broken] = db.pragma('foreign_key_check') as { table: string }[]
    if (broken) throw damaged(of, `rows of ${broken.table} belong to nothing`)
    const found = readNote(db)
    const holdings = holdingsOf(db)
    if (found) requireSame(found, holdings, of)
    writeSetting(db, 'backup', null)
    // The cache goes on with the library that was there: it has lost what this one thinks it has.
    writeSetting(db, 'cache', null)
    return { ...holdings, note: found }
  })
}

function inFile<Result>(
  file: string,
  of: CopyName,
  options: Sqlite.Options,
  look: (db: Database) => Result,
): Result {
  let db: Database | null = null
  try {
    db = new Sqlite(file, { ...options, fileMustExist: true, timeout: 10_000 })
    db.pragma('foreign_keys = ON')
    return look(db)
  } catch (error) {
    if (storageFailure(error) !== 'damaged') throw error
    throw damaged(of, messageOf(error))
  } finally {
    if (db) closeWhole(db)
  }
}

const damaged = ({ name, advice }: CopyName, said: string) =>
  new UserError('backup-damaged', `${name} is damaged (${said}): ${advice}.`)

function requireLibrary(db: Database, name: string): void {
  const tables = tablesOf(db)
  if (schemaVersion(db) > 0 && ALWAYS_THERE.every((table) => tables.has(table))) return
  throw new UserError('no-backup', `${name} is no library of Albumen: choose another file.`)
}

/** Whether a newer Albumen has made it. */
export const isNewer = (version: number): boolean => version > migrations.length

/** Throws UserError for what a newer Albumen has made. `name`: the library or backup. */
export function requireKnownSchema(version: number, name: string): void {
  if (!isNewer(version)) return
  throw new UserError(
    'library-newer',
    `${name} was made by a newer Albumen (schema ${version}, this one knows ${migrations.length}): update Albumen to open it.`,
  )
}

function requireSame(noted: BackupNote, { photos, said }: Holdings, of: CopyName): void {
  const differing = [
    ...(noted.photos === photos ? [] : ['photo']),
    ...Object.keys(noted.said).filter((table) => noted.said[table] !== said[table]),
  ]
  if (differing.length === 0) return
  throw damaged(of, `it does not hold what it held when it was made: ${differing.join(', ')}`)
}

/** Puts what a library holds into its main file, as far as it is not damaged. Nobody else has it open. */
export function makeWhole(file: string): void {
  const db = new Sqlite(file, { fileMustExist: true, timeout: 10_000 })
  try {
    db.pragma('wal_checkpoint(TRUNCATE)')
    db.pragma('journal_mode = DELETE')
  } catch (error) {
    if (storageFailure(error) !== 'damaged') throw error
  } finally {
    db.close()
  }
}

/** Closes a database and leaves one whole file, without journals, unless others have it open. */
export function closeWhole(db: Database): void {
  if (db.inTransaction) db.exec('ROLLBACK')
  db.pragma('busy_timeout = 0')
  for (const { name, file } of db.pragma('database_list') as { name: string; file: string }[]) {
    if (file !== '') whereItMay(() => db.pragma(`${name}.journal_mode = DELETE`))
  }
  db.close()
}

/** What is better done, but can be left where nothing may be written or others are in the way. */
export function whereItMay(action: () => void): void {
  try {
    action()
  } catch (error) {
    if (storageFailure(error) === null) throw error
  }
}
