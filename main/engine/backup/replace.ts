/**
 * A library's file is replaced by another one. Whatever happens meanwhile, the library is the one
 * before or the one after, whole: what changes it is one rename.
 */
import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeWhole } from '../db/backup.ts'
import { journalsOf, libraryFile, removeDatabase } from '../db/paths.ts'
import { syncFileNow, syncFolderNow } from '../disk.ts'
import { kindOf, replacedName } from './names.ts'
import { usualFolder } from './place.ts'

/** Where the library lies that is about to take the place of this one. */
export const restoringFile = (directory: string) => join(directory, 'restoring.sqlite')

/**
 * Puts `restoringFile` in the place of the library, and the library aside, as a complete database of
 * its own. Whoever asks holds the library's lock, has closed its files and keeps readers out. `at`:
 * milliseconds since 1970. Returns where it was put; `null` where there was none.
 */
export function replaceLibrary(directory: string, at: number): string | null {
  const library = libraryFile(directory)
  const aside = existsSync(library) ? putAside(directory, at) : null
  // SQLite would take the log of another library for the new one's.
  for (const journal of journalsOf(library)) rmSync(journal, { force: true })
  syncFolderNow(directory)
  renameSync(restoringFile(directory), library)
  syncFolderNow(directory)
  return aside
}

function putAside(directory: string, at: number): string {
  const library = libraryFile(directory)
  const folder = usualFolder(directory)
  mkdirSync(folder, { recursive: true })
  const aside = freeName(folder, at)
  makeWhole(library)
  if (!linked(library, aside)) copyAside(library, aside)
  syncFolderNow(folder)
  return aside
}

function freeName(folder: string, at: number): string {
  for (let count = 1; ; count++) {
    const path = join(folder, replacedName(at, count))
    if (!existsSync(path)) return path
  }
}

/** A second name for the same file, which is the only one when the other means the new library. */
function linked(library: string, aside: string): boolean {
  try {
    linkSync(library, aside)
    return true
  } catch {
    // exFAT and others have no links.
    return false
  }
}

function copyAside(library: string, aside: string): void {
  const unfinished = `${aside}.partial`
  try {
    copyFileSync(library, unfinished, constants.COPYFILE_FICLONE)
    syncFileNow(unfinished)
    renameSync(unfinished, aside)
  } finally {
    rmSync(unfinished, { force: true })
  }
}

/** Takes away what a restore has left that was cut off before it changed anything. */
export function removeUnfinishedRestore(directory: string): void {
  removeDatabase(restoringFile(directory))
  const library = statSync(libraryFile(directory), { throwIfNoEntry: false, bigint: true })
  const folder = usualFolder(directory)
  if (!library || !existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (name.startsWith('replaced-') && name.endsWith('.partial')) rmSync(path, { force: true })
    if (kindOf(name) !== 'replaced' || library.nlink < 2n) continue
    // Another name for the library as it is, not for one that was replaced.
    const { ino, dev } = statSync(path, { bigint: true })
    if (ino === library.ino && dev === library.dev) rmSync(path)
  }
}
