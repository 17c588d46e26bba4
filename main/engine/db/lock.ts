import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { UserError } from '../../../contract/errors.ts'

/** Milliseconds of waiting: replacing a library takes few, and so does reading it for one answer. */
const PATIENCE_MS = 3000

/**
 * Takes the lock that a file stands for; `null`: somebody else has it. The lock is SQLite's: the
 * system drops it when the process ends, however it ends. The file stays: whoever deleted it would
 * let two have the lock, one on the deleted file. Returns how to release it.
 */
export const takeLock = (file: string): (() => void) | null => takeAlone(file, 0)

/** `patience`: milliseconds. */
const takeAlone = (file: string, patience: number): (() => void) | null =>
  hold(new Sqlite(file, { timeout: patience }), (lock) => {
    // On an empty database it writes the first page, for which a full disk has no room: once.
    if (statSync(file).size === 0) lock.exec('BEGIN EXCLUSIVE; COMMIT')
    lock.exec('BEGIN EXCLUSIVE')
  })

function hold(lock: Database, take: (lock: Database) => void): (() => void) | null {
  try {
    take(lock)
  } catch (error) {
    lock.close()
    // Also while another one recovers the file or makes it.
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return null
    throw error
  }
  return () => lock.close()
}

const readersLock = (directory: string) => join(directory, 'readers.sqlite')

/** Milliseconds for readers who look whether an engine has the lock. */
const READERS_MS = 500

/** Whether an engine has a library. It takes the lock for a moment. */
export function isLocked(directory: string): boolean {
  const release = takeLock(libraryLock(directory))
  release?.()
  return release === null
}

const libraryLock = (directory: string) => join(directory, 'lock.sqlite')

/** Makes sure that one engine alone writes a library. Returns how to release it. */
export function lockLibrary(directory: string): () => void {
  const release = takeAlone(libraryLock(directory), READERS_MS)
  if (release) {
    // So that whoever reads later finds the file there, and changes nothing at all.
    if (!existsSync(readersLock(directory))) joinReaders(directory, { readOnly: false })()
    return release
  }
  throw new UserError(
    'library-in-use',
    `Albumen already runs with the library in ${directory}: close it first, or choose another library with --library.`,
  )
}

/**
 * Says that somebody reads a library beside its engine, as any number may at once: its files are not
 * replaced meanwhile. Where nothing may be written nothing is replaced. Returns how to end that.
 */
export function joinReaders(directory: string, { readOnly }: { readOnly: boolean }): () => void {
  const file = readersLock(directory)
  if (readOnly && !existsSync(file)) return () => {}
  const lock = new Sqlite(file, { timeout: PATIENCE_MS, readonly: readOnly })
  const release = hold(lock, () => {
    lock.exec('BEGIN')
    // The lock is shared, and taken by the first reading.
    lock.pragma('user_version')
  })
  if (release) return release
  throw new UserError(
    'library-restoring',
    `The library in ${directory} is being restored: try again when that is done.`,
  )
}

/**
 * Waits until nobody reads a library, and keeps readers out during `work`. Whoever asks holds the
 * library's lock. Throws UserError where somebody goes on reading.
 */
export function withoutReaders<Result>(directory: string, work: () => Result): Result {
  const release = takeAlone(readersLock(directory), PATIENCE_MS)
  if (!release) {
    throw new UserError(
      'library-being-read',
      `Another command of Albumen reads the library in ${directory}, such as an export: try again when it has finished.`,
    )
  }
  try {
    return work()
  } finally {
    release()
  }
}
