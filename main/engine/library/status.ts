import type { Database } from 'better-sqlite3'
import type { LibraryStatus, ModelStatus } from '../../../contract/domain.ts'
import { countFiles } from '../db/files.ts'
import { folderRows } from '../db/folders.ts'
import { countPhotos } from '../db/photos.ts'
import { countClassified } from '../db/predictions.ts'
import { countQuarantined, countUnfinished } from '../db/work.ts'

export function libraryStatus(
  db: Database,
  libraryPath: string,
  model: ModelStatus,
  modelId: number | null,
): LibraryStatus {
  return {
    libraryPath,
    folders: folderRows(db).length,
    files: countFiles(db),
    photos: countPhotos(db),
    classified: modelId === null ? 0 : countClassified(db, modelId),
    quarantined: countQuarantined(db),
    pending: countUnfinished(db, modelId !== null),
    model,
  }
}
