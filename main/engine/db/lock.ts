import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { UserError } from '../../../contract/errors.ts'

/**
 * Takes the lock that a file stands for; `null`: somebody else has it. The lock is SQLite's: the
 * system drops it when the process ends, however it ends. The file stays: whoever deleted it would
 * let two have the lock, one on the deleted file. Returns how to release it.
 */
export function takeLock(file: string): (() => void) | null {
  const lock = new Sqlite(file, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return null
    throw error
  }
  return () => lock.close()
}

/** Makes sure that one engine alone writes a library. Returns how to release it. */
export function lockLibrary(directory: string): () => void {
  const release = takeLock(join(directory, 'lock.sqlite'))
  if (release) return release
  throw new UserError(
    'library-in-use',
    `Albumen already runs with the library in ${directory}: close it first, or choose another library with --library.`,
  )
}
