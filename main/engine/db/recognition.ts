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
 * Files in `directory` and below that are thought to be there: the first of each of the first
 * directories, by name, so many of them at most.
 */
export function someFiles(
  db: Database,
  folder: FolderId,
  directory: string,
  most: { directories: number; files: number },
): PlacedFile[] {
  const thought = `FROM file WHERE ${below(directory)} AND state <> 'missing'`
  const next = statement(
    db,
    `SELECT directory ${thought} AND (@after IS NULL OR directory > @after)
     ORDER BY directory LIMIT 1`,
  ).pluck()
  const first = statement(
    db,
    `SELECT directory, name, size, modified_ms AS modifiedMs FROM file
     WHERE folder_id = @folder AND directory = @directory AND state <> 'missing' LIMIT @files`,
  )
  const found: PlacedFile[] = []
  for (let count = 0, after: string | null = null; count < most.directories; count++) {
    after = (next.get({ folder, directory, after }) as string | undefined) ?? null
    if (after === null) break
    found.push(...(first.all({ folder, directory: after, files: most.files }) as PlacedFile[]))
  }
  return found
}

/** Whether a file of this name, size and time is known of a folder, wherever in it. */
export function knowsFile(
  db: Database,
  folder: FolderId,
  { name, size, modifiedMs }: KnownFile,
): boolean {
  const file = statement(
    db,
    `SELECT 1 FROM file WHERE size = ? AND name = ? AND modified_ms = ? AND folder_id = ?`,
  ).get(size, name, modifiedMs, folder)
  return file !== undefined
}
