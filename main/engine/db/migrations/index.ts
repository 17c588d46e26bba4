import type { Database } from 'better-sqlite3'
import { foldersFilesPhotosPredictions } from './0001-folders-files-photos-predictions.ts'
import { identitiesAndDecisions } from './0002-identities-and-decisions.ts'
import { lastingInheritance } from './0003-lasting-inheritance.ts'
import { turnedCopies } from './0004-turned-copies.ts'
import { workWithinReach } from './0005-work-within-reach.ts'

/** One function a schema version, in order. A landed one is never changed: write the next. */
export const migrations: readonly ((db: Database) => void)[] = [
  foldersFilesPhotosPredictions,
  identitiesAndDecisions,
  lastingInheritance,
  turnedCopies,
  workWithinReach,
]
