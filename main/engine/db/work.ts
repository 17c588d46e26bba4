/** The queue: files to be read, and photos to be classified. */
import type { Database } from 'better-sqlite3'
import type { PhotoId, QuarantinedPhoto } from '../../../contract/domain.ts'
import { hasFeatures } from './features.ts'
import {
  AS_DESCRIBED,
  type FileId,
  native,
  PATH,
  READABLE_COLUMNS,
  type ReadableFile,
} from './files.ts'
import { statement } from './statement.ts'

type Unfinished = 'pending' | 'quarantined' | 'cancelled'

// SQLite takes a partial index only where its condition stands in the query.
const isReading = (state: Unfinished) => `file.reading <> 'done' AND file.reading = '${state}'`
const isClassifying = (state: Unfinished) => `task.state <> 'done' AND task.state = '${state}'`

export interface WorkItem extends ReadableFile {
  photoId: PhotoId
  /**
   * `new`: nothing is known of the file. `changed`: it is another one than was read. `classify`: only
   * predictions are wanted.
   */
  kind: 'new' | 'changed' | 'classify'
  /** Whether a file of the same size was read before, so that it may be a copy or was moved. */
  twin: boolean
  /** Whether the photo that it is, or was, waits for predictions or features. */
  unclassified: boolean
}

type Row = ReadableFile & {
  photoId: PhotoId
  contentHash: Buffer | null
  twin: 0 | 1
  unclassified: 0 | 1
}

/** How far files were taken from the queue: folder by folder. */
export interface FileCursor {
  folder: number
  file: number
}

// SQLite takes the index by folder only where its conditions stand in the query.
const TO_READ = `file.reading = 'pending' AND file.state = 'present' AND file.folder_id = @folder`

const onlineFolders = (db: Database): number[] =>
  statement(db, `SELECT id FROM folder WHERE state = 'online' ORDER BY id`)
    .pluck()
    .all() as number[]

/** Files that are waiting to be read and can be, after `after`. */
export function filesToRead(db: Database, after: FileCursor, limit: number): WorkItem[] {
  const select = statement(
    db,
    `SELECT ${READABLE_COLUMNS}, file.photo_id AS photoId, file.content_hash AS contentHash,
       EXISTS (SELECT 1 FROM file AS other WHERE other.size = file.size AND other.id <> file.id
         AND other.content_hash IS NOT NULL)
       OR EXISTS (SELECT 1 FROM photo WHERE last_size = file.size) AS twin,
       EXISTS (SELECT 1 FROM task WHERE task.photo_id = file.photo_id AND task.state <> 'done')
         AS unclassified
     FROM file JOIN folder ON folder.id = folder_id
     WHERE ${TO_READ} AND file.id > @file
     ORDER BY file.id LIMIT @limit`,
  )
  const rows: Row[] = []
  for (const folder of onlineFolders(db)) {
    if (folder < after.folder) continue
    const file = folder === after.folder ? after.file : 0
    rows.push(...(select.all({ folder, file, limit: limit - rows.length }) as Row[]))
    if (rows.length === limit) break
  }
  return rows.map(({ contentHash, twin, unclassified, ...row }) => ({
    ...native(row),
    kind: contentHash === null ? 'new' : 'changed',
    twin: twin === 1,
    unclassified: unclassified === 1,
  }))
}

/** Of a task: a file of its photo waits to be read, and may be classified by the same look. */
const IS_READ_FIRST = `EXISTS (SELECT 1 FROM file JOIN folder ON folder.id = folder_id
  WHERE file.photo_id = task.photo_id AND ${isReading('pending')} AND file.state = 'present'
    AND folder.state = 'online')`

/** Of a task: the file that a model is to see, which shows the photo as its thumbnail does. */
const CLASSIFIABLE_FILE = `(SELECT file.id FROM photo
  JOIN file ON file.photo_id = photo.id JOIN folder ON folder.id = file.folder_id
  WHERE photo.id = task.photo_id AND file.state = 'present' AND folder.state = 'online'
    AND file.reading = 'done' AND (file.content_hash = photo.content_hash
      OR coalesce(file.orientation = photo.orientation, TRUE))
  ORDER BY ${AS_DESCRIBED} LIMIT 1)`

const TO_CLASSIFY = `task.state = 'pending' AND task.away = 0 AND NOT ${IS_READ_FIRST}`

/** As many tasks are gone through at once, where none can be done. */
const MOST_PASSED = 8192

/**
 * Photos that were read and wait to be classified, after `after`, each with its own file. Those of
 * which none can be reached are set aside until one may be.
 */
export function photosToClassify(db: Database, after: number, limit: number): WorkItem[] {
  const select = statement(
    db,
    `SELECT ${READABLE_COLUMNS}, task.photo_id AS photoId
     FROM task LEFT JOIN file ON file.id = ${CLASSIFIABLE_FILE}
       LEFT JOIN folder ON folder.id = file.folder_id
     WHERE ${TO_CLASSIFY} AND task.photo_id > ?
     ORDER BY task.photo_id LIMIT ?`,
  )
  for (let [from, count] = [after, limit]; ; count = Math.min(2 * count, MOST_PASSED)) {
    const rows = select.all(from, count) as (ReadableFile & { photoId: PhotoId })[]
    const unreachable = rows.filter(({ id }) => id === null)
    setAside(
      db,
      unreachable.map(({ photoId }) => photoId),
    )
    const found = rows.filter(({ id }) => id !== null)
    if (found.length > 0 || rows.length < count) {
      return found.map((row) => ({
        ...native(row),
        ...{ kind: 'classify', twin: false, unclassified: true },
      }))
    }
    from = rows.at(-1)?.photoId ?? from
  }
}

function setAside(db: Database, photos: readonly PhotoId[]): void {
  if (photos.length === 0) return
  const set = statement(db, `UPDATE task SET away = 1 WHERE photo_id = ?`)
  db.transaction(() => {
    for (const photo of photos) set.run(photo)
  }).immediate()
}

/** How many files and photos that is in all. `classifying`: a model is there. */
export function countWork(db: Database, classifying: boolean): number {
  const files = statement(db, `SELECT count(*) FROM file WHERE ${TO_READ}`).pluck()
  const counts = onlineFolders(db).map((folder) => files.get({ folder }) as number)
  return counts.reduce((sum, each) => sum + each, classifying ? countToClassify(db) : 0)
}

const countToClassify = (db: Database): number =>
  statement(
    db,
    `SELECT count(*) FROM task WHERE ${TO_CLASSIFY} AND ${CLASSIFIABLE_FILE} IS NOT NULL`,
  )
    .pluck()
    .get() as number

/** Photos that nobody has finished looking at, those that were cancelled included; not those set aside. */
export function countUnfinished(db: Database, classifying: boolean): number {
  return statement(
    db,
    `SELECT count(*) FROM (
       SELECT file.photo_id FROM file
         WHERE file.reading <> 'done' AND file.reading IN ('pending', 'cancelled') AND file.state = 'present'
       UNION
       SELECT task.photo_id FROM task JOIN photo ON photo.id = task.photo_id
         WHERE task.state <> 'done' AND task.state IN ('pending', 'cancelled') AND ? AND visible = 1
           AND away = 0 AND content_hash IS NOT NULL)`,
  )
    .pluck()
    .get(classifying ? 1 : 0) as number
}

/**
 * `contentHash`: of the bytes that were read. `orientation`: `null` where they were not decoded, because
 * another file of the photo has the same.
 */
export function finishReading(
  db: Database,
  file: FileId,
  contentHash: Uint8Array,
  orientation: number | null,
): void {
  statement(
    db,
    `UPDATE file SET reading = 'done', code = NULL, reason = NULL, content_hash = @contentHash,
       returned = 0,
       orientation = coalesce(@orientation,
         (SELECT orientation FROM photo WHERE id = photo_id AND content_hash = @contentHash),
         (SELECT twin.orientation FROM file AS twin WHERE twin.photo_id = file.photo_id
            AND twin.content_hash = @contentHash AND twin.orientation IS NOT NULL LIMIT 1))
     WHERE id = @file`,
  ).run({ file, contentHash, orientation })
}

/** `version`: sha256 of the model that classified. */
export function finishClassifying(db: Database, photo: PhotoId, version: string): void {
  statement(db, `UPDATE task SET state = 'done', version = ? WHERE photo_id = ?`).run(
    version,
    photo,
  )
}

/** The photo looks otherwise than when it was classified, by whichever model. */
export function classifyAgain(db: Database, photo: PhotoId): void {
  statement(db, `UPDATE task SET state = 'pending' WHERE photo_id = ?`).run(photo)
  // What the current one said stays until it says something else.
  statement(
    db,
    `DELETE FROM prediction WHERE photo_id = @photo AND model_id NOT IN
       (SELECT model.id FROM task JOIN model ON sha256 = version WHERE photo_id = @photo)`,
  ).run({ photo })
}

/** Whether nothing is left to be done for a photo, or with `classifying`, predictions alone. */
export function isClassified(db: Database, photo: PhotoId): boolean {
  const state = statement(db, 'SELECT state FROM task WHERE photo_id = ?').pluck().get(photo)
  return state === 'done'
}

/** Sets a file aside, with the reason, until somebody asks for another try. */
export function quarantineFile(db: Database, file: FileId, code: string, reason: string): void {
  statement(
    db,
    `UPDATE file SET reading = 'quarantined', attempts = attempts + 1, code = ?, reason = ?
     WHERE id = ?`,
  ).run(code, reason, file)
}

/** Leaves a file in the queue that could not be opened though it is there, but not for ever. */
export function tryAgain(db: Database, file: FileId): void {
  statement(
    db,
    `UPDATE file SET attempts = attempts + 1,
       reading = CASE WHEN attempts + 1 < @most THEN reading ELSE 'quarantined' END,
       code = CASE WHEN attempts + 1 < @most THEN code ELSE 'failed' END,
       reason = CASE WHEN attempts + 1 < @most THEN reason
         ELSE 'The file is there, but it could not be opened.' END
     WHERE id = @file`,
  ).run({ file, most: 3 })
}

/** Tries the set aside files of photos again; `null`: of all. */
export function retryQuarantined(db: Database, photos: readonly PhotoId[] | null): void {
  if (photos === null) {
    statement(db, `UPDATE file SET reading = 'pending' WHERE ${isReading('quarantined')}`).run()
    return
  }
  const retry = statement(
    db,
    `UPDATE file SET reading = 'pending' WHERE photo_id = ? AND ${isReading('quarantined')}`,
  )
  db.transaction(() => {
    for (const photo of photos) retry.run(photo)
  })()
}

/** What lies where a file lay is being written: the next scan puts it back into the queue. */
export function leaveForScan(db: Database, { id, photoId, kind }: WorkItem): void {
  if (kind === 'classify') {
    statement(db, `UPDATE task SET state = 'cancelled' WHERE photo_id = ?`).run(photoId)
  } else statement(db, `UPDATE file SET reading = 'cancelled' WHERE id = ?`).run(id)
}

export function cancelWork(db: Database): void {
  db.transaction(() => {
    statement(db, `UPDATE file SET reading = 'cancelled' WHERE ${isReading('pending')}`).run()
    statement(db, `UPDATE task SET state = 'cancelled' WHERE ${isClassifying('pending')}`).run()
  }).immediate()
}

export function restoreCancelled(db: Database): void {
  db.transaction(() => {
    statement(db, `UPDATE file SET reading = 'pending' WHERE ${isReading('cancelled')}`).run()
    statement(db, `UPDATE task SET state = 'pending' WHERE ${isClassifying('cancelled')}`).run()
  }).immediate()
}

/** Asks for predictions of a model, `version` its sha256, wherever they or its features are not there. */
export function requestClassification(db: Database, modelId: number, version: string): void {
  statement(
    db,
    `UPDATE task SET version = @version, state = CASE
       WHEN EXISTS (SELECT 1 FROM prediction
         WHERE photo_id = task.photo_id AND model_id = @modelId)
         AND ${hasFeatures('task.photo_id', '@version')} THEN 'done'
       WHEN state = 'done' THEN 'pending'
       ELSE state END
     WHERE version <> @version`,
  ).run({ modelId, version })
}

export function countQuarantined(db: Database): number {
  return statement(
    db,
    `SELECT count(*) FROM file WHERE ${isReading('quarantined')} AND state = 'present'`,
  )
    .pluck()
    .get() as number
}

export function listQuarantined(db: Database, offset: number, limit: number): QuarantinedPhoto[] {
  const rows = statement(
    db,
    `SELECT file.photo_id AS id, ${PATH} AS path, code, reason
     FROM file JOIN folder ON folder.id = folder_id
     WHERE ${isReading('quarantined')} AND file.state = 'present'
     ORDER BY file.id LIMIT ? OFFSET ?`,
  ).all(limit, offset) as QuarantinedPhoto[]
  return rows.map(native)
}
