import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { PhotoId } from '../../../contract/domain.ts'
import { folderRows } from '../db/folders.ts'
import { forgetMissing, missingFiles, strayPhotos } from '../db/missing.ts'
import { isInside } from './folders.ts'
import { statFile } from './listing.ts'
import { mountsAway } from './mounts.ts'
import { seemsThere } from './roots.ts'

/**
 * Why a missing photo stays when all are forgotten: its drive is away; there is a file again, which
 * no scan has found yet; its folder was removed from the library, and may be added again.
 */
export type Staying = 'drive-away' | 'came-back' | 'folder-removed'

/**
 * Forgets missing photos and all that was said of them: those named, or `null` for all but those that
 * stay. Of those named, the ones that have no file in any root go in any case. Returns how many went.
 */
export function purgeMissing(db: Database, photos: readonly PhotoId[] | null): number {
  const kept = photos === null ? stayingPhotos(db) : stayingWithFiles(db, createPlaces(db))
  return forgetMissing(db, photos, new Set(kept.keys()))
}

/** Missing photos that stay when all are forgotten. Only reads. */
export function stayingPhotos(db: Database): Map<PhotoId, Staying> {
  const places = createPlaces(db)
  return new Map([...stayingWithFiles(db, places), ...stayingStrays(db, places)])
}

interface Places {
  /** Whether a path lies in a root. */
  isKnown(path: string): boolean
  /** Why a file may come back, or has; `null` for one that is gone. */
  whyStaying(path: string): Staying | null
}

function createPlaces(db: Database): Places {
  const roots = folderRows(db)
  // A drive may have been taken away since the last scan.
  const away = roots.flatMap((root) =>
    seemsThere(db, root)
      ? mountsAway(db, root).map((directory) => join(root.path, directory))
      : [root.path],
  )
  return {
    isKnown: isInRoots(db),
    whyStaying(path) {
      if (away.some((place) => isInside(place, path))) return 'drive-away'
      return statFile(path) === 'gone' ? null : 'came-back'
    },
  }
}

function isInRoots(db: Database): Places['isKnown'] {
  const roots = folderRows(db)
  return (path) => roots.some((root) => isInside(root.path, path))
}

function stayingWithFiles(db: Database, { whyStaying }: Places): Map<PhotoId, Staying> {
  const staying = new Map<PhotoId, Staying>()
  for (const { photoId, path } of missingFiles(db)) {
    const reason = whyStaying(path)
    if (reason) staying.set(photoId, reason)
  }
  return staying
}

function stayingStrays(db: Database, { isKnown, whyStaying }: Places): Map<PhotoId, Staying> {
  const staying = new Map<PhotoId, Staying>()
  for (const { photoId, path } of strayPhotos(db)) {
    const reason = path !== null && isKnown(path) ? whyStaying(path) : 'folder-removed'
    if (reason) staying.set(photoId, reason)
  }
  return staying
}

/** Photos of a folder that was removed from the library. `folder`: absolute. */
export function photosOfRemoved(db: Database, folder: string): PhotoId[] {
  const isKnown = isInRoots(db)
  return strayPhotos(db)
    .filter(({ path }) => path !== null && isInside(folder, path) && !isKnown(path))
    .map(({ photoId }) => photoId)
}
