/** Runs on the thread for backups: makes one, and gives it its name when it has proved to be sound. */
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Backup, BackupProgress } from '../../../contract/backups.ts'
import { checkCopy, copyLibrary, describeCopy, requireKnownSchema } from '../db/backup.ts'
import { libraryFile, removeDatabase } from '../db/paths.ts'
import { moveInto, syncFileNow, syncFolder } from '../disk.ts'
import { backupFailure } from './failures.ts'
import { backupsIn } from './list.ts'
import { dailyName } from './names.ts'
import { outdated } from './rotation.ts'
import { requireRoom, takeScratchCopy } from './scratch.ts'

export interface MakeInput {
  /** Of the library. */
  directory: string
  /** Id of the library. */
  library: string
  folder: string
  /** Milliseconds since 1970. */
  at: number
  /** Older backups of this library in the folder go when their time is over. */
  rotate: boolean
}

type OnProgress = (progress: BackupProgress) => void

/** What is being made in a folder, and what it is checked on. Nobody else makes one of this library. */
const unfinishedIn = (folder: string, library: string) => ({
  copy: join(folder, `.albumen-${library}.partial`),
  scratch: join(folder, `.albumen-${library}.checking`),
})

export function removeUnfinished(folder: string, library: string): void {
  const { copy, scratch } = unfinishedIn(folder, library)
  for (const each of [copy, scratch]) removeDatabase(each)
}

/** Throws UserError where that does not work. Whoever asked removes what is unfinished. */
export async function makeBackup(input: MakeInput, onProgress: OnProgress): Promise<Backup> {
  try {
    return await make(input, onProgress)
  } catch (error) {
    throw backupFailure(error, input.directory, input.folder)
  }
}

async function make(input: MakeInput, onProgress: OnProgress): Promise<Backup> {
  const { directory, library, folder, at } = input
  const source = libraryFile(directory)
  const { copy, scratch } = unfinishedIn(folder, library)
  // Twice: it is checked on a copy of its own.
  await requireRoom(folder, 2 * statSync(source).size)
  const { schema, photos, said } = await copyLibrary(source, copy, (done, total) =>
    onProgress({ phase: 'copying', share: done / total }),
  )
  requireKnownSchema(schema, `The library in ${directory}`)
  onProgress({ phase: 'verifying', share: null })
  describeCopy(copy, { library, madeAt: at, photos, said })
  syncFileNow(copy)
  takeScratchCopy(copy, scratch)
  checkCopy(scratch, {
    name: 'The backup that was just made',
    advice: `the library itself may be; look with: albumen doctor --library "${directory}"`,
  })
  const path = await publish(copy, folder, at)
  await syncFolder(folder)
  if (input.rotate) removeOutdated(folder, library)
  const made = backupsIn(folder).find((backup) => backup.path === path)
  if (!made) throw new Error(`the backup ${path} is gone`)
  const { note: _, ...backup } = made
  return backup
}

async function publish(copy: string, folder: string, at: number): Promise<string> {
  for (let count = 1; ; count++) {
    const path = join(folder, dailyName(at, count))
    if (await moveInto(copy, path)) return path
  }
}

function removeOutdated(folder: string, library: string): void {
  const ours = backupsIn(folder).flatMap(({ path, kind, note }) =>
    kind === 'daily' && note?.library === library ? [{ path, madeAt: note.madeAt }] : [],
  )
  for (const { path } of outdated(ours)) rmSync(path, { force: true })
}
