import type { Database } from 'better-sqlite3'
import type { PhotoId } from '../../../contract/domain.ts'
import { folderRows, setFolderState } from '../db/folders.ts'
import { forgetMissing, missingFiles } from '../db/missing.ts'
import { statFile } from './listing.ts'
import { isThere } from './roots.ts'

/**
 * Forgets missing photos and all that was said of them: those named, or `null` for all. What has come
 * back since the last scan stays, and so does what may come back with a drive. Returns how many went.
 */
export function purgeMissing(db: Database, photos: readonly PhotoId[] | null): number {
  // A drive may have been taken away since the last scan.
  for (const folder of folderRows(db)) {
    if (!isThere(db, folder)) setFolderState(db, folder.id, 'offline')
  }
  const back = missingFiles(db).filter(({ path }) => statFile(path) !== 'gone')
  return forgetMissing(db, photos, new Set(back.map(({ photoId }) => photoId)))
}
