import type { Database, Statement } from 'better-sqlite3'

const statements = new WeakMap<Database, Map<string, Statement>>()

/** The prepared statement for `sql`, prepared once for each database. `sql` is a constant. */
export function statement(db: Database, sql: string): Statement {
  const known = statements.get(db) ?? new Map<string, Statement>()
  statements.set(db, known)
  const prepared = known.get(sql) ?? db.prepare(sql)
  known.set(sql, prepared)
  return prepared
}
