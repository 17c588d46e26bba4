/** What can be made again from the photos: in a file of its own, attached to the library as `cache`. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { storageFailure } from '../storageFailure.ts'
import { IDENTITY, requeueFeatures } from './features.ts'
import { AS_DESCRIBED } from './files.ts'
import { withoutReaders } from './lock.ts'
import { removeDatabase } from './paths.ts'
import { readSetting, writeSetting } from './settings.ts'
import { isSound } from './soundness.ts'
import { statement } from './statement.ts'

const cacheFile = (directory: string) => join(directory, 'cache.sqlite')

/** Attaches the cache of a library. Throws SQLite's error for one that is damaged. */
function attach(db: Database, file: string): void {
  db.prepare('ATTACH DATABASE ? AS cache').run(file)
  db.pragma('cache.journal_mode = WAL')
  db.pragma('cache.synchronous = OFF')
  db.exec(`
    CREATE TABLE IF NOT EXISTS cache.thumbnail (
      content_hash BLOB PRIMARY KEY,
      jpeg BLOB NOT NULL
    ) STRICT;
    -- Pooled features by what tells a photo from others; NULL of a model without any.
    CREATE TABLE IF NOT EXISTS cache.feature_model (
      id INTEGER PRIMARY KEY,
      sha256 TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE IF NOT EXISTS cache.feature (
      identity BLOB NOT NULL,
      model_id INTEGER NOT NULL REFERENCES feature_model (id),
      vector BLOB,
      PRIMARY KEY (identity, model_id)
    ) STRICT;
    -- How each model, by its sha256, ran with each execution provider: JSON.
    CREATE TABLE IF NOT EXISTS cache.acceleration (
      model TEXT PRIMARY KEY,
      report TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- One row, which tells this file from another that may take its place.
    CREATE TABLE IF NOT EXISTS cache.identity (id TEXT NOT NULL) STRICT;
    INSERT INTO cache.identity
      SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM cache.identity);
  `)
}

function detach(db: Database): void {
  const attached = db.pragma('database_list') as { name: string }[]
  if (attached.some(({ name }) => name === 'cache')) db.exec('DETACH DATABASE cache')
}

/** For one that reads the library. A cache that cannot be used is done without. */
export function attachForReading(
  db: Database,
  directory: string,
  { readOnly }: { readOnly: boolean },
): void {
  const file = cacheFile(directory)
  try {
    if (!readOnly) attach(db, file)
    else attachAsItIs(db, file)
  } catch (error) {
    if (storageFailure(error) === null) throw error
    detach(db)
    attach(db, ':memory:')
  }
}

function attachAsItIs(db: Database, file: string): void {
  db.prepare('ATTACH DATABASE ? AS cache').run(existsSync(file) ? file : ':memory:')
  // An empty one is of no use; of a damaged one this tells.
  if ((db.pragma('cache.schema_version', { simple: true }) as number) > 0) return
  detach(db)
  attach(db, ':memory:')
}

/** Photos that are looked at again, because the cache has lost what was made of them. */
export interface Requeued {
  thumbnails: number
  features: number
}

/**
 * For the one that writes the library. A damaged cache is replaced by an empty one, and what is
 * missing in it is queued to be made again.
 */
export function attachCache(db: Database, directory: string): Requeued {
  const requeued = attachSound(db, directory)
    ? { thumbnails: 0, features: 0 }
    : { thumbnails: requeueThumbnails(db), features: requeueFeatures(db) }
  // What is made of a photo goes with it, whoever forgets it.
  db.exec(`
    CREATE TEMP TRIGGER IF NOT EXISTS photo_forgotten AFTER DELETE ON main.photo BEGIN
      DELETE FROM cache.thumbnail WHERE content_hash = old.content_hash;
      DELETE FROM cache.feature WHERE identity = ${IDENTITY.replaceAll('photo.', 'old.')};
    END`)
  // Nobody knows whether it is whole until it was closed in order.
  writeSetting(db, 'cache', null)
  return requeued
}

/** `true`: it is as this library left it. Otherwise things may be missing in it. */
function attachSound(db: Database, directory: string): boolean {
  try {
    attach(db, cacheFile(directory))
    if (readSetting(db, 'cache') === identityOf(db)) return true
    // It is written without waiting for the disk: a power cut may have damaged it.
    if (isSound(db, 'cache')) return false
  } catch (error) {
    if (storageFailure(error) !== 'damaged') throw error
  }
  detach(db)
  removeCache(directory)
  attach(db, cacheFile(directory))
  return false
}

const removeCache = (directory: string) =>
  withoutReaders(directory, () => removeDatabase(cacheFile(directory)))

const identityOf = (db: Database) =>
  statement(db, 'SELECT id FROM cache.identity').pluck().get() as string

/** Remembers which cache belongs to the library, as it was closed. */
export const rememberCache = (db: Database): void => writeSetting(db, 'cache', identityOf(db))

/**
 * Queues a file of each photo whose thumbnail is not there, to be read again; what is known of the
 * photos stays. Returns how many.
 */
function requeueThumbnails(db: Database): number {
  return statement(
    db,
    `UPDATE file SET reading = 'pending' WHERE id IN (
       SELECT (SELECT file.id FROM file JOIN folder ON folder.id = folder_id
         WHERE photo_id = photo.id AND reading = 'done'
         ORDER BY file.state <> 'present', folder.state = 'offline', ${AS_DESCRIBED} LIMIT 1)
       FROM photo WHERE content_hash IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM cache.thumbnail WHERE cache.thumbnail.content_hash = photo.content_hash))`,
  ).run().changes
}

/** Throws away every thumbnail and has them made again. */
export function rebuildThumbnails(db: Database): void {
  db.transaction(() => {
    statement(db, 'DELETE FROM cache.thumbnail').run()
    requeueThumbnails(db)
  }).immediate()
}
