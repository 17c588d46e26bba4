import type { Database } from 'better-sqlite3'
import type { Folder, FolderId } from '../../../contract/domain.ts'
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

export function setFolderState(db: Database, id: FolderId, state: Folder['state']): void {
  statement(db, 'UPDATE folder SET state = ? WHERE id = ?').run(state, id)
}

/** Forgets a root, its files, and the photos that have no other file. */
export function deleteFolder(db: Database, id: FolderId): void {
  db.transaction(() => {
    db.exec('CREATE TEMP TABLE IF NOT EXISTS leaving (photo_id INTEGER PRIMARY KEY)')
    db.prepare('DELETE FROM temp.leaving').run()
    db.prepare(
      'INSERT INTO temp.leaving SELECT DISTINCT photo_id FROM file WHERE folder_id = ?',
    ).run(id)
    db.prepare('DELETE FROM folder WHERE id = ?').run(id)
    db.prepare(
      `DELETE FROM photo WHERE id IN (SELECT photo_id FROM temp.leaving)
         AND NOT EXISTS (SELECT 1 FROM file WHERE file.photo_id = photo.id)`,
    ).run()
    db.prepare('DELETE FROM temp.leaving').run()
  }).immediate()
}
