import type { Database } from 'better-sqlite3'
import { statement } from './statement.ts'

/** Whether persons have said anything that could be lost. */
export const isAnythingSaid = (db: Database): boolean =>
  ['decision', 'album', 'rating'].some(
    (table) => statement(db, `SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined,
  )
