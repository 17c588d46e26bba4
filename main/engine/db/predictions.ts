import type { Database } from 'better-sqlite3'
import type { PhotoId, TagId } from '../../../contract/domain.ts'
import { statement } from './statement.ts'
import { tagOfClass } from './tags.ts'

export interface ModelClass {
  wnid: string | null
  name: string
  /** From which score on it counts as a tag; `null`: never. */
  threshold: number | null
}

/** Makes a model and its classes known, with the thresholds as they are now. Returns its row's id. */
export function registerModel(
  db: Database,
  { sha256, name, classes }: { sha256: string; name: string; classes: readonly ModelClass[] },
): number {
  return db
    .transaction(() => {
      statement(
        db,
        `INSERT INTO model (sha256, name) VALUES (?, ?)
         ON CONFLICT (sha256) DO UPDATE SET name = excluded.name`,
      ).run(sha256, name)
      const id = modelIdOf(db, sha256) as number
      for (const [index, modelClass] of classes.entries()) {
        statement(
          db,
          `INSERT OR REPLACE INTO model_class (model_id, output_index, class_id, threshold)
           VALUES (?, ?, ?, ?)`,
        ).run(id, index, classIdOf(db, modelClass), modelClass.threshold)
      }
      return id
    })
    .immediate()
}

export function modelIdOf(db: Database, sha256: string): number | null {
  const id = statement(db, 'SELECT id FROM model WHERE sha256 = ?').pluck().get(sha256)
  return (id as number | undefined) ?? null
}

export function modelNameOf(db: Database, modelId: number): string {
  return statement(db, 'SELECT name FROM model WHERE id = ?').pluck().get(modelId) as string
}

function classIdOf(db: Database, { wnid, name }: ModelClass): number {
  const known = statement(db, 'SELECT id FROM class WHERE wnid IS ? AND name = ?')
    .pluck()
    .get(wnid, name)
  // A class that a person gave another tag keeps that.
  if (known !== undefined) return known as number
  const { lastInsertRowid } = statement(
    db,
    'INSERT INTO class (wnid, name, tag_id) VALUES (?, ?, ?)',
  ).run(wnid, name, tagOfClass(db, wnid, name))
  return Number(lastInsertRowid)
}

/** Ids of the classes that a model's outputs mean, by output index. */
export function classIdsOf(db: Database, modelId: number): number[] {
  return statement(db, 'SELECT class_id FROM model_class WHERE model_id = ? ORDER BY output_index')
    .pluck()
    .all(modelId) as number[]
}

/** Index of the model's output that means a tag; `null` when none does. */
export function outputOfTag(db: Database, modelId: number, tag: TagId): number | null {
  const output = statement(
    db,
    `SELECT output_index FROM model_class JOIN class ON class.id = class_id
     WHERE model_id = ? AND tag_id = ? ORDER BY output_index LIMIT 1`,
  )
    .pluck()
    .get(modelId, tag)
  return (output as number | undefined) ?? null
}

/** Forgets what every model said, and asks for it anew. */
export function resetPredictions(db: Database): void {
  db.transaction(() => {
    statement(db, 'DELETE FROM prediction').run()
    statement(db, `UPDATE task SET state = 'pending'`).run()
  }).immediate()
}

export function storePredictions(
  db: Database,
  photo: PhotoId,
  modelId: number,
  predictions: readonly { classId: number; score: number }[],
): void {
  statement(db, 'DELETE FROM prediction WHERE photo_id = ? AND model_id = ?').run(photo, modelId)
  const insert = statement(
    db,
    // Two outputs may mean the same class.
    `INSERT INTO prediction (photo_id, model_id, class_id, score) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET score = max(score, excluded.score)`,
  )
  for (const { classId, score } of predictions) insert.run(photo, modelId, classId, score)
}

export function countClassified(db: Database, modelId: number): number {
  return statement(
    db,
    `SELECT count(*) FROM photo WHERE visible = 1 AND EXISTS
       (SELECT 1 FROM prediction WHERE photo_id = photo.id AND model_id = ?)`,
  )
    .pluck()
    .get(modelId) as number
}
