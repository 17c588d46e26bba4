import { dirname } from 'node:path'
import type { Database } from 'better-sqlite3'
import type {
  Backup,
  BackupList,
  BackupProgress,
  RestoreReport,
} from '../../../contract/backups.ts'
import type { CallContext, Handlers } from '../../../contract/commands.ts'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { holdingsOf } from '../db/backup.ts'
import { withoutReaders } from '../db/lock.ts'
import { backUp } from './backUp.ts'
import { backupFailure } from './failures.ts'
import { contentsOf } from './list.ts'
import { backupPlace, chooseFolder, reachFolder } from './place.ts'
import { removeUnfinishedRestore, replaceLibrary } from './replace.ts'
import { type BackupTiming, isDue } from './schedule.ts'
import type { BackupThreads } from './threads.ts'

export interface BackupsOptions {
  db: Database
  /** Of the library. */
  directory: string
  threads: BackupThreads
  /** Milliseconds since 1970. */
  now: () => number
  timing: BackupTiming
  log: (line: string) => void
  /** What `listBackups` tells changed. */
  onChange: () => void
  /** Closes the engine and its library's files, and keeps the library's lock during `work`. */
  leave: <Result>(work: () => Result) => Result
}

type BackupCommand = 'listBackups' | 'backUp' | 'chooseBackupFolder' | 'restoreBackup'

/** The backups of a library that an engine has open. */
export interface Backups {
  handlers: Handlers<BackupCommand>
  /** Makes one a day from now on, in the background. */
  keepDaily(): void
  close(): void
}

const inBackground = (signal: AbortSignal) => ({ signal, onProgress: () => {} })

export function createBackups(options: BackupsOptions): Backups {
  const { db, directory, threads, now, timing, log, onChange, leave } = options
  let running: { controller: AbortController; ended: Promise<unknown> } | null = null
  let problem: string | null = null
  let retryAt = 0
  /** When the newest one in the folder was made, as far as is known. */
  let newest: number | null = null
  let timer: NodeJS.Timeout | null = null
  const closing = new AbortController()

  async function make({ signal, onProgress }: CallContext<BackupProgress>): Promise<Backup> {
    if (running) {
      throw new UserError('backup-running', 'A backup is being made already: wait for it.')
    }
    const controller = new AbortController()
    const context = { signal: AbortSignal.any([signal, controller.signal]), onProgress }
    const at = now()
    const making = backUp({ directory, to: null, at, threads }, context)
    running = { controller, ended: making.catch(() => {}) }
    onChange()
    try {
      const backup = await making
      problem = null
      newest = at
      return backup
    } catch (error) {
      if (!context.signal.aborted) fail(error)
      throw error
    } finally {
      running = null
      onChange()
    }
  }

  function fail(error: unknown): void {
    const sentence = messageOf(error)
    // The same sentence every hour says nothing new.
    if (sentence !== problem) log(`There is no new backup: ${sentence}`)
    problem = sentence
    retryAt = now() + timing.retry
  }

  async function makeIfDue(): Promise<void> {
    if (running || now() < retryAt || !isDue(newest, now())) return
    try {
      const folder = await reachFolder(directory)
      const found = await threads.run('list', { directory }, inBackground(closing.signal))
      const last = found.find(({ path, kind }) => kind === 'daily' && dirname(path) === folder)
      newest = last ? Date.parse(last.madeAt) : null
      if (!running && isDue(newest, now())) await make(inBackground(closing.signal))
    } catch (error) {
      if (!closing.signal.aborted) fail(error)
    }
  }

  function lookAfter(delay: number): void {
    if (closing.signal.aborted) return
    timer = setTimeout(() => void makeIfDue().finally(() => lookAfter(timing.look)), delay)
    timer.unref()
  }

  async function list(): Promise<BackupList> {
    const { folder, isUsual } = backupPlace(directory)
    const backups = await threads.run('list', { directory }, inBackground(closing.signal))
    const unreachable = await reachFolder(directory).then(
      () => null,
      (error: unknown) => messageOf(error),
    )
    return {
      ...{ folder, isUsual, backups },
      now: contentsOf(holdingsOf(db)),
      running: running !== null,
      problem: unreachable ?? problem,
    }
  }

  async function choose(folder: string | null): Promise<null> {
    try {
      await chooseFolder(directory, folder)
    } catch (error) {
      throw backupFailure(error, directory, folder ?? directory)
    }
    newest = null
    problem = null
    retryAt = 0
    onChange()
    return null
  }

  async function restore(
    file: string,
    context: CallContext<BackupProgress>,
  ): Promise<RestoreReport> {
    const { backups } = await list()
    if (!backups.some(({ path }) => path === file)) {
      throw new UserError('no-such-backup', `${file} is not there any more: take another backup.`)
    }
    // One that is being made reads the library, which is about to be another one.
    running?.controller.abort(new UserError('cancelled', 'A backup is being restored.'))
    await running?.ended
    const prepared = await threads.run('prepareRestore', { directory, file }, context)
    try {
      return withoutReaders(directory, () =>
        leave(() => ({ ...prepared, replaced: replaceLibrary(directory, now()) })),
      )
    } finally {
      removeUnfinishedRestore(directory)
    }
  }

  return {
    handlers: {
      listBackups: list,
      backUp: (_input, context) => make(context),
      chooseBackupFolder: ({ folder }) => choose(folder),
      restoreBackup: ({ path }, context) => restore(path, context),
    },
    keepDaily: () => lookAfter(timing.first),
    close() {
      if (timer) clearTimeout(timer)
      closing.abort(new UserError('cancelled', 'Albumen ends.'))
      running?.controller.abort(closing.signal.reason)
    },
  }
}
