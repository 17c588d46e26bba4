/**
 * Which photo a file is, so that what was said of a photo follows it through renames, moves, copies,
 * edits of its metadata and edits of its pixels.
 */
import type { Database } from 'better-sqlite3'
import type { PhotoId } from '../../../contract/domain.ts'
import type { FileId } from '../db/files.ts'
import { type FileNow, joinPhoto, leavePhoto, mergePhotos, strayAt } from '../db/identity.ts'
import { areOfOneLine, inherit, isOfLine, revokeInheritance, takeBack } from '../db/inheritance.ts'
import { identityOf, insertPhoto, takenAtOf } from '../db/photos.ts'
import { joinHistories } from '../db/undo.ts'

export interface ReadFile extends FileNow {
  id: FileId
}

/**
 * The file is a photo that the library knows: a copy, or one that was moved, or got the picture of
 * another. `contentHash`: of its bytes as they are now.
 */
export function joinKnown(
  db: Database,
  file: ReadFile,
  known: PhotoId,
  contentHash: Uint8Array,
): void {
  const former = file.photoId
  const before = identityOf(db, former)
  const same = before === null || before.contentHash.equals(contentHash)
  // Only before it is read for the first time: later it may be whatever took its place.
  const copyOf = file.contentHash === null ? file.copyOf : null
  const isCopy = copyOf !== null && isOfLine(db, copyOf, known)
  const isTakenBack = !same && areOfOneLine(db, former, known)
  if (isTakenBack) takeBack(db, known, former)
  else if (!isCopy) revokeInheritance(db, known)
  joinPhoto(db, file.id, known, { newcomer: !isCopy && !isTakenBack })
  if (same) {
    joinHistories(db, former, known)
    mergePhotos(db, former, known)
  } else leavePhoto(db, former, file.id)
}

/**
 * The file is a photo that the library does not know: its first one, or its pixels were changed. Another
 * photo may have the name now: one that was taken at another time, and where the file was gone for a
 * while, one that is not known to be taken at the same. `takenAt`: as it tells.
 */
export function settleUnknown(db: Database, file: ReadFile, takenAt: string | null): PhotoId {
  const former = file.photoId
  if (identityOf(db, former) === null) {
    const stray = strayAt(db, file.id)
    if (stray !== null && areAtOneTime(takenAtOf(db, stray), takenAt)) inherit(db, former, stray)
    return former
  }
  const heir = insertPhoto(db, file.modifiedMs)
  joinPhoto(db, file.id, heir, { newcomer: false })
  const before = takenAtOf(db, former)
  const isUntold = !file.returned && (before === null || takenAt === null)
  if (isUntold || areAtOneTime(before, takenAt)) inherit(db, heir, former)
  leavePhoto(db, former, file.id)
  return heir
}

const areAtOneTime = (one: string | null, other: string | null) => one !== null && one === other
