/** Where files lie: directories and files come, go, move and get other names. */
import type { Database } from 'better-sqlite3'
import type { FolderId, PhotoId } from '../../../contract/domain.ts'
import { type FileId, native, PATH, setFileState } from './files.ts'
import { fileNow, isKnown } from './identity.ts'
import { statement } from './statement.ts'

/** `@directory` and what lies below it, as a range of the index: '0' is the character behind '/'. */
export const below = (directory: string) =>
  directory === ''
    ? 'folder_id = @folder AND directory >= @directory'
    : `folder_id = @folder AND directory >= @directory AND directory < @directory || '0'
       AND (directory = @directory OR directory > @directory || '/')`

/** Directories, `directory` and those below it, that hold files thought to be there. */
export function directoriesBelow(db: Database, folder: FolderId, directory: string): string[] {
  return statement(
    db,
    `SELECT DISTINCT directory FROM file WHERE ${below(directory)} AND state <> 'missing'`,
  )
    .pluck()
    .all({ folder, directory }) as string[]
}

/** Names of the directories in `directory` that hold files of the library, themselves or below. */
export function childDirectories(db: Database, folder: FolderId, directory: string): Set<string> {
  const next = statement(
    db,
    'SELECT min(directory) FROM file WHERE folder_id = ? AND directory > ?',
  ).pluck()
  const start = directory === '' ? '' : `${directory}/`
  const names = new Set<string>()
  for (let after = start; ; ) {
    const found = next.get(folder, after) as string | null
    if (!found?.startsWith(start)) return names
    const [name = '', ...deeper] = found.slice(start.length).split('/')
    names.add(name)
    after = deeper.length === 0 ? found : `${start}${name}0`
  }
}

/** A rule leaves out what lies in `directory` and below. Returns how many files that is news of. */
export function ignoreBelow(db: Database, folder: FolderId, directory: string): number {
  return statement(
    db,
    `UPDATE file SET state = 'ignored' WHERE ${below(directory)} AND state = 'present'`,
  ).run({ folder, directory }).changes
}

/** What lay in `directory` is gone, not what lies below. Returns how many files that is news of. */
export function loseDirectory(db: Database, folder: FolderId, directory: string): number {
  const files = statement(
    db,
    `SELECT id FROM file WHERE folder_id = ? AND directory = ? AND state <> 'missing'`,
  )
    .pluck()
    .all(folder, directory) as FileId[]
  db.transaction(() => {
    for (const file of files) loseFile(db, file)
  }).immediate()
  return files.length
}

/** A file is gone. One that was never read leaves nothing behind, unless something was said of it. */
export function loseFile(db: Database, id: FileId): void {
  const file = fileNow(db, id)
  if (!file || file.contentHash !== null || isKnown(db, file.photoId)) {
    setFileState(db, id, 'missing')
    return
  }
  statement(db, 'DELETE FROM file WHERE id = ?').run(id)
  statement(
    db,
    'DELETE FROM photo WHERE id = ? AND NOT EXISTS (SELECT 1 FROM file WHERE photo_id = photo.id)',
  ).run(file.photoId)
}

/** The same directory under another name, with all below it. */
export function renameDirectory(db: Database, folder: FolderId, from: string, to: string): void {
  // What is known under the new name already, long missing, comes back by itself.
  statement(
    db,
    `UPDATE OR IGNORE file SET directory = @to || substr(directory, length(@directory) + 1)
     WHERE ${below(from)}`,
  ).run({ folder, directory: from, to })
}

interface Location {
  folder: FolderId
  directory: string
  name: string
}

/** Whether a file of the library lies there. */
export function isFileAt(db: Database, id: FileId, { folder, directory, name }: Location): boolean {
  const found = statement(
    db,
    'SELECT 1 FROM file WHERE id = ? AND folder_id = ? AND directory = ? AND name = ?',
  ).get(id, folder, directory, name)
  return found !== undefined
}

/** A file lies elsewhere, or is called otherwise. Nothing of the library may lie there. */
export function moveFile(db: Database, id: FileId, { folder, directory, name }: Location): void {
  statement(
    db,
    `UPDATE file SET folder_id = ?, directory = ?, name = ?, state = 'present' WHERE id = ?`,
  ).run(folder, directory, name, id)
}

export interface Lookalike {
  id: FileId
  photoId: PhotoId
  folderId: FolderId
  root: string
  path: string
}

/**
 * Files within reach that were last seen with this size and time and are called so; one that was never
 * read may be called otherwise, since no bytes tell it.
 */
export function lookalikes(
  db: Database,
  { name, size, modifiedMs }: { name: string; size: number; modifiedMs: number },
): Lookalike[] {
  // With more of them, which one was meant could not be told.
  const rows = statement(
    db,
    `SELECT file.id, photo_id AS photoId, folder_id AS folderId, folder.path AS root, ${PATH} AS path
     FROM file JOIN folder ON folder.id = folder_id
     WHERE size = @size AND modified_ms = @modifiedMs
       AND (name = @name OR content_hash IS NULL)
       AND folder.state = 'online'
     ORDER BY name <> @name LIMIT 16`,
  ).all({ name, size, modifiedMs }) as Lookalike[]
  return rows.map(native)
}
