import type { Database } from 'better-sqlite3'
import type { Album, AlbumId } from '../../../contract/domain.ts'
import { UserError } from '../../../contract/errors.ts'
import { albumName, albumNamed, insertAlbum, renameAlbum } from '../db/albums.ts'

/** An album's name. Throws UserError for one that is not there any more. */
export function albumOf(db: Database, id: AlbumId): string {
  const name = albumName(db, id)
  if (name !== null) return name
  throw new UserError('no-such-album', 'This album is not there any more: choose another one.')
}

/** Throws UserError for a name that another album has. */
export function createAlbum(db: Database, name: string, now: number): Album {
  refuseTaken(db, name, null)
  return { id: insertAlbum(db, name, now), name, photos: 0 }
}

export function nameAlbum(db: Database, id: AlbumId, name: string): void {
  refuseTaken(db, name, id)
  renameAlbum(db, id, name)
}

function refuseTaken(db: Database, name: string, own: AlbumId | null): void {
  const taken = albumNamed(db, name)
  if (taken === null || taken === own) return
  throw new UserError('album-exists', `There is an album “${name}” already: choose another name.`)
}
