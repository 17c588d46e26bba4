import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Backup, BackupProgress } from '../../../contract/backups.ts'
import type { CallContext } from '../../../contract/commands.ts'
import { UserError } from '../../../contract/errors.ts'
import { joinReaders, takeLock } from '../db/lock.ts'
import { libraryFile } from '../db/paths.ts'
import { storageFailure } from '../storageFailure.ts'
import { backupFailure } from './failures.ts'
import { removeUnfinished } from './make.ts'
import { backupPlace, libraryId, reachFolder, requireWritable } from './place.ts'
import type { BackupThreads } from './threads.ts'

export interface BackUpOptions {
  /** Of the library. */
  directory: string
  /** A folder for this backup alone; `null`: where backups of the library go. */
  to: string | null
  /** Milliseconds since 1970. */
  at: number
  threads: BackupThreads
}

/**
 * Backs up a library, also beside an engine that writes it. Throws UserError where that does not work;
 * then nothing of it is left. What was left by a process that was ended goes.
 */
export async function backUp(
  { directory, to, at, threads }: BackUpOptions,
  context: CallContext<BackupProgress>,
): Promise<Backup> {
  if (!existsSync(libraryFile(directory))) {
    throw new UserError('no-library', `There is no library in ${directory} to back up.`)
  }
  const release = onlyOne(directory)
  try {
    const folder = to === null ? await reachFolder(directory) : await openFolder(to)
    const library = await libraryId(directory)
    const stopReading = joinReaders(directory, { readOnly: release === null })
    try {
      removeUnfinished(folder, library)
      const rotate = to === null
      return await threads.run('make', { directory, library, folder, at, rotate }, context)
    } finally {
      // The thread may have been ended before it could.
      removeUnfinished(folder, library)
      stopReading()
    }
  } catch (error) {
    throw backupFailure(error, directory, to ?? backupPlace(directory).folder)
  } finally {
    release?.()
  }
}

/** `null`: nothing may be written beside the library, so that it cannot be told. */
function onlyOne(directory: string): (() => void) | null {
  let release: (() => void) | null
  try {
    release = takeLock(join(directory, 'backup-lock.sqlite'))
  } catch (error) {
    if (storageFailure(error) === null) throw error
    return null
  }
  if (release) return release
  throw new UserError(
    'backup-running',
    `A backup of the library in ${directory} is being made already: wait until it is done.`,
  )
}

/** Makes a folder whose parent is there. */
async function openFolder(folder: string): Promise<string> {
  if (!existsSync(folder) && existsSync(dirname(folder))) await mkdir(folder)
  await requireWritable(folder)
  return folder
}
