/** What is asked of the library to tell whether a disk is the one that it knows. */
import type { Database } from 'better-sqlite3'
import type { FolderId } from '../../../contract/domain.ts'
import { below } from './places.ts'
import { statement } from './statement.ts'

/** Whether any file in `directory` or below is thought to be there. */
export function holdsFiles(db: Database, folder: FolderId, directory: string): boolean {
  const file = statement(
    db,
    `SELECT 1 FROM file WHERE ${below(directory)} AND state <> 'missing' LIMIT 1`,
  ).get({ folder, directory })
  return file !== undefined
}

export interface KnownFile {
  name: string
  /** Bytes. */
  size: number
  /** Milliseconds. */
  modifiedMs: number
}

interface PlacedFile extends KnownFile {
  directory: string
}

/**
 * Files in `directory` and below that are thought to be there: so many of each, and of so many
 * directories at most, the first by name.
 */
export function someFiles(
  db: Database,
  folder: FolderId,
  directory: string,
  most: { directories: number; files: number },
): PlacedFile[] {
  const files = statement(
    db,
    `SELECT directory, name, size, modified_ms AS modifiedMs FROM file
     WHERE folder_id = ? AND directory = ? AND state <> 'missing' LIMIT ?`,
  )
  // A seek for each: DISTINCT would read all rows of all of them.
  const next = statement(
    db,
    `SELECT directory FROM file WHERE folder_id = ? AND directory > ? AND state <> 'missing'
     ORDER BY directory LIMIT 1`,
  ).pluck()
  const start = directory === '' ? '' : `${directory}/`
  const found: PlacedFile[] = []
  let last: string | undefined = directory
  for (let count = 0; last !== undefined && count < most.directories; count++) {
    found.push(...(files.all(folder, last, most.files) as PlacedFile[]))
    const after = next.get(folder, last === directory ? start : last) as string | undefined
    last = after?.startsWith(start) ? after : undefined
  }
  return found
}

/** Whether a file of this name, size and time is known in `directory` or below. */
export function knowsFile(
  db: Database,
  folder: FolderId,
  directory: string,
  file: KnownFile,
): boolean {
  // With the plus SQLite takes the index by size, not the one by folder.
  const directories = statement(
    db,
    `SELECT directory FROM file
     WHERE size = ? AND name = ? AND modified_ms = ? AND +folder_id = ?`,
  )
    .pluck()
    .all(file.size, file.name, file.modifiedMs, folder) as string[]
  return directories.some(
    (each) => directory === '' || each === directory || each.startsWith(`${directory}/`),
  )
}
