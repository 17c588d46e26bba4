/** Features of photos, by what tells a photo from others and by model: in the cache. */
import type { Database } from 'better-sqlite3'
import type { PhotoId } from '../../../contract/domain.ts'
import { statement } from './statement.ts'

/** What tells a photo from others, in a select from `photo`: it outlives ids, backups and restores. */
export const IDENTITY = 'coalesce(photo.image_hash, photo.content_hash)'

/** Whether features are there, or known not to be, of a photo and of a model by its sha256. */
export const hasFeatures = (photo: string, sha256: string): string =>
  `EXISTS (SELECT 1 FROM photo JOIN cache.feature ON identity = ${IDENTITY}
     JOIN cache.feature_model ON feature_model.id = feature.model_id
   WHERE photo.id = ${photo} AND feature_model.sha256 = ${sha256})`

/** `vector`: as `packFeatures` packs it; `null` for a model without features. */
export function storeFeatures(
  db: Database,
  photo: PhotoId,
  sha256: string,
  vector: Uint8Array | null,
): void {
  statement(db, 'INSERT OR IGNORE INTO cache.feature_model (sha256) VALUES (?)').run(sha256)
  statement(
    db,
    `INSERT OR REPLACE INTO cache.feature (identity, model_id, vector)
     SELECT ${IDENTITY}, feature_model.id, @vector FROM photo, cache.feature_model
     WHERE photo.id = @photo AND sha256 = @sha256`,
  ).run({ photo, sha256, vector })
}

/** Has photos looked at again whose features are not there. Returns how many. */
export function requeueFeatures(db: Database): number {
  return statement(
    db,
    `UPDATE task SET state = 'pending'
     WHERE state = 'done' AND version <> '' AND NOT ${hasFeatures('task.photo_id', 'task.version')}`,
  ).run().changes
}

/** Throws away the features of all photos and has them made again; predictions stay. */
export function rebuildFeatures(db: Database): void {
  db.transaction(() => {
    statement(db, 'DELETE FROM cache.feature').run()
    requeueFeatures(db)
  }).immediate()
}
