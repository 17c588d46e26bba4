import { resolve } from 'node:path'
import type { Backup, BackupContents, BackupProgress } from '../../contract/backups.ts'
import type { CallContext } from '../../contract/commands.ts'
import { messageOf, UserError } from '../../contract/errors.ts'
import { backUp } from '../engine/backup/backUp.ts'
import { isBackupDue } from '../engine/backup/due.ts'
import { findBackups } from '../engine/backup/list.ts'
import { backupPlace } from '../engine/backup/place.ts'
import { createBackupThreads } from '../engine/backup/threads.ts'
import { backupThreadEntry } from '../processes/entries.ts'
import { counted } from './evaluate/wording.ts'
import type { CommonOptions } from './index.ts'
import { createStatusLine, megabytes } from './statusLine.ts'

const EXIT_INTERRUPTED = 130

type BackupOptions = Pick<CommonOptions, 'library' | 'json'>

/** `to`: a folder for this backup; `null`: where backups of the library go. */
export async function runBackup(to: string | null, { library, json }: BackupOptions) {
  const threads = createBackupThreads(backupThreadEntry())
  const backup = await withProgress((context) =>
    backUp(
      { directory: library, to: to === null ? null : resolve(to), at: Date.now(), threads },
      context,
    ),
  )
  if (!backup) return
  if (json) console.log(JSON.stringify(backup))
  else console.log(`Backed up and verified: ${inWords(backup)}\n${backup.path}`)
}

/**
 * After a command that wrote the library: makes the backup of the day where there is none yet, and
 * says nothing of it. A failure is told, and is none of the command.
 */
export async function backUpWhenDue({ library }: Pick<BackupOptions, 'library'>): Promise<void> {
  const at = Date.now()
  try {
    if (!(await isBackupDue(library, at))) return
    const threads = createBackupThreads(backupThreadEntry())
    await withProgress((context) => backUp({ directory: library, to: null, at, threads }, context))
  } catch (error) {
    if (error instanceof UserError && error.code === 'backup-running') return
    console.error(`albumen: There is no new backup: ${messageOf(error)}`)
  }
}

/** Prints the backups of a library, newest first. */
export function runBackupList({ library, json }: BackupOptions): void {
  const found = findBackups(library)
  for (const { note: _, ...backup } of found) {
    if (json) console.log(JSON.stringify(backup))
    else console.log(`${backup.path}\n  ${backup.problem ?? inWords(backup)}`)
  }
  if (found.length === 0 && !json) {
    console.log(`There is no backup in ${backupPlace(library).folder} yet.`)
  }
}

const kinds: Record<Backup['kind'], string> = {
  daily: '',
  migration: ', before an update',
  replaced: ', before a backup was restored',
}

export const inWords = ({ madeAt, kind, bytes, contents }: Backup): string =>
  `${when(madeAt)}${kinds[kind]}${contents ? `: ${contentsInWords(contents)}` : ''}, ${megabytes(bytes)}`

/** `madeAt`: ISO 8601. */
export const when = (madeAt: string): string =>
  new Date(madeAt).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })

export const contentsInWords = ({ photos, decisions, albums, ratings }: BackupContents): string =>
  [
    counted(photos, 'photo'),
    counted(decisions, 'decision'),
    ...(albums > 0 ? [counted(albums, 'album')] : []),
    ...(ratings > 0 ? [counted(ratings, 'rating')] : []),
  ].join(', ')

/** Runs what takes long: with a line of progress, and stopped by Ctrl-C, which gives `null`. */
export async function withProgress<Value>(
  work: (context: CallContext<BackupProgress>) => Promise<Value>,
): Promise<Value | null> {
  const line = createStatusLine(process.stderr)
  const controller = new AbortController()
  const stop = () => {
    line.show('Stopping…')
    controller.abort()
  }
  process.once('SIGINT', stop)
  try {
    return await work({
      signal: controller.signal,
      onProgress: ({ phase, share }) => {
        const verb = phase === 'copying' ? 'Copying' : 'Verifying'
        line.show(share === null ? `${verb}…` : `${verb}… ${Math.floor(share * 100)} %`)
      },
    })
  } catch (error) {
    if (!controller.signal.aborted) throw error
    line.log('Stopped; nothing of it is left.')
    process.exitCode = EXIT_INTERRUPTED
    return null
  } finally {
    process.off('SIGINT', stop)
    line.end()
  }
}
