import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { removeUnfinishedRestore } from '../backup/replace.ts'
import { failureOf, libraryFailure } from '../library/failure.ts'
import { storageFailure } from '../storageFailure.ts'
import { closeWhole, whereItMay } from './backup.ts'
import { attachCache, attachForReading, type Requeued, rememberCache } from './cache.ts'
import { isLocked, joinReaders, lockLibrary } from './lock.ts'
import { isUpToDate, migrate, requireMigrated } from './migrate.ts'
import { libraryFile } from './paths.ts'

export { libraryFile } from './paths.ts'

export interface LibraryDatabase {
  /** The library, with the cache attached as `cache`. */
  db: Database
  directory: string
  /** Why nothing can be stored in it, in a sentence; `null` when it can. */
  readOnly: string | null
  requeued: Requeued
  /** Whoever opens it next looks whether the cache is sound. */
  suspectCache(): void
  /** Opening it anew may help: it was opened for reading alone, or its cache is suspected. */
  mustReopen(): boolean
  /** Closes the files, and keeps the lock. */
  closeFiles(): void
  close(): void
}

/**
 * `exclusive`: for writing. `as-possible`: for writing, or where that is impossible for reading.
 * `shared`: for reading, beside an engine that may be writing.
 */
export type LibraryUse = 'exclusive' | 'as-possible' | 'shared'

/**
 * Opens the library in `directory`, makes it when there is none, and brings it up to date: each
 * migration in one transaction, after a verified backup.
 * Throws UserError where it cannot be opened or was made by a newer Albumen.
 */
export function openLibrary(directory: string, use: LibraryUse = 'exclusive'): LibraryDatabase {
  let release = () => {}
  try {
    mkdirSync(directory, { recursive: true })
    let writable = mayWrite(directory)
    if (use === 'shared') release = joinReaders(directory, { readOnly: !writable })
    else if (writable) {
      const lock = lockWhereAllowed(directory)
      if (lock) release = lock
      else writable = false
    }
    const hindrance = !writable ? 'not-writable' : hasRoom(directory) ? null : 'no-room'
    if (hindrance === null) return openWritable(directory, use, release)
    return openReading(directory, use, release, failureOf(hindrance, directory, ''))
  } catch (error) {
    release()
    throw error instanceof UserError ? error : unusable(directory, error)
  }
}

/** `null` where nothing may be written after all: Windows asks for rights only when it comes to it. */
function lockWhereAllowed(directory: string): (() => void) | null {
  let release = () => {}
  try {
    release = lockLibrary(directory)
    removeUnfinishedRestore(directory)
    return release
  } catch (error) {
    release()
    const failure = storageFailure(error)
    if (failure === 'not-writable' || failure === 'unreachable') return null
    throw error
  }
}

function mayWrite(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    if (existsSync(libraryFile(directory))) accessSync(libraryFile(directory), constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Bytes without which SQLite cannot begin: for its log, and the index of that. */
const LEAST_ROOM = 1e6

/**
 * Asked before anything is written: a library that was begun to be written and has no room for its
 * log cannot even be read.
 */
function hasRoom(directory: string): boolean {
  const { bavail, bsize, blocks } = statfsSync(directory)
  // Some network and FUSE file systems do not say.
  return blocks === 0 || bavail * bsize >= LEAST_ROOM
}

function openWritable(directory: string, use: LibraryUse, release: () => void): LibraryDatabase {
  const isNew = !existsSync(libraryFile(directory))
  try {
    return opened(directory, { fileMustExist: false, release, readOnly: null }, (db) => {
      useWriteAheadLog(db)
      configure(db)
      if (use === 'shared') migrateAlone(db, directory)
      else migrate(db, directory)
      if (use !== 'shared') return attachCache(db, directory)
      attachForReading(db, directory, { readOnly: false })
      return null
    })
  } catch (error) {
    const failure = storageFailure(error)
    if (isNew || (failure !== 'no-room' && failure !== 'not-writable')) throw error
    return openReading(directory, use, release, failureOf(failure, directory, ''))
  }
}

/** Milliseconds that others may take to make the library, or to bring it up to date. */
const PATIENCE_MS = 5000

/** Where several make a library at once, SQLite lets none wait for its turn with this. */
function useWriteAheadLog(db: Database): void {
  for (const end = Date.now() + PATIENCE_MS; ; pauseThread(20)) {
    try {
      db.pragma('journal_mode = WAL')
      return
    } catch (error) {
      const isBusy = (error as { code?: string }).code?.startsWith('SQLITE_BUSY')
      if (!isBusy || Date.now() > end) throw error
    }
  }
}

/**
 * Not under an engine that writes: an older one knows nothing of what comes. Several readers may do it
 * at once, each migration is one transaction; the lock is held by none, for the engine may start now.
 */
function migrateAlone(db: Database, directory: string): void {
  for (const end = Date.now() + PATIENCE_MS; !isUpToDate(db); pauseThread(50)) {
    if (!isLocked(directory)) migrate(db, directory)
    else if (Date.now() > end) {
      throw new UserError(
        'library-in-use',
        `An older Albumen runs with the library in ${directory}: close it first, then this one brings the library up to date.`,
      )
    }
  }
}

const pauseThread = (milliseconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

/** `reason`: why it cannot be written. */
function openReading(
  directory: string,
  use: LibraryUse,
  release: () => void,
  reason: UserError,
): LibraryDatabase {
  if (use === 'exclusive' || !existsSync(libraryFile(directory))) throw reason
  return opened(directory, { fileMustExist: true, release, readOnly: reason.message }, (db) => {
    configure(db)
    requireMigrated(db, directory)
    attachForReading(db, directory, { readOnly: true })
    db.pragma('query_only = ON')
    return null
  })
}

interface Opening {
  fileMustExist: boolean
  release: () => void
  readOnly: string | null
}

/** `prepare` returns how many photos were queued for the cache; `null`: another one looks after it. */
function opened(
  directory: string,
  { fileMustExist, release, readOnly }: Opening,
  prepare: (db: Database) => Requeued | null,
): LibraryDatabase {
  const db = new Sqlite(libraryFile(directory), { fileMustExist, timeout: 10_000 })
  try {
    const requeued = prepare(db)
    let suspected = false
    function closeFiles(): void {
      if (!db.open) return
      if (requeued !== null && !suspected) whereItMay(() => rememberCache(db))
      closeWhole(db)
    }
    return {
      db,
      directory,
      readOnly,
      requeued: requeued ?? { thumbnails: 0, features: 0 },
      suspectCache() {
        suspected = true
      },
      mustReopen: () => readOnly !== null || suspected,
      closeFiles,
      close() {
        closeFiles()
        release()
      },
    }
  } catch (error) {
    closeWhole(db)
    throw error
  }
}

function configure(db: Database): void {
  // With WAL, NORMAL never corrupts; a power cut may undo the last transactions, which a scan redoes.
  db.pragma('synchronous = NORMAL')
  db.pragma('foreign_keys = ON')
  db.pragma('cache_size = -32000')
  db.pragma('temp_store = MEMORY')
}

const unusable = (directory: string, error: unknown) =>
  libraryFailure(error, directory) ??
  new UserError(
    'library-unusable',
    `The library in ${directory} cannot be opened (${messageOf(error)}): choose another with --library, or restore a backup with: albumen restore latest --library "${directory}"`,
    { cause: error },
  )

/**
 * The library in `directory` for reading alone, without bringing it up to date; `null` for none.
 * Throws UserError where it cannot be opened.
 */
export function openReadOnly(directory: string): { db: Database; close: () => void } | null {
  const file = libraryFile(directory)
  if (!existsSync(file)) return null
  let release = () => {}
  try {
    release = joinReaders(directory, { readOnly: !mayWrite(directory) })
    const db = new Sqlite(file, { fileMustExist: true, timeout: 10_000 })
    const close = () => {
      closeWhole(db)
      release()
    }
    return { db, close }
  } catch (error) {
    release()
    throw error instanceof UserError ? error : unusable(directory, error)
  }
}
