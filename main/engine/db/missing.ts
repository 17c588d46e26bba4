/** Photos of which no file is left: they stay, with what was said of them, until a person lets them go. */
import type { Database } from 'better-sqlite3'
import type { MissingPhoto, PhotoId } from '../../../contract/domain.ts'
import { FOLDER_PATH, native, PATH } from './files.ts'
import { KNOWLEDGE } from './identity.ts'
import { statement } from './statement.ts'

const BEHIND_FOLDER = `substr(last_path, length(${FOLDER_PATH}) + 1)`
/** With its slash: what is left when all at the end is taken away that is none. */
const DIRECTORY = `rtrim(${BEHIND_FOLDER}, replace(${BEHIND_FOLDER}, '/', ''))`

const IS_KNOWN = KNOWLEDGE.map(
  (table) => `EXISTS (SELECT 1 FROM ${table} WHERE photo_id = photo.id)`,
).join(' OR ')

/**
 * Of a photo: all of its files are missing in roots that can be reached, or it has none any more and
 * something was said of it. One whose pixels were changed in place is not missing: its file is another
 * photo now. Nor is one, yet, where a file lies that was not read.
 */
const MISSING = `visible = 0
  AND NOT EXISTS (SELECT 1 FROM file JOIN folder ON folder.id = folder_id
    WHERE photo_id = photo.id AND (file.state <> 'missing' OR folder.state = 'offline'))
  AND (EXISTS (SELECT 1 FROM file WHERE photo_id = photo.id)
    OR (${IS_KNOWN})
    AND NOT EXISTS (SELECT 1 FROM inheritance WHERE from_photo = photo.id)
    AND NOT EXISTS (SELECT 1 FROM folder JOIN file ON folder_id = folder.id
      AND directory = rtrim(${DIRECTORY}, '/')
      AND name = substr(${BEHIND_FOLDER}, length(${DIRECTORY}) + 1)
      WHERE substr(last_path, 1, length(${FOLDER_PATH})) = ${FOLDER_PATH}
        AND file.state = 'present' AND file.reading IN ('pending', 'cancelled')))`

export function countMissing(db: Database): number {
  return statement(db, `SELECT count(*) FROM photo WHERE ${MISSING}`).pluck().get() as number
}

export function listMissing(db: Database, offset: number, limit: number): MissingPhoto[] {
  const rows = statement(
    db,
    `SELECT id,
       coalesce((SELECT ${PATH} FROM file JOIN folder ON folder.id = folder_id
         WHERE photo_id = photo.id ORDER BY file.id DESC LIMIT 1), last_path, '') AS path,
       (SELECT lower(hex(substr(photo.content_hash, 1, 8))) FROM cache.thumbnail
         WHERE content_hash = photo.content_hash) AS thumbnail,
       (SELECT count(*) FROM decision WHERE photo_id = photo.id) AS decisions,
       (SELECT count(*) FROM album_photo WHERE photo_id = photo.id) AS albums,
       coalesce((SELECT stars FROM rating WHERE photo_id = photo.id), 0) AS stars
     FROM photo WHERE ${MISSING} ORDER BY id LIMIT ? OFFSET ?`,
  ).all(limit, offset) as MissingPhoto[]
  return rows.map(native)
}

/** Photos that have no file any more, as of a root that was removed, and where the last one lay. */
export function strayPhotos(db: Database): { photoId: PhotoId; path: string | null }[] {
  const rows = statement(
    db,
    `SELECT id AS photoId, last_path AS path FROM photo
     WHERE ${MISSING} AND NOT EXISTS (SELECT 1 FROM file WHERE photo_id = photo.id)`,
  ).all() as { photoId: PhotoId; path: string | null }[]
  return rows.map((row) => (row.path === null ? row : native({ ...row, path: row.path })))
}

/** Where the files of missing photos lay, those in roots of the library. */
export function missingFiles(db: Database): { photoId: PhotoId; path: string }[] {
  const rows = statement(
    db,
    `SELECT photo.id AS photoId, ${PATH} AS path
     FROM photo JOIN file ON photo_id = photo.id JOIN folder ON folder.id = folder_id
     WHERE ${MISSING}`,
  ).all() as { photoId: PhotoId; path: string }[]
  return rows.map(native)
}

/**
 * Forgets missing photos and all that was said of them: those named, `null` for all, but for `kept`.
 * Returns how many. Those that are not missing stay.
 */
export function forgetMissing(
  db: Database,
  photos: readonly PhotoId[] | null,
  kept: ReadonlySet<PhotoId>,
): number {
  return db
    .transaction(() => {
      db.exec('CREATE TEMP TABLE IF NOT EXISTS going (photo_id INTEGER PRIMARY KEY)')
      db.prepare('DELETE FROM temp.going').run()
      const missing = db.prepare(`SELECT id FROM photo WHERE ${MISSING}`).pluck().all() as PhotoId[]
      const named = photos && new Set(photos)
      const go = db.prepare('INSERT INTO temp.going VALUES (?)')
      for (const id of missing) if (!kept.has(id) && (!named || named.has(id))) go.run(id)
      const forgotten = db.prepare('SELECT count(*) FROM temp.going').pluck().get() as number
      const going = 'IN (SELECT photo_id FROM temp.going)'
      // With what they were before edits, of which nothing else is left.
      const before = db.prepare(
        `INSERT OR IGNORE INTO temp.going SELECT from_photo FROM inheritance
         WHERE photo_id ${going}
           AND NOT EXISTS (SELECT 1 FROM file WHERE photo_id = from_photo)
           AND NOT EXISTS (SELECT 1 FROM inheritance AS other
             WHERE other.from_photo = inheritance.from_photo AND other.photo_id NOT ${going})`,
      )
      while (before.run().changes > 0);
      for (const table of ['file', ...KNOWLEDGE, 'photo_alias']) {
        db.prepare(`DELETE FROM ${table} WHERE photo_id ${going}`).run()
      }
      db.prepare(`DELETE FROM inheritance WHERE from_photo ${going}`).run()
      db.prepare(`DELETE FROM photo WHERE id ${going}`).run()
      db.prepare('DELETE FROM temp.going').run()
      return forgotten
    })
    .immediate()
}
