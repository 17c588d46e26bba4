import type { Database } from 'better-sqlite3'
import type { Folder, FolderId } from '../../../contract/domain.ts'
import { PATH } from './files.ts'
import { writeSetting } from './settings.ts'
import { statement } from './statement.ts'

export function listFolders(db: Database): Folder[] {
  return statement(
    db,
    `SELECT id, path, state,
       (SELECT count(DISTINCT photo_id) FROM file
        WHERE folder_id = folder.id AND state = 'present') AS photos
     FROM folder ORDER BY path`,
  ).all() as Folder[]
}

export interface FolderRow {
  id: FolderId
  path: string
  state: Folder['state']
}

export function folderRows(db: Database): FolderRow[] {
  return statement(db, 'SELECT id, path, state FROM folder ORDER BY id').all() as FolderRow[]
}

export function insertFolder(db: Database, path: string, now: number): FolderId {
  const { lastInsertRowid } = statement(
    db,
    'INSERT INTO folder (path, added_at) VALUES (?, ?)',
  ).run(path, now)
  return Number(lastInsertRowid) as FolderId
}

/** Returns whether that is news. */
export function setFolderState(db: Database, id: FolderId, state: Folder['state']): boolean {
  const set = statement(db, 'UPDATE folder SET state = @state WHERE id = @id AND state <> @state')
  return set.run({ id, state }).changes > 0
}

/**
 * Forgets a root, its files, and the photos that have no other file; but not those of which something
 * was said, or of which a step of undo may say something again: they wait for the root to be added
 * again.
 */
export function deleteFolder(db: Database, id: FolderId): void {
  db.transaction(() => {
    db.exec(
      'CREATE TEMP TABLE IF NOT EXISTS leaving (photo_id INTEGER PRIMARY KEY, path TEXT, size INTEGER)',
    )
    db.prepare('DELETE FROM temp.leaving').run()
    db.prepare(
      `INSERT OR IGNORE INTO temp.leaving
       SELECT photo_id, ${PATH}, size FROM file JOIN folder ON folder.id = folder_id
       WHERE folder_id = ?`,
    ).run(id)
    db.prepare('DELETE FROM folder WHERE id = ?').run(id)
    db.prepare(
      `DELETE FROM temp.leaving
       WHERE EXISTS (SELECT 1 FROM file WHERE file.photo_id = leaving.photo_id)`,
    ).run()
    db.prepare(
      `DELETE FROM photo WHERE id IN (SELECT photo_id FROM temp.leaving)
         AND NOT EXISTS (SELECT 1 FROM decision WHERE photo_id = photo.id)
         AND NOT EXISTS (SELECT 1 FROM album_photo WHERE photo_id = photo.id)
         AND NOT EXISTS (SELECT 1 FROM rating WHERE photo_id = photo.id)
         AND id NOT IN (SELECT coalesce(after, before) ->> 'photo_id' FROM undo_row
           WHERE changed IN ('decision', 'album_photo', 'rating'))`,
    ).run()
    db.prepare(
      `UPDATE photo SET last_path = leaving.path, last_size = leaving.size FROM temp.leaving
       WHERE photo.id = leaving.photo_id`,
    ).run()
    db.prepare('DELETE FROM temp.leaving').run()
    // Its number may be another root's next.
    writeSetting(db, `root:${id}`, null)
    writeSetting(db, `mounts:${id}`, null)
    writeSetting(db, `births:${id}`, null)
  }).immediate()
}
