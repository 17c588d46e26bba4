import type { Database } from 'better-sqlite3'
import type { PhotoId } from '../../../contract/domain.ts'
import type { LookOutcome } from '../../rpc/visionCommands.ts'
import { type ReadableFile, replaceFile, setFileState } from '../db/files.ts'
import { photoRow, storeRead } from '../db/photos.ts'
import { storePredictions } from '../db/predictions.ts'
import { finishClassifying, finishReading, quarantinePhoto } from '../db/tasks.ts'

/** The model whose predictions are stored: its row, and its classes by output index. */
export interface StoredModel {
  modelId: number
  sha256: string
  classIds: readonly number[]
}

export interface FinishedLook {
  photoId: PhotoId
  /** The file that was read. */
  file: ReadableFile
  outcome: LookOutcome
  /** The model that looked; `null` when none was asked. */
  model: StoredModel | null
}

/** Stores a batch of looks in one transaction: after a crash a photo is finished or untouched. */
export function storeLooks(db: Database, looks: readonly FinishedLook[]): void {
  db.transaction(() => {
    for (const look of looks) storeLook(db, look)
  }).immediate()
}

function storeLook(db: Database, { photoId, file, outcome, model }: FinishedLook): void {
  const row = photoRow(db, photoId)
  // Its folder was removed while it was being looked at.
  if (!row) return
  switch (outcome.state) {
    case 'missing':
      setFileState(db, file.id, 'missing')
      return
    case 'unreadable':
      quarantinePhoto(db, photoId, outcome.code, outcome.reason)
      return
    case 'seen': {
      if (row.contentHash && !row.contentHash.equals(outcome.contentHash)) {
        // The bytes changed since the last scan: an identity never changes, so the file gets a new one.
        replaceFile(db, file.id, file.size, file.modifiedMs)
        return
      }
      const id = storeRead(db, photoId, outcome)
      finishReading(db, id)
      if (model && outcome.predictions) {
        storePredictions(db, id, model.modelId, withClasses(outcome.predictions, model.classIds))
        finishClassifying(db, id, model.sha256)
      }
      return
    }
    default:
      outcome satisfies never
  }
}

function withClasses(
  predictions: readonly { index: number; score: number }[],
  classIds: readonly number[],
): { classId: number; score: number }[] {
  return predictions.map(({ index, score }) => {
    const classId = classIds[index]
    if (classId === undefined) throw new Error(`the model has no output ${index}`)
    return { classId, score }
  })
}
