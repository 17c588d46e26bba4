import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import Sqlite, { type Database } from 'better-sqlite3'
import { UserError } from '../../../contract/errors.ts'
import { kindOf, migrationName } from '../backup/names.ts'
import { backupPlace, usualFolder } from '../backup/place.ts'
import { takeScratchCopy } from '../backup/scratch.ts'
import { syncFileNow, syncFolderNow } from '../disk.ts'
import {
  checkCopy,
  copyAtOnce,
  describeCopy,
  type Holdings,
  lookInto,
  requireKnownSchema,
  schemaVersion,
} from './backup.ts'
import { migrations } from './migrations/index.ts'
import { libraryFile, removeDatabase } from './paths.ts'

/** Milliseconds that a process waits for another one to back up the library before a migration. */
const LONGEST_BACKUP_MS = 600_000

/** Brings a library up to date: each migration in one transaction, after a verified backup. */
export function migrate(db: Database, directory: string): void {
  requireKnownSchema(schemaVersion(db), `The library in ${directory}`)
  if (schemaVersion(db) > 0 && schemaVersion(db) < migrations.length) backUp(db, directory)
  // Else dropping a table to make it anew would take along what refers to it
  // (https://www.sqlite.org/lang_altertable.html#otheralter).
  db.pragma('foreign_keys = OFF')
  try {
    for (const [index, migration] of migrations.entries()) {
      if (index < schemaVersion(db)) continue
      db.transaction(() => {
        // Another process may have done it while this one waited for its turn.
        if (schemaVersion(db) > index) return
        migration(db)
        requireKept(db, index + 1)
        db.pragma(`user_version = ${index + 1}`)
      }).immediate()
    }
  } finally {
    db.pragma('foreign_keys = ON')
  }
}

function requireKept(db: Database, version: number): void {
  const [broken] = db.pragma('foreign_key_check') as { table: string; parent: string }[]
  if (broken) {
    throw new Error(`the migration to ${version} lost rows of ${broken.parent} for ${broken.table}`)
  }
}

export const isUpToDate = (db: Database): boolean => schemaVersion(db) === migrations.length

/** Throws UserError for a library that is not up to date, where nothing can be written. */
export function requireMigrated(db: Database, directory: string): void {
  requireKnownSchema(schemaVersion(db), `The library in ${directory}`)
  if (isUpToDate(db)) return
  throw new UserError(
    'library-older',
    `The library in ${directory} was made by an older Albumen and cannot be brought up to date: allow writing there, or make room on its disk.`,
  )
}

/** Copies the library as it is before a migration, and checks the copy as restoring would. */
function backUp(db: Database, directory: string): void {
  const folder = usualFolder(directory)
  mkdirSync(folder, { recursive: true })
  removeAbandoned(folder)
  // Nobody writes until the copy is compared.
  const writer = new Sqlite(libraryFile(directory), { timeout: LONGEST_BACKUP_MS })
  try {
    writer.exec('BEGIN IMMEDIATE')
    const version = schemaVersion(writer)
    if (version === migrations.length) return
    const made = join(folder, migrationName(version + 1, 1))
    const copy = `${made}.${process.pid}.partial`
    const scratch = `${made}.${process.pid}.checking`
    try {
      removeDatabase(copy)
      const holdings = copyAtOnce(db, copy)
      const { photos, said } = holdings
      const library = backupPlace(directory).library ?? ''
      describeCopy(copy, { library, madeAt: Date.now(), photos, said })
      syncFileNow(copy)
      takeScratchCopy(copy, scratch)
      checkCopy(scratch, {
        name: 'The backup before the migration',
        advice: `the library itself may be; look with: albumen doctor --library "${directory}"`,
      })
      renameSync(copy, placeFor(folder, version + 1, holdings))
      syncFolderNow(folder)
    } finally {
      for (const each of [copy, scratch]) removeDatabase(each)
    }
    removeOldBackups(folder)
  } finally {
    writer.close()
  }
}

/** One that was made of other contents stays: of the library as it was before a restore. */
function placeFor(folder: string, schema: number, { photos, said }: Holdings): string {
  for (let count = 1; ; count++) {
    const file = join(folder, migrationName(schema, count))
    if (!existsSync(file)) return file
    const there = heldBy(file)
    if (!there || isDeepStrictEqual([there.photos, there.said], [photos, said])) return file
  }
}

/** `null` for what is no backup. */
function heldBy(file: string): Holdings | null {
  try {
    return lookInto(file)
  } catch (error) {
    if (error instanceof UserError) return null
    throw error
  }
}

/** What processes have left that were ended while they made a backup. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, pid] = /^before-schema-\d+\.sqlite\.(\d+)\.(?:partial|checking)/.exec(name) ?? []
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true })
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process runs, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const BACKUPS_KEPT = 5

function removeOldBackups(folder: string): void {
  const names = readdirSync(folder).filter((name) => kindOf(name) === 'migration')
  const numbers = (name: string) => name.match(/\d+/g)?.map(Number) ?? []
  const [schema, count] = [
    (name: string) => numbers(name)[0] ?? 0,
    (name: string) => numbers(name)[1] ?? 1,
  ]
  names.sort((a, b) => schema(b) - schema(a) || count(b) - count(a))
  for (const name of names.slice(BACKUPS_KEPT)) rmSync(join(folder, name))
}
