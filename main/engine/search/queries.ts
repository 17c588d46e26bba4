/** Every select of searching. All are constant text; what a person typed is bound. */
import type { Database } from 'better-sqlite3'
import type { PhotoCard, PhotoId } from '../../../contract/domain.ts'
import { statement } from '../db/statement.ts'

/** Every visible photo, oldest first. */
export function visiblePhotos(db: Database): number[] {
  return statement(db, 'SELECT id FROM photo WHERE visible = 1 ORDER BY sorted_at, id')
    .pluck()
    .all() as number[]
}

/** Photos a present file of which has a name like `pattern`, an SQL LIKE pattern with `\`. */
export function photosNamed(db: Database, pattern: string): number[] {
  // LIKE itself folds ASCII alone; folding each of a million names in JavaScript takes its time.
  if (isAscii(pattern)) {
    return statement(
      db,
      `SELECT photo_id FROM file WHERE state = 'present' AND name LIKE ? ESCAPE '\\'`,
    )
      .pluck()
      .all(pattern) as number[]
  }
  return statement(
    db,
    `SELECT photo_id FROM file WHERE state = 'present' AND folded(name) LIKE ? ESCAPE '\\'`,
  )
    .pluck()
    .all(folded(pattern)) as number[]
}

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length

const folded = (text: string): string => text.normalize('NFC').toLowerCase()

/** Makes the SQL functions known that these selects use. */
export function registerFunctions(db: Database): void {
  db.function('folded', { deterministic: true }, (text: unknown) => folded(String(text)))
}

/** The names of all present files, the oldest file of a photo first. */
export function presentNames(db: Database): Iterable<[photo: number, name: string]> {
  const sql = `SELECT photo_id, name FROM file WHERE state = 'present' ORDER BY id`
  // A statement of its own: one that is being walked through cannot be shared.
  return db.prepare(sql).raw().iterate() as Iterable<[number, string]>
}

export interface KnownClass {
  id: number
  wnid: string | null
  name: string
}

/** The classes that a model can tell. */
export function classesOfModel(db: Database, modelId: number): KnownClass[] {
  return statement(
    db,
    `SELECT id, wnid, name FROM class
     WHERE id IN (SELECT class_id FROM model_class WHERE model_id = ?) ORDER BY id`,
  ).all(modelId) as KnownClass[]
}

/** Ids of the photos with a class's tag, visible or not, in no particular order. */
export function photosOfClass(db: Database, modelId: number, classId: number): number[] {
  return statement(
    db,
    `SELECT photo_id FROM prediction WHERE class_id = ? AND model_id = ? AND score >=
       (SELECT min(threshold) FROM model_class WHERE class_id = ? AND model_id = ?)`,
  )
    .pluck()
    .all(classId, modelId, classId, modelId) as number[]
}

/** What the grid shows of photos, in the order of `ids`; a photo that is gone is left out. */
export function cardsOf(db: Database, modelId: number | null, ids: readonly number[]): PhotoCard[] {
  return statement(
    db,
    `SELECT photo.id, width, height, taken_at AS takenAt,
       coalesce((SELECT name FROM file WHERE photo_id = photo.id AND state = 'present'
         ORDER BY file.id LIMIT 1), '') AS name,
       CASE
         WHEN EXISTS (SELECT 1 FROM task WHERE photo_id = photo.id AND state = 'quarantined')
           THEN 'quarantined'
         WHEN EXISTS (SELECT 1 FROM task WHERE photo_id = photo.id AND kind = 'read'
           AND state <> 'done') THEN 'waiting'
         ELSE 'ready'
       END AS state,
       CASE WHEN EXISTS (SELECT 1 FROM cache.thumbnail AS made
         WHERE made.content_hash = photo.content_hash)
         THEN lower(hex(substr(photo.content_hash, 1, 8))) END AS thumbnail,
       (SELECT class.name FROM prediction
         JOIN model_class ON model_class.class_id = prediction.class_id
           AND model_class.model_id = prediction.model_id
           AND prediction.score >= model_class.threshold
         JOIN class ON class.id = prediction.class_id
         WHERE prediction.photo_id = photo.id AND prediction.model_id = ?
         ORDER BY prediction.score DESC, class.id LIMIT 1) AS topTag
     FROM json_each(?) AS wanted JOIN photo ON photo.id = wanted.value
     ORDER BY wanted.key`,
  ).all(modelId, JSON.stringify(ids)) as PhotoCard[]
}

export interface PredictionRow {
  wnid: string | null
  name: string
  score: number
  /** 1 when the score reaches the threshold of its class. */
  confident: 0 | 1
}

/** What the model said about a photo, best first. */
export function predictionsOf(db: Database, modelId: number, photo: PhotoId): PredictionRow[] {
  return statement(
    db,
    `SELECT class.wnid, class.name, score, EXISTS (SELECT 1 FROM model_class
         WHERE model_class.class_id = class.id AND model_class.model_id = prediction.model_id
           AND prediction.score >= model_class.threshold) AS confident
     FROM prediction JOIN class ON class.id = prediction.class_id
     WHERE photo_id = ? AND model_id = ? ORDER BY score DESC, class.id`,
  ).all(photo, modelId) as PredictionRow[]
}
