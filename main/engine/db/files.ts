import { normalize } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { FolderId, PhotoFile, PhotoId } from '../../../contract/domain.ts'
import { statement } from './statement.ts'

declare const fileId: unique symbol
export type FileId = number & { readonly [fileId]: true }

export interface FileRow {
  id: FileId
  photoId: PhotoId
  name: string
  size: number
  modifiedMs: number
  state: PhotoFile['state']
}

export function filesInDirectory(db: Database, folder: FolderId, directory: string): FileRow[] {
  return statement(
    db,
    `SELECT id, photo_id AS photoId, name, size, modified_ms AS modifiedMs, state
     FROM file WHERE folder_id = ? AND directory = ?`,
  ).all(folder, directory) as FileRow[]
}

/** Directories of a folder that hold files thought to be present. */
export function directoriesOf(db: Database, folder: FolderId): string[] {
  return statement(
    db,
    `SELECT DISTINCT directory FROM file WHERE folder_id = ? AND state = 'present'`,
  )
    .pluck()
    .all(folder) as string[]
}

export interface NewFile {
  folderId: FolderId
  directory: string
  name: string
  size: number
  modifiedMs: number
}

/** A file seen for the first time, with a photo of its own until its bytes say otherwise. */
export function insertFile(db: Database, file: NewFile): void {
  const photoId = insertUnreadPhoto(db, file.modifiedMs)
  statement(
    db,
    `INSERT INTO file (folder_id, photo_id, directory, name, size, modified_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
  ).run(file.folderId, photoId, file.directory, file.name, file.size, file.modifiedMs)
}

function insertUnreadPhoto(db: Database, modifiedMs: number): PhotoId {
  const { lastInsertRowid } = statement(db, 'INSERT INTO photo (sorted_at) VALUES (?)').run(
    Math.round(modifiedMs),
  )
  statement(
    db,
    `INSERT INTO task (photo_id, kind, version) VALUES (@id, 'read', '1'), (@id, 'classify', '')`,
  ).run({ id: lastInsertRowid })
  return Number(lastInsertRowid) as PhotoId
}

/** A file whose bytes may have changed: its photo is anew what the next look finds. */
export function replaceFile(db: Database, id: FileId, size: number, modifiedMs: number): void {
  const before = statement(db, 'SELECT photo_id FROM file WHERE id = ?').pluck().get(id)
  const photoId = insertUnreadPhoto(db, modifiedMs)
  statement(
    db,
    `UPDATE file SET photo_id = ?, size = ?, modified_ms = ?, state = 'present' WHERE id = ?`,
  ).run(photoId, size, modifiedMs, id)
  // Nobody knows anything of a photo that was never read: without a file there is nothing to keep.
  statement(
    db,
    `DELETE FROM photo WHERE id = ? AND content_hash IS NULL
       AND NOT EXISTS (SELECT 1 FROM file WHERE photo_id = photo.id)`,
  ).run(before)
}

export function setFileState(db: Database, id: FileId, state: PhotoFile['state']): void {
  statement(db, 'UPDATE file SET state = ? WHERE id = ?').run(state, id)
}

export function markDirectoryMissing(db: Database, folder: FolderId, directory: string): number {
  return statement(
    db,
    `UPDATE file SET state = 'missing'
     WHERE folder_id = ? AND directory = ? AND state = 'present'`,
  ).run(folder, directory).changes
}

interface LocatedFile {
  path: string
  size: number
  modifiedMs: number
  state: PhotoFile['state']
}

/** Absolute path of a file, in a select that joins its folder; `native` makes it the system's. */
export const PATH = `rtrim(folder.path, '/\\') || '/' ||
  CASE directory WHEN '' THEN '' ELSE directory || '/' END || name`

/** Files of a photo, those that are present and reachable first. */
export function filesOfPhoto(db: Database, photo: PhotoId): LocatedFile[] {
  const rows = statement(
    db,
    `SELECT ${PATH} AS path, size, modified_ms AS modifiedMs, file.state
     FROM file JOIN folder ON folder.id = file.folder_id
     WHERE photo_id = ?
     ORDER BY file.state = 'missing', folder.state = 'offline', file.id`,
  ).all(photo) as LocatedFile[]
  return rows.map(native)
}

/** With the separators of this system: Windows has its own. */
export const native = <Row extends { path: string }>(row: Row): Row => ({
  ...row,
  path: normalize(row.path),
})

export interface ReadableFile {
  id: FileId
  path: string
  size: number
  modifiedMs: number
  folderId: FolderId
  root: string
}

/** A file of the photo that should be readable; `null` when there is none. */
export function readableFile(db: Database, photo: PhotoId): ReadableFile | null {
  const row = statement(
    db,
    `SELECT file.id, ${PATH} AS path, size, modified_ms AS modifiedMs, folder_id AS folderId,
       folder.path AS root
     FROM file JOIN folder ON folder.id = file.folder_id
     WHERE photo_id = ? AND file.state = 'present' AND folder.state = 'online'
     ORDER BY file.id LIMIT 1`,
  ).get(photo) as ReadableFile | undefined
  return row ? native(row) : null
}

/** The photo whose file lies at a place; `null` when none does. */
export function photoAt(
  db: Database,
  folder: FolderId,
  directory: string,
  name: string,
): PhotoId | null {
  const id = statement(
    db,
    'SELECT photo_id FROM file WHERE folder_id = ? AND directory = ? AND name = ?',
  )
    .pluck()
    .get(folder, directory, name)
  return (id as PhotoId | undefined) ?? null
}

export function countFiles(db: Database): number {
  return statement(db, `SELECT count(*) FROM file WHERE state = 'present'`).pluck().get() as number
}
