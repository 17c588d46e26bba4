import type { Database } from 'better-sqlite3'
import type { PhotoId } from '../../../contract/domain.ts'
import type { LookOutcome } from '../../rpc/visionCommands.ts'
import { storeFeatures } from '../db/features.ts'
import { type FileNow, fileNow, mergePhotos } from '../db/identity.ts'
import {
  completeRead,
  hasBytes,
  identityOf,
  isDescribedByAnother,
  photoWithBytes,
  photoWithIdentity,
  storeRead,
  storeStandIn,
} from '../db/photos.ts'
import { loseFile } from '../db/places.ts'
import { storePredictions } from '../db/predictions.ts'
import { joinHistories } from '../db/undo.ts'
import {
  classifyAgain,
  finishClassifying,
  finishReading,
  quarantineFile,
  tryAgain,
  type WorkItem,
} from '../db/work.ts'
import { joinKnown, type ReadFile, settleUnknown } from '../library/identity.ts'
import { statFile } from '../library/listing.ts'

/** The model whose predictions are stored: its row, and its classes by output index. */
export interface StoredModel {
  modelId: number
  sha256: string
  classIds: readonly number[]
}

export type Finding =
  | LookOutcome
  /** The bytes of a file that was read before; nothing had to be decoded. */
  | { state: 'same-bytes'; contentHash: Uint8Array }

export interface FinishedLook {
  item: WorkItem
  finding: Finding
  /** The model that looked; `null` when none was asked. */
  model: StoredModel | null
}

/** Stores a batch of looks in one transaction: after a crash a photo is finished or untouched. */
export function storeLooks(db: Database, looks: readonly FinishedLook[]): void {
  db.transaction(() => {
    for (const look of looks) storeLook(db, look)
  }).immediate()
}

function storeLook(db: Database, { item, finding, model }: FinishedLook): void {
  const file = fileNow(db, item.id)
  // Its folder was removed while it was being looked at, or it changed again: it stays in the queue.
  if (!file || file.size !== item.size || file.modifiedMs !== item.modifiedMs) return
  // Moved meanwhile: what was seen of it is true, but not that it could not be seen where it lay.
  const unseen = finding.state === 'missing' || finding.state === 'unreadable'
  if (unseen && file.path !== item.path) return
  switch (finding.state) {
    case 'missing':
      // It may have been away for a moment only, which no scan will tell.
      if (statFile(item.path) === 'gone') loseFile(db, item.id)
      else tryAgain(db, item.id)
      return
    case 'unreadable':
      quarantineFile(db, item.id, finding.code, finding.reason)
      return
    case 'same-bytes':
      storeSameBytes(db, item, file, finding.contentHash)
      return
    case 'seen':
      storeSeen(db, { item, file, seen: finding, model })
      return
    default:
      finding satisfies never
  }
}

function storeSameBytes(
  db: Database,
  { id, size }: WorkItem,
  file: FileNow,
  contentHash: Uint8Array,
): void {
  if (!file.contentHash?.equals(contentHash)) {
    const known = photoWithBytes(db, size, contentHash)
    // It was there when it was compared: whatever happened since, the file is still in the queue.
    if (known === null) return
    if (known !== file.photoId) joinKnown(db, { id, ...file }, known, contentHash)
  }
  finishReading(db, id, contentHash, null)
}

interface SeenFile {
  item: WorkItem
  file: FileNow
  seen: Extract<LookOutcome, { state: 'seen' }>
  model: StoredModel | null
}

function storeSeen(db: Database, { item, file, seen, model }: SeenFile): void {
  const photo = photoOf(db, item, file, seen)
  finishReading(db, item.id, seen.contentHash, seen.orientation)
  // A copy that lost its orientation shows the photo lying on its side.
  const upright =
    item.kind === 'classify' || identityOf(db, photo)?.orientation === seen.orientation
  if (model && seen.predictions && upright) {
    storePredictions(db, photo, model.modelId, withClasses(seen.predictions, model.classIds))
    storeFeatures(db, photo, model.sha256, seen.features)
    finishClassifying(db, photo, model.sha256)
  }
}

/** The photo that a file turned out to be, with what was read of it. */
function photoOf(db: Database, { id }: WorkItem, asked: FileNow, seen: SeenFile['seen']): PhotoId {
  const known = photoWithIdentity(db, seen)
  if (known !== null) joinNamesake(db, known, seen)
  const file = fileNow(db, id) ?? asked
  if (known === null) {
    const photo = settleUnknown(db, { id, ...file }, seen.metadata.takenAt)
    storeRead(db, photo, seen)
    return photo
  }
  const before = identityOf(db, known)
  const part = partOf(db, { id, ...file }, known, seen)
  if (known !== file.photoId) joinKnown(db, { id, ...file }, known, seen.contentHash)
  if (part === 'copy') {
    completeRead(db, known, seen)
    return known
  }
  if (part === 'stand-in') storeStandIn(db, known, seen)
  else storeRead(db, known, seen)
  // Turned by another program: the model sees another picture.
  if (before && before.orientation !== seen.orientation) classifyAgain(db, known)
  return known
}

/** Read when image data was not told from the rest, it may have the same bytes and be another photo. */
function joinNamesake(db: Database, known: PhotoId, { contentHash }: SeenFile['seen']): void {
  const namesake = photoWithIdentity(db, { contentHash, imageHash: null })
  if (namesake === null || namesake === known) return
  joinHistories(db, namesake, known)
  mergePhotos(db, namesake, known)
}

/**
 * What a file that was read is to its photo. A copy may have been stripped of what the one tells that
 * describes the photo, also when that is gone. One that was edited, or took its place, describes it.
 */
function partOf(
  db: Database,
  file: ReadFile,
  photo: PhotoId,
  seen: SeenFile['seen'],
): 'describes' | 'copy' | 'stand-in' {
  const before = identityOf(db, photo)
  if (before?.contentHash.equals(seen.contentHash)) return 'describes'
  // The one that knows how it is turned describes it.
  if (before?.orientation === 1 && seen.orientation !== 1) return 'describes'
  const isEdited = file.photoId === photo && file.contentHash?.equals(seen.contentHash) === false
  if (isEdited) return 'describes'
  if (isDescribedByAnother(db, photo, file.id)) return 'copy'
  return hasBytes(db, photo, seen.contentHash) ? 'stand-in' : 'describes'
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
