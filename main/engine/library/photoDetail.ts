import { extname } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { PhotoDetail, PhotoId } from '../../../contract/domain.ts'
import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { albumsOfPhoto, starsOf } from '../db/albums.ts'
import { filesOfPhoto } from '../db/files.ts'
import { photoRow, thumbnailOf } from '../db/photos.ts'
import { tagsOfPhoto } from '../search/tags.ts'

export function photoDetail(
  db: Database,
  taxonomy: Taxonomy,
  modelId: number | null,
  id: PhotoId,
): PhotoDetail | null {
  const row = photoRow(db, id)
  if (!row) return null
  const { contentHash, ...rest } = row
  return {
    ...rest,
    thumbnail: contentHash && thumbnailOf(db, id) ? thumbnailVersion(contentHash) : null,
    stars: starsOf(db, id),
    albums: albumsOfPhoto(db, id),
    files: filesOfPhoto(db, id).map(({ path, size, modifiedMs, state }) => ({
      path,
      size,
      modifiedAt: new Date(modifiedMs).toISOString(),
      state,
    })),
    tags: tagsOfPhoto(db, modelId, id, taxonomy),
  }
}

/** Changes with the bytes of the photo, so that a browser may keep a thumbnail for ever. */
const thumbnailVersion = (contentHash: Buffer) => contentHash.toString('hex', 0, 8)

const SHOWN_BY_BROWSERS = new Map([
  ['jpeg', 'image/jpeg'],
  ['png', 'image/png'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['avif', 'image/avif'],
])

/** The MIME type under which a browser shows a photo as it lies on disk; `null` when none would. */
export function browserMime(format: string | null, path: string): string | null {
  const extension = extname(path).slice(1).toLowerCase().replace('jpg', 'jpeg')
  return SHOWN_BY_BROWSERS.get(format ?? extension) ?? null
}
