/** What a failure of storage means while a backup is made or restored; other errors stay as they are. */
import { messageOf } from '../../../contract/errors.ts'
import { failureOf } from '../library/failure.ts'
import { explainStorage, storageFailure } from '../storageFailure.ts'

/** `directory`: of the library; `folder`: where the backup was to be. */
export function backupFailure(error: unknown, directory: string, folder: string): unknown {
  const said = messageOf(error)
  if (storageFailure(error) === 'damaged') return failureOf('damaged', directory, said)
  return explainStorage(error, {
    'no-room': [
      'no-room',
      `There is no room left in ${folder} for a backup: make room there, or choose another folder.`,
    ],
    'not-writable': [
      'backup-folder-not-writable',
      `Nothing may be written to ${folder}: allow it, or choose another folder for backups.`,
    ],
    otherwise: [
      'backup-failed',
      `No backup could be made in ${folder} (${said}): check its disk and that of the library, or choose another folder.`,
    ],
  })
}

/** `directory`: of the library; `file`: the backup. */
export const restoreFailure = (error: unknown, directory: string, file: string): unknown =>
  explainStorage(error, {
    'no-room': [
      'no-room',
      `There is no room left in ${directory} to restore ${file}: make room there; the library is as it was.`,
    ],
    'not-writable': [
      'library-read-only',
      `Nothing may be written to ${directory}, so that nothing can be restored there: allow it first.`,
    ],
    otherwise: [
      'restore-failed',
      `${file} cannot be restored (${messageOf(error)}): check its disk, or take another backup.`,
    ],
  })
