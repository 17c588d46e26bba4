import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { RestoreReport } from '../../contract/backups.ts'
import { UserError } from '../../contract/errors.ts'
import { restoreFailure } from '../engine/backup/failures.ts'
import { contentsOf, findBackups } from '../engine/backup/list.ts'
import { backupPlace } from '../engine/backup/place.ts'
import { removeUnfinishedRestore, replaceLibrary } from '../engine/backup/replace.ts'
import { createBackupThreads } from '../engine/backup/threads.ts'
import { type Described, isNewer, lookInto } from '../engine/db/backup.ts'
import { lockLibrary, withoutReaders } from '../engine/db/lock.ts'
import { libraryFile, openLibrary } from '../engine/db/open.ts'
import { storageFailure } from '../engine/storageFailure.ts'
import { backupThreadEntry } from '../processes/entries.ts'
import { contentsInWords, when, withProgress } from './backupCommand.ts'
import type { CommonOptions } from './index.ts'

interface RestoreOptions extends Pick<CommonOptions, 'library' | 'json'> {
  /** Does not ask. */
  yes: boolean
}

/** `wanted`: a backup's path, its name in the folder of backups, or `latest`. */
export async function runRestore(wanted: string, options: RestoreOptions): Promise<void> {
  const { library, json } = options
  const file = backupNamed(wanted, library)
  // What cannot be restored is told before anybody is asked.
  const { note, ...holdings } = lookAt(file, library)
  const madeAt = note ? new Date(note.madeAt).toISOString() : null
  const contents = contentsInWords(contentsOf(holdings))
  if (!(await confirmed(`${madeAt ? `of ${when(madeAt)}` : file} (${contents})`, options))) return
  const report = await restore(file, library)
  if (!report) return
  // One that an older Albumen made is brought up to date now, after a backup of its own.
  openLibrary(library).close()
  if (json) console.log(JSON.stringify(report))
  else tell(report, library)
}

function backupNamed(wanted: string, library: string): string {
  const known = findBackups(library)
  if (wanted === 'latest') {
    const newest = known.find(({ kind, contents }) => kind === 'daily' && contents !== null)
    if (newest) return newest.path
    throw new UserError(
      'no-backup',
      `There is no backup in ${backupPlace(library).folder}: give the path of one that lies elsewhere.`,
    )
  }
  const path = resolve(wanted)
  if (existsSync(path)) return path
  const named = known.find((backup) => basename(backup.path) === wanted)
  if (named) return named.path
  throw new UserError(
    'no-such-backup',
    `There is no backup ${wanted}: "albumen backup --list" shows those that there are.`,
  )
}

/** Throws UserError for what is no backup or cannot be read. */
function lookAt(file: string, library: string): Described {
  try {
    // SQLite would take what is no file for a disk that does not work.
    if (!statSync(file).isFile()) {
      throw new UserError(
        'no-backup',
        `${file} is no file: give the path of a backup; "albumen backup --list" shows those that there are.`,
      )
    }
    accessSync(file, constants.R_OK)
    return lookInto(file)
  } catch (error) {
    if (storageFailure(error) !== 'not-writable') throw restoreFailure(error, library, file)
    throw new UserError(
      'no-permission',
      `${file} may not be read: change its permissions, or take another backup.`,
    )
  }
}

async function confirmed(what: string, { library, yes }: RestoreOptions): Promise<boolean> {
  if (yes || !existsSync(libraryFile(library))) return true
  if (!process.stdin.isTTY) {
    throw new UserError(
      'not-confirmed',
      `Restoring replaces the library in ${library}: add --yes if that is meant.`,
    )
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const question = `Replace the library in ${library} by the backup ${what}? It is put aside. [y/N] `
  // Ctrl-C and Ctrl-D are no answer.
  const answer = await terminal.question(question).catch(() => '')
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}

/** `null`: stopped before anything was changed. */
async function restore(file: string, directory: string): Promise<RestoreReport | null> {
  mkdirSync(directory, { recursive: true })
  const release = lockLibrary(directory)
  try {
    removeUnfinishedRestore(directory)
    const threads = createBackupThreads(backupThreadEntry())
    const prepared = await withProgress((context) =>
      threads.run('prepareRestore', { directory, file }, context),
    )
    if (!prepared) return null
    return withoutReaders(directory, () => ({
      ...prepared,
      replaced: replaceLibrary(directory, Date.now()),
    }))
  } finally {
    // What was stopped before it took the library's place.
    removeUnfinishedRestore(directory)
    release()
  }
}

function tell({ madeAt, contents, replaced }: RestoreReport, library: string): void {
  console.log(`Restored the library as of ${when(madeAt)}: ${contentsInWords(contents)}.`)
  if (replaced === null) return
  const update = isOfNewer(replaced) ? ' with the newer Albumen that made it' : ''
  console.log(`As it was before it lies in ${replaced}; to go back${update}:`)
  console.log(`albumen restore "${replaced}" --library "${library}"`)
}

/** Of what is damaged nobody knows. */
function isOfNewer(file: string): boolean {
  try {
    return isNewer(lookInto(file).schema)
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}
