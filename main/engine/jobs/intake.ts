import type { Database } from 'better-sqlite3'
import type { FolderId } from '../../../contract/domain.ts'
import type { FileId } from '../db/files.ts'
import { type FileCursor, filesToRead, photosToClassify, type WorkItem } from '../db/work.ts'

const FETCH = 256

export interface IntakeOptions {
  db: Database
  /** Whether photos are classified: a model is there. */
  classifies: () => boolean
  isUnderWay: (file: FileId) => boolean
}

/** What was taken from the queue, a piece at a time, and was not begun. */
export interface Intake {
  isEmpty(): boolean
  next(): WorkItem | undefined
  /** Takes more of what is not under way, if there is any. */
  refill(): void
  /** Forgets what was taken; it is in the queue as before. */
  forget(): void
  forgetFolder(folder: FolderId): void
  /** Begins at the start of the queue again. */
  restart(): void
}

/** How far the queue was taken: files to read first, then photos to classify. */
interface Cursor {
  file: FileCursor
  photo: number
}

const start: Cursor = { file: { folder: 0, file: 0 }, photo: 0 }

export function createIntake({ db, classifies, isUnderWay }: IntakeOptions): Intake {
  let cursor = start
  let taken: WorkItem[] = []

  function takeAfter({ file, photo }: Cursor): WorkItem[] {
    const files = filesToRead(db, file, FETCH)
    if (files.length > 0 || !classifies()) {
      const last = files.at(-1)
      cursor = last ? { file: { folder: last.folderId, file: last.id }, photo: 0 } : start
      return files
    }
    const photos = photosToClassify(db, photo, FETCH)
    const last = photos.at(-1)
    cursor = last ? { file, photo: last.photoId } : start
    return photos
  }

  return {
    isEmpty: () => taken.length === 0,
    next: () => taken.shift(),
    refill() {
      taken = takeAfter(cursor)
      if (taken.length === 0 && cursor !== start) taken = takeAfter(start)
      taken = taken.filter(({ id }) => !isUnderWay(id))
    },
    forget() {
      taken = []
    },
    forgetFolder(folder) {
      taken = taken.filter(({ folderId }) => folderId !== folder)
    },
    restart() {
      taken = []
      cursor = start
    },
  }
}
