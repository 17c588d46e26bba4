/** Photos that an edit of pixels in place has made: what was said of the photo before is said of them. */
import type { Database } from 'better-sqlite3'
import type { PhotoId } from '../../../contract/domain.ts'
import type { FileId } from './files.ts'
import {
  copyKnowledge,
  deleteKnowledge,
  hasFile,
  isKnown,
  KNOWLEDGE,
  mergePhotos,
} from './identity.ts'
import { statement } from './statement.ts'

/** Columns beyond the photo that tell rows of knowledge apart. */
const KEYS = { decision: 'tag_id', album_photo: 'album_id', rating: '1' } as const

const LAST_STEP = '(SELECT coalesce(max(id), 0) FROM undo_step)'

/**
 * The pixels of a file were changed: what was said of its former photo is said of the new one, unless
 * the former has turned up elsewhere, which means that this is another picture under its name.
 */
export function inherit(db: Database, heir: PhotoId, from: PhotoId): void {
  const elsewhere = statement(db, 'SELECT 1 FROM file WHERE photo_id = ? AND newcomer = 1').get(
    from,
  )
  if (elsewhere !== undefined) return
  copyKnowledge(db, from, heir, { inherited: true })
  statement(
    db,
    `INSERT INTO inheritance (photo_id, from_photo, last_step) VALUES (?, ?, ${LAST_STEP})`,
  ).run(heir, from)
}

/**
 * An edit was taken back, or made again: the photo that the file is now gets what was said of it
 * meanwhile, unless the other turns up elsewhere.
 */
export function takeBack(db: Database, heir: PhotoId, from: PhotoId): void {
  statement(
    db,
    `INSERT INTO inheritance (photo_id, from_photo, taken_back) VALUES (?, ?, 1)
     ON CONFLICT DO UPDATE SET taken_back = 1`,
  ).run(heir, from)
}

/** Whether one of two photos was made of the other, by any number of edits. */
export const areOfOneLine = (db: Database, one: PhotoId, other: PhotoId): boolean =>
  descends(db, one, other) || descends(db, other, one)

function descends(db: Database, photo: PhotoId, from: PhotoId): boolean {
  const found = statement(
    db,
    `WITH RECURSIVE heir (id) AS (
       SELECT photo_id FROM inheritance WHERE from_photo = @from
       UNION SELECT photo_id FROM inheritance JOIN heir ON from_photo = heir.id)
     SELECT 1 FROM heir WHERE id = @photo`,
  ).get({ photo, from })
  return found !== undefined
}

/** Whether a file is the photo, or what an edit has made of it. */
export function isOfLine(db: Database, file: FileId, photo: PhotoId): boolean {
  const now = statement(db, 'SELECT photo_id FROM file WHERE id = ?').pluck().get(file) as
    | PhotoId
    | undefined
  return now !== undefined && (now === photo || descends(db, now, photo))
}

/** Photos that an edit has made of a photo since a step of undo. */
export const heirsSince = (db: Database, photo: PhotoId, step: number): PhotoId[] =>
  statement(db, 'SELECT photo_id FROM inheritance WHERE from_photo = ? AND last_step >= ?')
    .pluck()
    .all(photo, step) as PhotoId[]

/** A photo turned up elsewhere: what others have inherited from it meanwhile is not theirs. */
export function revokeInheritance(db: Database, from: PhotoId): void {
  const heirs = statement(
    db,
    'SELECT photo_id FROM inheritance WHERE from_photo = ? AND settled = 0',
  )
    .pluck()
    .all(from) as PhotoId[]
  for (const heir of heirs) {
    for (const table of KNOWLEDGE) takeFrom(db, table, { heir, from })
  }
  statement(db, 'DELETE FROM inheritance WHERE from_photo = ? AND settled = 0').run(from)
}

/** Also from those that have inherited it from the heir. */
function takeFrom(
  db: Database,
  table: (typeof KNOWLEDGE)[number],
  { heir, from }: { heir: PhotoId; from: PhotoId },
): void {
  statement(
    db,
    `DELETE FROM ${table} WHERE inherited_from = @heir AND ${KEYS[table]} IN
       (SELECT ${KEYS[table]} FROM ${table} WHERE photo_id = @heir AND inherited_from = @from)`,
  ).run({ heir, from })
  statement(db, `DELETE FROM ${table} WHERE photo_id = ? AND inherited_from = ?`).run(heir, from)
}

/** Everything was looked at: what turns up from now on turns up later, and changes nothing. */
export function settleInheritances(db: Database): void {
  db.transaction(() => {
    const rows = statement(
      db,
      `SELECT photo_id AS heir, from_photo AS source, taken_back AS takenBack
       FROM inheritance WHERE settled = 0 OR taken_back = 1`,
    ).all() as { heir: PhotoId; source: PhotoId; takenBack: 0 | 1 }[]
    for (const { heir, source, takenBack } of rows) {
      if (takenBack) passOn(db, source, heir)
      // Nothing is left of it but steps that may say something of it again.
      const isLeft = statement(db, 'SELECT 1 FROM photo WHERE id = ?').get(source) !== undefined
      if (isLeft && !hasFile(db, source) && !isKnown(db, source)) mergePhotos(db, source, heir)
    }
    statement(
      db,
      `UPDATE inheritance SET settled = 1, taken_back = 0 WHERE settled = 0 OR taken_back = 1`,
    ).run()
    statement(db, 'UPDATE file SET newcomer = 0 WHERE newcomer = 1').run()
  }).immediate()
}

/** What was said of a file while an edit lasted, unless what it was then lies elsewhere now. */
function passOn(db: Database, from: PhotoId, into: PhotoId): void {
  const row = { from, into }
  const same = 'photo_id = @into AND from_photo = @from'
  if (countPlaces(db, from) > 0) {
    statement(db, `DELETE FROM inheritance WHERE ${same} AND settled = 0`).run(row)
    return
  }
  // With more files, it is more than what this file was.
  if (countPlaces(db, into) === 1) deleteKnowledge(db, into)
  copyKnowledge(db, from, into, { inherited: true })
  statement(db, `UPDATE inheritance SET last_step = ${LAST_STEP} WHERE ${same}`).run(row)
}

/** Files of a photo that are not missing. */
const countPlaces = (db: Database, photo: PhotoId): number =>
  statement(db, `SELECT count(*) FROM file WHERE photo_id = ? AND state <> 'missing'`)
    .pluck()
    .get(photo) as number
