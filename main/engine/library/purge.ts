import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { PhotoId } from '../../../contract/domain.ts'
import { folderRows, setFolderState } from '../db/folders.ts'
import { forgetMissing, missingFiles, strayPhotos } from '../db/missing.ts'
import { isInside } from './folders.ts'
import { statFile } from './listing.ts'
import { mountsAway } from './mounts.ts'
import { isThere } from './roots.ts'

/**
 * Forgets missing photos and all that was said of them: those named, or `null` for all. What has come
 * back since the last scan stays, and so does what may come back with a drive or with a root that was
 * removed. Returns how many went.
 */
export function purgeMissing(db: Database, photos: readonly PhotoId[] | null): number {
  // A drive may have been taken away since the last scan.
  const roots = folderRows(db)
  for (const folder of roots) {
    if (!isThere(db, folder)) setFolderState(db, folder.id, 'offline')
  }
  const away = roots.flatMap((root) =>
    mountsAway(db, root).map((directory) => join(root.path, directory)),
  )
  const named = photos && new Set(photos)
  const back = missingFiles(db)
    .filter(({ photoId }) => named === null || named.has(photoId))
    .filter(({ path }) => statFile(path) !== 'gone' || away.some((place) => isInside(place, path)))
    .map(({ photoId }) => photoId)
  return forgetMissing(db, photos, new Set([...back, ...(photos === null ? mayReturn(db) : [])]))
}

/**
 * Photos of roots that were removed: their files may lie where they lay, or on a drive that is away.
 * They go only when they are named.
 */
function mayReturn(db: Database): PhotoId[] {
  const roots = folderRows(db)
  const isGone = (path: string | null) =>
    path !== null && roots.some((root) => isInside(root.path, path)) && statFile(path) === 'gone'
  return strayPhotos(db)
    .filter(({ path }) => !isGone(path))
    .map(({ photoId }) => photoId)
}
