/** Runs on the thread for backups: makes a backup ready to be the library. */
import { statSync } from 'node:fs'
import type { BackupContents, BackupProgress } from '../../../contract/backups.ts'
import { checkCopy, restorable } from '../db/backup.ts'
import { removeDatabase } from '../db/paths.ts'
import { syncFileNow } from '../disk.ts'
import { restoreFailure } from './failures.ts'
import { contentsOf } from './list.ts'
import { restoringFile } from './replace.ts'
import { requireRoom, takeScratchCopy } from './scratch.ts'

export interface PrepareInput {
  /** Of the library. */
  directory: string
  /** Path of the backup. */
  file: string
}

/** What the library will be. */
export interface Prepared {
  madeAt: string
  contents: BackupContents
}

/**
 * Copies a backup to where it becomes the library next, and checks the copy. The library stays as it
 * is. Throws UserError for a backup that cannot be restored; then nothing of it is left.
 */
export async function prepareRestore(
  { directory, file }: PrepareInput,
  onProgress: (progress: BackupProgress) => void,
): Promise<Prepared> {
  const scratch = restoringFile(directory)
  try {
    const { size, mtimeMs } = statSync(file)
    await requireRoom(directory, size)
    onProgress({ phase: 'copying', share: null })
    takeScratchCopy(file, scratch)
    onProgress({ phase: 'verifying', share: null })
    const { note, ...holdings } = checkCopy(scratch, restorable(file))
    syncFileNow(scratch)
    const madeAt = new Date(note?.madeAt ?? mtimeMs).toISOString()
    return { madeAt, contents: contentsOf(holdings) }
  } catch (error) {
    removeDatabase(scratch)
    throw restoreFailure(error, directory, file)
  }
}
