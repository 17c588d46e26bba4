import type { Database } from 'better-sqlite3'
import { storageFailure } from '../storageFailure.ts'

/** Whether every page of a database is where it belongs. Takes seconds for a large one. */
export function isSound(db: Database, schema: 'main' | 'cache'): boolean {
  try {
    return db.pragma(`${schema}.quick_check(1)`, { simple: true }) === 'ok'
  } catch (error) {
    if (storageFailure(error) !== 'damaged') throw error
    return false
  }
}
