/** Which file is which photo: files come to photos, leave them, and photos turn out to be one. */
import type { Database } from 'better-sqlite3'
import type { PhotoId } from '../../../contract/domain.ts'
import { type FileId, native, PATH } from './files.ts'
import { statement } from './statement.ts'

export interface FileNow {
  photoId: PhotoId
  path: string
  size: number
  modifiedMs: number
  contentHash: Buffer | null
  /** The file that lay elsewhere with the same size, unchanged, when this one was found. */
  copyOf: FileId | null
  /** It was gone for a while: something else may have its name now. */
  returned: 0 | 1
}

/** `null` for a file that is not in the library any more. */
export function fileNow(db: Database, id: FileId): FileNow | null {
  const row = statement(
    db,
    `SELECT photo_id AS photoId, ${PATH} AS path, size, modified_ms AS modifiedMs,
       content_hash AS contentHash, copy_of AS copyOf, returned
     FROM file JOIN folder ON folder.id = folder_id WHERE file.id = ?`,
  ).get(id) as FileNow | undefined
  return row ? native(row) : null
}

/** The file is the photo from now on. `newcomer`: it came to one that was known already. */
export function joinPhoto(
  db: Database,
  file: FileId,
  photo: PhotoId,
  { newcomer }: { newcomer: boolean },
): void {
  statement(db, 'UPDATE file SET photo_id = ?, newcomer = ? WHERE id = ?').run(
    photo,
    newcomer ? 1 : 0,
    file,
  )
}

/** What was said of a photo, by table, each with what else identifies a row. */
export const KNOWLEDGE = ['decision', 'album_photo', 'rating'] as const

const OF_PHOTO: Record<(typeof KNOWLEDGE)[number], string> = {
  decision: 'tag_id, verdict, source, decided_at',
  album_photo: 'album_id, added_at',
  rating: 'stars, rated_at',
}

/** Where something was said of both photos, what was said last. */
const NEWEST: Record<(typeof KNOWLEDGE)[number], string> = {
  decision: `(photo_id, tag_id) DO UPDATE SET verdict = excluded.verdict, source = excluded.source,
    decided_at = excluded.decided_at, inherited_from = excluded.inherited_from
    WHERE excluded.decided_at >= decided_at`,
  album_photo: 'DO NOTHING',
  rating: `(photo_id) DO UPDATE SET stars = excluded.stars, rated_at = excluded.rated_at,
    inherited_from = excluded.inherited_from WHERE excluded.rated_at >= rated_at`,
}

/** Whether anything was said of a photo that must not be lost. */
export function isKnown(db: Database, photo: PhotoId): boolean {
  return KNOWLEDGE.some(
    (table) => statement(db, `SELECT 1 FROM ${table} WHERE photo_id = ?`).get(photo) !== undefined,
  )
}

/** Adds to a photo what was said of another. `inherited`: undo of what was said of that reaches it. */
export function copyKnowledge(
  db: Database,
  from: PhotoId,
  into: PhotoId,
  { inherited }: { inherited: boolean },
): void {
  for (const table of KNOWLEDGE) {
    statement(
      db,
      `INSERT INTO ${table} (photo_id, ${OF_PHOTO[table]}, inherited_from)
       SELECT @into, ${OF_PHOTO[table]}, @source FROM ${table} WHERE photo_id = @from
       ON CONFLICT ${NEWEST[table]}`,
    ).run({ from, into, source: inherited ? from : null })
  }
}

export function deleteKnowledge(db: Database, photo: PhotoId): void {
  for (const table of KNOWLEDGE) {
    statement(db, `DELETE FROM ${table} WHERE photo_id = ?`).run(photo)
  }
}

/** Two photos are one: files and what was said of the first go to the second. */
export function mergePhotos(db: Database, from: PhotoId, into: PhotoId): void {
  statement(db, 'UPDATE file SET photo_id = ? WHERE photo_id = ?').run(into, from)
  copyKnowledge(db, from, into, { inherited: false })
  deleteKnowledge(db, from)
  for (const table of KNOWLEDGE) {
    statement(db, `UPDATE ${table} SET inherited_from = ? WHERE inherited_from = ?`).run(into, from)
  }
  for (const end of ['photo_id', 'from_photo']) {
    statement(db, `UPDATE OR IGNORE inheritance SET ${end} = ? WHERE ${end} = ?`).run(into, from)
  }
  statement(
    db,
    `DELETE FROM inheritance WHERE from_photo = @from
       OR photo_id IN (@from, @into) AND from_photo = photo_id`,
  ).run({ from, into })
  statement(db, 'UPDATE photo_alias SET photo_id = ? WHERE photo_id = ?').run(into, from)
  statement(db, 'INSERT OR REPLACE INTO photo_alias (former_id, photo_id) VALUES (?, ?)').run(
    from,
    into,
  )
  statement(db, 'DELETE FROM photo WHERE id = ?').run(from)
}

/** The photo that a photo is now: itself, or the one that it turned out to be; `null` when it is gone. */
export function photoNow(db: Database, id: PhotoId): PhotoId | null {
  const now = statement(
    db,
    `SELECT id FROM photo WHERE id = coalesce(
       (SELECT photo_id FROM photo_alias WHERE former_id = @id), @id)`,
  )
    .pluck()
    .get({ id })
  return (now as PhotoId | undefined) ?? null
}

/**
 * A file is no longer this photo. One without files and of which nothing was said goes, unless edits
 * made others of it or it of others: it may turn up elsewhere.
 */
export function leavePhoto(db: Database, photo: PhotoId, file: FileId): void {
  if (hasFile(db, photo)) return
  const hasLine = statement(
    db,
    'SELECT 1 FROM inheritance WHERE from_photo = @photo OR photo_id = @photo',
  ).get({ photo })
  if (isKnown(db, photo) || hasLine !== undefined) rememberPath(db, photo, file)
  else statement(db, 'DELETE FROM photo WHERE id = ?').run(photo)
}

export const hasFile = (db: Database, photo: PhotoId): boolean =>
  statement(db, 'SELECT 1 FROM file WHERE photo_id = ?').get(photo) !== undefined

/** A photo without files that was read, and whose last one lay where a file lies; `null` for none. */
export function strayAt(db: Database, file: FileId): PhotoId | null {
  const id = statement(
    db,
    `SELECT id FROM photo
     WHERE last_path = (SELECT ${PATH} FROM file JOIN folder ON folder.id = folder_id
         WHERE file.id = ?)
       AND content_hash IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM file WHERE photo_id = photo.id)
     ORDER BY id DESC LIMIT 1`,
  )
    .pluck()
    .get(file)
  return (id as PhotoId | undefined) ?? null
}

function rememberPath(db: Database, photo: PhotoId, file: FileId): void {
  statement(
    db,
    `UPDATE photo SET last_path = (SELECT ${PATH} FROM file JOIN folder ON folder.id = folder_id
       WHERE file.id = ?)
     WHERE id = ?`,
  ).run(file, photo)
}
