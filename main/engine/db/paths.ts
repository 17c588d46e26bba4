import { rmSync } from 'node:fs'
import { join } from 'node:path'

export const libraryFile = (directory: string) => join(directory, 'library.sqlite')

/** What SQLite may have beside a database: the log, its index, and the journal of another mode. */
const JOURNALS = ['-wal', '-shm', '-journal'] as const

export const journalsOf = (file: string): string[] => JOURNALS.map((ending) => file + ending)

/** Deletes a database that nobody has open. */
export function removeDatabase(file: string): void {
  for (const each of [file, ...journalsOf(file)]) rmSync(each, { force: true })
}
