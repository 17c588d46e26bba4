import type { Database } from 'better-sqlite3'
import type { CaptureMetadata, PhotoId, PhotoState } from '../../../contract/domain.ts'
import { statement } from './statement.ts'

/** What a look found out about a photo's bytes. */
export interface ReadPhoto {
  contentHash: Uint8Array
  format: string
  width: number
  height: number
  metadata: CaptureMetadata
  thumbnail: Uint8Array
}

/**
 * Stores what was read. When another photo has the same bytes, the files of `photo` become its
 * files and `photo` goes: two copies are one photo. Returns the id that stays.
 */
export function storeRead(db: Database, photo: PhotoId, read: ReadPhoto): PhotoId {
  const twin = photoWithHash(db, read.contentHash)
  if (twin !== null && twin !== photo) {
    statement(db, 'UPDATE file SET photo_id = ? WHERE photo_id = ?').run(twin, photo)
    statement(db, 'DELETE FROM photo WHERE id = ?').run(photo)
  }
  const id = twin ?? photo
  storeMetadata(db, id, read)
  statement(db, 'INSERT OR REPLACE INTO cache.thumbnail (content_hash, jpeg) VALUES (?, ?)').run(
    read.contentHash,
    read.thumbnail,
  )
  return id
}

function photoWithHash(db: Database, contentHash: Uint8Array): PhotoId | null {
  const id = statement(db, 'SELECT id FROM photo WHERE content_hash = ?').pluck().get(contentHash)
  return (id as PhotoId | undefined) ?? null
}

function storeMetadata(db: Database, id: PhotoId, read: ReadPhoto): void {
  const { metadata } = read
  statement(
    db,
    `UPDATE photo SET content_hash = @contentHash, format = @format, width = @width,
       height = @height, taken_at = @takenAt, sorted_at = coalesce(@takenMs, sorted_at),
       camera = @camera, lens = @lens, exposure_time = @exposureTime, f_number = @fNumber,
       iso = @iso, focal_length = @focalLength,
       latitude = @latitude, longitude = @longitude, altitude = @altitude
     WHERE id = @id`,
  ).run({
    id,
    contentHash: read.contentHash,
    format: read.format,
    width: read.width,
    height: read.height,
    takenAt: metadata.takenAt,
    takenMs: metadata.takenAt === null ? null : Date.parse(`${metadata.takenAt}Z`),
    camera: metadata.camera,
    lens: metadata.lens,
    exposureTime: metadata.exposureTime,
    fNumber: metadata.fNumber,
    iso: metadata.iso,
    focalLength: metadata.focalLength,
    latitude: metadata.place?.latitude ?? null,
    longitude: metadata.place?.longitude ?? null,
    altitude: metadata.place?.altitude ?? null,
  })
}

export interface PhotoRow extends CaptureMetadata {
  id: PhotoId
  contentHash: Buffer | null
  width: number | null
  height: number | null
  format: string | null
  state: PhotoState
  reason: string | null
}

export function photoRow(db: Database, id: PhotoId): PhotoRow | null {
  const row = statement(
    db,
    `SELECT id, content_hash AS contentHash, width, height, format, taken_at AS takenAt, camera,
       lens, exposure_time AS exposureTime, f_number AS fNumber, iso, focal_length AS focalLength,
       latitude, longitude, altitude,
       (SELECT reason FROM task WHERE photo_id = photo.id AND state = 'quarantined' LIMIT 1)
         AS reason
     FROM photo WHERE id = ?`,
  ).get(id) as (Omit<PhotoRow, 'state' | 'place'> & Coordinates) | undefined
  if (!row) return null
  const { latitude, longitude, altitude, ...rest } = row
  const place = latitude === null || longitude === null ? null : { latitude, longitude, altitude }
  const ready: PhotoState = row.contentHash ? 'ready' : 'waiting'
  return { ...rest, place, state: row.reason === null ? ready : 'quarantined' }
}

interface Coordinates {
  latitude: number | null
  longitude: number | null
  altitude: number | null
}

export function thumbnailOf(db: Database, id: PhotoId): Buffer | null {
  const jpeg = statement(
    db,
    `SELECT jpeg FROM cache.thumbnail
     WHERE content_hash = (SELECT content_hash FROM photo WHERE id = ?)`,
  )
    .pluck()
    .get(id)
  return (jpeg as Buffer | undefined) ?? null
}

export function countPhotos(db: Database): number {
  return statement(db, 'SELECT count(*) FROM photo WHERE visible = 1').pluck().get() as number
}
