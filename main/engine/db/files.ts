import { normalize, sep } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { FolderId, PhotoFile, PhotoId } from '../../../contract/domain.ts'
import { insertPhoto } from './photos.ts'
import { statement } from './statement.ts'

declare const fileId: unique symbol
export type FileId = number & { readonly [fileId]: true }

export type FileState = PhotoFile['state'] | 'ignored'

/** Of a file as it lies on the disk. */
export interface FileStamp {
  /** Bytes. */
  size: number
  /** Milliseconds. */
  modifiedMs: number
  inode: number
  /** Milliseconds; when anything of it was changed, its name and permissions included. */
  changedMs: number
}

export interface FileRow {
  id: FileId
  name: string
  size: number
  modifiedMs: number
  /** `null` for a file that was not seen since they are kept. */
  inode: number | null
  changedMs: number | null
  state: FileState
}

export function filesInDirectory(db: Database, folder: FolderId, directory: string): FileRow[] {
  return statement(
    db,
    `SELECT id, name, size, modified_ms AS modifiedMs, inode, changed_ms AS changedMs, state
     FROM file WHERE folder_id = ? AND directory = ?`,
  ).all(folder, directory) as FileRow[]
}

export interface NewFile extends FileStamp {
  folderId: FolderId
  directory: string
  name: string
}

/**
 * A file seen for the first time, with a photo of its own until its bytes say otherwise. `copyOf`: a
 * file that lies elsewhere with the same size, unchanged.
 */
export function insertFile(db: Database, file: NewFile, copyOf: FileId | null): void {
  const photoId = unreadPhotoAt(db, file) ?? insertPhoto(db, file.modifiedMs)
  statement(
    db,
    `INSERT INTO file (folder_id, photo_id, directory, name, size, modified_ms, inode, changed_ms,
       copy_of)
     VALUES (@folderId, @photoId, @directory, @name, @size, @modifiedMs, @inode, @changedMs,
       @copyOf)`,
  ).run({ ...file, photoId, copyOf })
}

/**
 * The photo of a file that lay here in a root that was removed, and was never read: only its place can
 * tell it. `null` for none.
 */
function unreadPhotoAt(db: Database, { folderId, directory, name }: NewFile): PhotoId | null {
  const id = statement(
    db,
    // Left to itself, SQLite goes through all that were not read yet.
    `SELECT photo.id FROM folder JOIN photo INDEXED BY photo_unread_by_path
       ON last_path = ${FOLDER_PATH} || @place
     WHERE folder.id = @folderId AND last_path IS NOT NULL AND content_hash IS NULL
       AND NOT EXISTS (SELECT 1 FROM file WHERE photo_id = photo.id) LIMIT 1`,
  )
    .pluck()
    .get({ folderId, place: directory === '' ? name : `${directory}/${name}` })
  return (id as PhotoId | undefined) ?? null
}

/** Files within reach that had this size when they were seen last, the first few. */
export function filesOfSize(
  db: Database,
  size: number,
): { id: FileId; path: string; modifiedMs: number }[] {
  const rows = statement(
    db,
    `SELECT file.id, ${PATH} AS path, modified_ms AS modifiedMs
     FROM file JOIN folder ON folder.id = folder_id
     WHERE size = ? AND file.state = 'present' AND folder.state = 'online' LIMIT 4`,
  ).all(size) as { id: FileId; path: string; modifiedMs: number }[]
  return rows.map(native)
}

/**
 * A file whose bytes may have changed: it stays with its photo until they are read again. Returns
 * whether it is in the library still.
 */
export function markChanged(db: Database, id: FileId, stamp: FileStamp): boolean {
  const changed = statement(
    db,
    `UPDATE file SET size = @size, modified_ms = @modifiedMs, inode = @inode,
       changed_ms = @changedMs, state = 'present',
       returned = max(returned, state = 'missing' AND abs(unixepoch() - coalesce(missing_at, 0)) > @writing),
       reading = 'pending', code = NULL, reason = NULL, attempts = 0
     WHERE id = @id`,
  )
  return changed.run({ id, ...stamp, writing: LONGEST_WRITING_S }).changes > 0
}

/** Seconds. Programs that delete what they write anew take no longer. */
const LONGEST_WRITING_S = 60

/** Another name, or other permissions: its bytes are as they were. */
export function setStamp(db: Database, id: FileId, { inode, changedMs }: FileStamp): void {
  statement(db, 'UPDATE file SET inode = ?, changed_ms = ? WHERE id = ?').run(inode, changedMs, id)
}

/** Returns whether the file is in the library still. */
export function setFileState(db: Database, id: FileId, state: FileState): boolean {
  return statement(db, 'UPDATE file SET state = ? WHERE id = ?').run(state, id).changes > 0
}

interface LocatedFile {
  path: string
  size: number
  modifiedMs: number
  state: PhotoFile['state']
  contentHash: Buffer | null
}

/** A name may end with a backslash where that is no separator. */
const SEPARATORS = sep === '\\' ? '/\\' : '/'

/** Absolute path of a folder, with a slash behind it. */
export const FOLDER_PATH = `rtrim(folder.path, '${SEPARATORS}') || '/'`

/** Absolute path of a file, in a select that joins its folder; `native` makes it the system's. */
export const PATH = `${FOLDER_PATH} ||
  CASE directory WHEN '' THEN '' ELSE directory || '/' END || name`

/** Files of a photo, those that are present and reachable first. */
export function filesOfPhoto(db: Database, photo: PhotoId): LocatedFile[] {
  const rows = statement(
    db,
    `SELECT ${PATH} AS path, size, modified_ms AS modifiedMs, content_hash AS contentHash,
       CASE file.state WHEN 'present' THEN 'present' ELSE 'missing' END AS state
     FROM file JOIN folder ON folder.id = file.folder_id
     WHERE photo_id = ?
     ORDER BY file.state <> 'present', folder.state = 'offline', file.id`,
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

export const READABLE_COLUMNS = `file.id, ${PATH} AS path, size, modified_ms AS modifiedMs,
  folder_id AS folderId, folder.path AS root`

/** Of a photo's files, the one that describes it first, then those that are turned as that is. */
export const AS_DESCRIBED =
  'file.content_hash IS NOT photo.content_hash, file.orientation IS NOT photo.orientation, file.id'

/**
 * A file of the photo that should be readable: one that was read before and shows what its thumbnail
 * shows, else any; `null` for none.
 */
export function readableFile(db: Database, photo: PhotoId): ReadableFile | null {
  const row = statement(
    db,
    `SELECT ${READABLE_COLUMNS}
     FROM file JOIN folder ON folder.id = file.folder_id JOIN photo ON photo.id = photo_id
     WHERE photo_id = ? AND file.state = 'present' AND folder.state = 'online'
     ORDER BY file.reading <> 'done', ${AS_DESCRIBED} LIMIT 1`,
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
