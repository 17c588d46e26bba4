/** The queue: what is still to be done for which photo. */
import type { Database } from 'better-sqlite3'
import type { PhotoId, QuarantinedPhoto } from '../../../contract/domain.ts'
import { native, PATH } from './files.ts'
import { statement } from './statement.ts'

export interface PendingPhoto {
  photoId: PhotoId
  /** A classify task waits, whether or not a read task does. */
  classify: boolean
}

const WITHIN_REACH = `EXISTS (SELECT 1 FROM file JOIN folder ON folder.id = file.folder_id
  WHERE file.photo_id = photo.id AND file.state = 'present' AND folder.state = 'online')`

/** Photos with unfinished work and a file within reach, by id, after `after`. `classifying`: a model is there. */
export function pendingPhotos(
  db: Database,
  { after, limit, classifying }: { after: number; limit: number; classifying: boolean },
): PendingPhoto[] {
  const rows = statement(
    db,
    `SELECT photo_id AS photoId, max(kind = 'classify') AS classify
     FROM task JOIN photo ON photo.id = photo_id AND visible = 1
     WHERE task.state = 'pending' AND photo_id > ? AND (? OR kind = 'read')
       AND ${WITHIN_REACH}
     GROUP BY photo_id ORDER BY photo_id LIMIT ?`,
  ).all(after, classifying ? 1 : 0, limit) as { photoId: PhotoId; classify: number }[]
  return rows.map(({ photoId, classify }) => ({ photoId, classify: classify === 1 }))
}

/** How many `pendingPhotos` there are in all. */
export function countPending(db: Database, classifying: boolean): number {
  return statement(
    db,
    `SELECT count(DISTINCT photo_id) FROM task JOIN photo ON photo.id = photo_id AND visible = 1
     WHERE task.state = 'pending' AND (? OR kind = 'read') AND ${WITHIN_REACH}`,
  )
    .pluck()
    .get(classifying ? 1 : 0) as number
}

/** Photos that nobody has finished looking at, those that were cancelled included. */
export function countUnfinished(db: Database, classifying: boolean): number {
  return statement(
    db,
    `SELECT count(DISTINCT photo_id) FROM task JOIN photo ON photo.id = photo_id AND visible = 1
     WHERE state IN ('pending', 'cancelled') AND (? OR kind = 'read')`,
  )
    .pluck()
    .get(classifying ? 1 : 0) as number
}

export function finishReading(db: Database, photo: PhotoId): void {
  statement(db, `UPDATE task SET ${DONE} WHERE photo_id = ? AND kind = 'read'`).run(photo)
}

/** `version`: sha256 of the model that classified. */
export function finishClassifying(db: Database, photo: PhotoId, version: string): void {
  statement(
    db,
    `UPDATE task SET ${DONE}, version = ? WHERE photo_id = ? AND kind = 'classify'`,
  ).run(version, photo)
}

const DONE = `state = 'done', code = NULL, reason = NULL`

/** Sets a photo's unfinished work aside, with the reason, until somebody asks for another try. */
export function quarantinePhoto(db: Database, photo: PhotoId, code: string, reason: string): void {
  statement(
    db,
    `UPDATE task SET state = 'quarantined', attempts = attempts + 1, code = ?, reason = ?
     WHERE photo_id = ? AND state <> 'done'`,
  ).run(code, reason, photo)
}

export function retryQuarantined(db: Database, photos: PhotoId[] | null): void {
  if (photos === null) {
    statement(db, `UPDATE task SET state = 'pending' WHERE state = 'quarantined'`).run()
    return
  }
  const retry = statement(
    db,
    `UPDATE task SET state = 'pending' WHERE photo_id = ? AND state = 'quarantined'`,
  )
  db.transaction(() => {
    for (const photo of photos) retry.run(photo)
  })()
}

export function cancelPending(db: Database): void {
  statement(db, `UPDATE task SET state = 'cancelled' WHERE state = 'pending'`).run()
}

export function restoreCancelled(db: Database): void {
  statement(db, `UPDATE task SET state = 'pending' WHERE state = 'cancelled'`).run()
}

/** Asks for predictions of a model, `version` its sha256, wherever the ledger holds none of it. */
export function requestClassification(db: Database, modelId: number, version: string): void {
  statement(
    db,
    `UPDATE task SET version = @version, state = CASE
       WHEN EXISTS (SELECT 1 FROM prediction
         WHERE photo_id = task.photo_id AND model_id = @modelId) THEN 'done'
       WHEN state = 'done' THEN 'pending'
       ELSE state END
     WHERE kind = 'classify' AND version <> @version`,
  ).run({ modelId, version })
}

export function countQuarantined(db: Database): number {
  return statement(
    db,
    `SELECT count(DISTINCT photo_id) FROM task JOIN photo ON photo.id = photo_id AND visible = 1
     WHERE state = 'quarantined'`,
  )
    .pluck()
    .get() as number
}

export function listQuarantined(db: Database, offset: number, limit: number): QuarantinedPhoto[] {
  const rows = statement(
    db,
    `SELECT task.photo_id AS id, max(code) AS code, max(reason) AS reason,
       (SELECT ${PATH}
        FROM file JOIN folder ON folder.id = file.folder_id
        WHERE file.photo_id = task.photo_id AND file.state = 'present' LIMIT 1) AS path
     FROM task JOIN photo ON photo.id = task.photo_id AND visible = 1
     WHERE task.state = 'quarantined'
     GROUP BY task.photo_id ORDER BY task.photo_id LIMIT ? OFFSET ?`,
  ).all(limit, offset) as QuarantinedPhoto[]
  return rows.map(native)
}
