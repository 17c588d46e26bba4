import type { Database } from 'better-sqlite3'
import type { CaptureMetadata, PhotoId, PhotoState } from '../../../contract/domain.ts'
import type { FileId } from './files.ts'
import { statement } from './statement.ts'

/** What a look found out about a file's bytes. */
export interface ReadPhoto {
  /** sha256 of the bytes. */
  contentHash: Uint8Array
  /** Of the image data alone; `null` where that cannot be told from the rest. */
  imageHash: Uint8Array | null
  format: string
  /** 1 to 8, as in Exif; applied in width and height. */
  orientation: number
  width: number
  height: number
  metadata: CaptureMetadata
  thumbnail: Uint8Array
}

/** A photo of which nothing is known yet, to be classified. `sortedAt`: milliseconds. */
export function insertPhoto(db: Database, sortedAt: number): PhotoId {
  const { lastInsertRowid: id } = statement(db, 'INSERT INTO photo (sorted_at) VALUES (?)').run(
    Math.round(sortedAt),
  )
  statement(db, `INSERT INTO task (photo_id, kind, version) VALUES (?, 'classify', '')`).run(id)
  return Number(id) as PhotoId
}

/**
 * The photo that a file with these bytes is: the same bytes, or the same image data under other
 * metadata. `null` for one that is not known.
 */
export function photoWithIdentity(
  db: Database,
  { contentHash, imageHash }: Pick<ReadPhoto, 'contentHash' | 'imageHash'>,
): PhotoId | null {
  const id = statement(
    db,
    `SELECT id FROM photo WHERE image_hash = @imageHash
     UNION ALL SELECT id FROM photo WHERE content_hash = @contentHash
     LIMIT 1`,
  )
    .pluck()
    .get({ contentHash, imageHash })
  return (id as PhotoId | undefined) ?? null
}

/** The photo that a file with the very same bytes is; `null` when none was read. */
export function photoWithBytes(
  db: Database,
  size: number,
  contentHash: Uint8Array,
): PhotoId | null {
  const id = statement(
    db,
    `SELECT photo_id FROM file
       WHERE size = @size AND content_hash = @contentHash AND reading = 'done'
     UNION ALL SELECT id FROM photo WHERE content_hash = @contentHash
     LIMIT 1`,
  )
    .pluck()
    .get({ size, contentHash })
  return (id as PhotoId | undefined) ?? null
}

/** Columns of what a file tells of how it was taken, with their parameters. */
const CAPTURE = {
  ...{ taken_at: '@takenAt', camera: '@camera', lens: '@lens' },
  ...{ exposure_time: '@exposureTime', f_number: '@fNumber', iso: '@iso' },
  ...{ focal_length: '@focalLength' },
  ...{ latitude: '@latitude', longitude: '@longitude', altitude: '@altitude' },
}

/** The same bytes read again tell no less than they did: a copy may have told the rest. */
const TAKEN_BY_READING = Object.entries(CAPTURE)
  .map(
    ([column, value]) =>
      `${column} = coalesce(${value}, iif(content_hash = @contentHash, ${column}, NULL))`,
  )
  .join(', ')

/** Where a photo is not known to be, a copy tells it whole. */
const OF_PLACE = ['latitude', 'longitude', 'altitude']
const TAKEN_FROM_COPY = Object.entries(CAPTURE)
  .map(([column, value]) =>
    OF_PLACE.includes(column)
      ? `${column} = iif(latitude IS NULL, ${value}, ${column})`
      : `${column} = coalesce(${column}, ${value})`,
  )
  .join(', ')

/** Stores what was read of one of a photo's files, and its thumbnail. */
export function storeRead(db: Database, id: PhotoId, read: ReadPhoto): void {
  dropFormerThumbnail(db, id, read)
  statement(
    db,
    `UPDATE photo SET content_hash = @contentHash, image_hash = coalesce(@imageHash, image_hash),
       format = @format, orientation = @orientation, width = @width, height = @height,
       sorted_at = coalesce(@takenMs, sorted_at), ${TAKEN_BY_READING},
       last_path = NULL, last_size = NULL
     WHERE id = @id`,
  ).run({
    ...{ id, contentHash: read.contentHash, imageHash: read.imageHash },
    ...{ format: read.format, orientation: read.orientation },
    ...{ width: read.width, height: read.height },
    ...captureColumns(read.metadata),
  })
  statement(db, 'INSERT OR REPLACE INTO cache.thumbnail (content_hash, jpeg) VALUES (?, ?)').run(
    read.contentHash,
    read.thumbnail,
  )
}

/**
 * A photo is shown as one of its files shows it, because the one that described it is gone. What that
 * told of how it was taken stays.
 */
export function storeStandIn(db: Database, id: PhotoId, read: ReadPhoto): void {
  dropFormerThumbnail(db, id, read)
  const { contentHash, format, orientation, width, height } = read
  statement(
    db,
    `UPDATE photo SET content_hash = @contentHash, format = @format, orientation = @orientation,
       width = @width, height = @height WHERE id = @id`,
  ).run({ id, contentHash, format, orientation, width, height })
  completeRead(db, id, read)
}

/** Of bytes that no longer describe the photo. */
function dropFormerThumbnail(
  db: Database,
  id: PhotoId,
  { contentHash }: Pick<ReadPhoto, 'contentHash'>,
): void {
  statement(
    db,
    `DELETE FROM cache.thumbnail WHERE content_hash <> @contentHash
       AND content_hash = (SELECT content_hash FROM photo WHERE id = @id)`,
  ).run({ id, contentHash })
}

/** Adds what a copy of a photo knows and the file does not that the photo is described by. */
export function completeRead(
  db: Database,
  id: PhotoId,
  { imageHash, metadata, thumbnail }: Pick<ReadPhoto, 'imageHash' | 'metadata' | 'thumbnail'>,
): void {
  statement(
    db,
    `UPDATE photo SET image_hash = coalesce(image_hash, @imageHash),
       sorted_at = iif(taken_at IS NULL, coalesce(@takenMs, sorted_at), sorted_at),
       ${TAKEN_FROM_COPY}
     WHERE id = @id`,
  ).run({ id, imageHash, ...captureColumns(metadata) })
  statement(
    db,
    `INSERT OR IGNORE INTO cache.thumbnail (content_hash, jpeg)
     SELECT content_hash, ? FROM photo WHERE id = ?`,
  ).run(thumbnail, id)
}

/** Whether the file whose reading describes a photo is there, another one than `file`. */
export function isDescribedByAnother(db: Database, photo: PhotoId, file: FileId): boolean {
  const found = statement(
    db,
    `SELECT 1 FROM file JOIN photo ON photo.id = photo_id
     WHERE photo_id = ? AND file.id <> ? AND file.content_hash = photo.content_hash
       AND state = 'present' AND reading <> 'quarantined'`,
  ).get(photo, file)
  return found !== undefined
}

/** Whether one of a photo's files was read with these bytes. */
export function hasBytes(db: Database, photo: PhotoId, contentHash: Uint8Array): boolean {
  const found = statement(db, 'SELECT 1 FROM file WHERE photo_id = ? AND content_hash = ?').get(
    photo,
    contentHash,
  )
  return found !== undefined
}

/**
 * Whether a file with bytes that are known of a photo changes nothing about it: it need not be decoded.
 * It does where it shows the photo turned otherwise, and is to describe it.
 */
export function isShownAs(
  db: Database,
  photo: PhotoId,
  file: FileId,
  contentHash: Uint8Array,
): boolean {
  const shown = identityOf(db, photo)
  if (shown?.contentHash.equals(contentHash)) return true
  const orientation = statement(
    db,
    `SELECT orientation FROM file
     WHERE photo_id = ? AND content_hash = ? AND orientation IS NOT NULL LIMIT 1`,
  )
    .pluck()
    .get(photo, contentHash)
  if (shown?.orientation === orientation) return true
  // Else the one that knows how it is turned describes it from now on.
  const knowsTurn = orientation !== undefined && orientation !== 1 && shown?.orientation === 1
  return !knowsTurn && isDescribedByAnother(db, photo, file)
}

function captureColumns(metadata: CaptureMetadata) {
  return {
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
  }
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
       latitude, longitude, altitude, ${PHOTO_STATE} AS state,
       (SELECT reason FROM file WHERE photo_id = photo.id AND reading = 'quarantined' LIMIT 1)
         AS reason
     FROM photo WHERE id = ?`,
  ).get(id) as (Omit<PhotoRow, 'place'> & Coordinates) | undefined
  if (!row) return null
  const { latitude, longitude, altitude, ...rest } = row
  const place = latitude === null || longitude === null ? null : { latitude, longitude, altitude }
  return { ...rest, place }
}

interface Coordinates {
  latitude: number | null
  longitude: number | null
  altitude: number | null
}

/** Of a photo, in a select from `photo`: what one of its files cannot tell, another may. */
export const PHOTO_STATE = `CASE
  WHEN EXISTS (SELECT 1 FROM file WHERE photo_id = photo.id AND state = 'present'
    AND reading = 'quarantined') AND NOT EXISTS (SELECT 1 FROM file
    WHERE photo_id = photo.id AND state = 'present' AND reading = 'done') THEN 'quarantined'
  WHEN content_hash IS NULL THEN 'waiting'
  ELSE 'ready'
END`

/** When a photo was taken, as its files tell; `null` where they do not. */
export function takenAtOf(db: Database, id: PhotoId): string | null {
  const takenAt = statement(db, 'SELECT taken_at FROM photo WHERE id = ?').pluck().get(id)
  return (takenAt as string | null | undefined) ?? null
}

/** What tells a photo from others, and how it is turned; `null` for one that was never read. */
export function identityOf(
  db: Database,
  id: PhotoId,
): { contentHash: Buffer; imageHash: Buffer | null; orientation: number } | null {
  const row = statement(
    db,
    `SELECT content_hash AS contentHash, image_hash AS imageHash, orientation
     FROM photo WHERE id = ? AND content_hash IS NOT NULL`,
  ).get(id)
  return (row as ReturnType<typeof identityOf> | undefined) ?? null
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

/** `false` for one that was never read, and where the cache has lost it. */
export function hasThumbnail(db: Database, id: PhotoId): boolean {
  const found = statement(
    db,
    `SELECT 1 FROM cache.thumbnail
     WHERE content_hash = (SELECT content_hash FROM photo WHERE id = ?)`,
  ).get(id)
  return found !== undefined
}

export function countPhotos(db: Database): number {
  return statement(db, 'SELECT count(*) FROM photo WHERE visible = 1').pluck().get() as number
}
