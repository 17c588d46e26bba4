import type { Database } from 'better-sqlite3'
import type { Album, AlbumId, PhotoId } from '../../../contract/domain.ts'
import { statement } from './statement.ts'
import { tagKey } from './tags.ts'

export function listAlbums(db: Database): Album[] {
  return statement(
    db,
    `SELECT id, name, (SELECT count(*) FROM album_photo JOIN photo ON photo.id = photo_id
       WHERE album_id = album.id AND visible = 1) AS photos
     FROM album ORDER BY key`,
  ).all() as Album[]
}

export function albumNamed(db: Database, name: string): AlbumId | null {
  const id = statement(db, 'SELECT id FROM album WHERE key = ?').pluck().get(tagKey(name))
  return (id as AlbumId | undefined) ?? null
}

export function albumName(db: Database, id: AlbumId): string | null {
  const name = statement(db, 'SELECT name FROM album WHERE id = ?').pluck().get(id)
  return (name as string | undefined) ?? null
}

export function insertAlbum(db: Database, name: string, now: number): AlbumId {
  const { lastInsertRowid } = statement(
    db,
    'INSERT INTO album (name, key, made_at) VALUES (?, ?, ?)',
  ).run(name, tagKey(name), now)
  return Number(lastInsertRowid) as AlbumId
}

export function renameAlbum(db: Database, id: AlbumId, name: string): void {
  statement(db, 'UPDATE album SET name = ?, key = ? WHERE id = ?').run(name, tagKey(name), id)
}

export function deleteAlbum(db: Database, id: AlbumId): void {
  statement(db, 'DELETE FROM album_photo WHERE album_id = ?').run(id)
  statement(db, 'DELETE FROM album WHERE id = ?').run(id)
}

export function addToAlbum(db: Database, album: AlbumId, photo: PhotoId, now: number): void {
  statement(
    db,
    `INSERT INTO album_photo (album_id, photo_id, added_at) VALUES (?, ?, ?)
     ON CONFLICT DO NOTHING`,
  ).run(album, photo, now)
}

export function removeFromAlbum(db: Database, album: AlbumId, photo: PhotoId): void {
  statement(db, 'DELETE FROM album_photo WHERE album_id = ? AND photo_id = ?').run(album, photo)
}

/** Ids of the albums that a photo is in. */
export function albumsOfPhoto(db: Database, photo: PhotoId): AlbumId[] {
  return statement(db, 'SELECT album_id FROM album_photo WHERE photo_id = ? ORDER BY album_id')
    .pluck()
    .all(photo) as AlbumId[]
}

/** Stars from 1 to 5; 0 takes the rating back. */
export function ratePhoto(db: Database, photo: PhotoId, stars: number, now: number): void {
  if (stars === 0) {
    statement(db, 'DELETE FROM rating WHERE photo_id = ?').run(photo)
    return
  }
  statement(
    db,
    `INSERT INTO rating (photo_id, stars, rated_at) VALUES (?, ?, ?)
     ON CONFLICT (photo_id) DO UPDATE SET stars = excluded.stars, rated_at = excluded.rated_at,
       inherited_from = NULL
     WHERE stars <> excluded.stars OR inherited_from IS NOT NULL`,
  ).run(photo, stars, now)
}

/** 0 for a photo without a rating. */
export function starsOf(db: Database, photo: PhotoId): number {
  const stars = statement(db, 'SELECT stars FROM rating WHERE photo_id = ?').pluck().get(photo)
  return (stars as number | undefined) ?? 0
}
