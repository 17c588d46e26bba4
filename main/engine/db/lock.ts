import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { UserError } from '../../../contract/errors.ts'

/**
 * Makes sure that one engine alone writes a library. The lock is SQLite's on a file of its own:
 * the system drops it when the process ends, however it ends. Returns how to release it.
 */
export function lockLibrary(directory: string): () => void {
  const lock = new Sqlite(join(directory, 'lock.sqlite'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    throw new UserError(
      'library-in-use',
      `Albumen already runs with the library in ${directory}: close it first, or choose another library with --library.`,
      { cause: error },
    )
  }
  return () => lock.close()
}
