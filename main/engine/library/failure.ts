/** What a failure of the disk or of SQLite means for a library: one sentence, in one place. */
import { join } from 'node:path'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { newestBackup } from '../backup/list.ts'
import { backupPlace } from '../backup/place.ts'
import type { LibraryDatabase } from '../db/open.ts'
import { isSound } from '../db/soundness.ts'
import { type StorageFailure, storageFailure } from '../storageFailure.ts'

/** `null` for an error that storage has nothing to do with, and for one that is explained already. */
export function libraryFailure(error: unknown, directory: string): UserError | null {
  const failure = storageFailure(error)
  return failure && failureOf(failure, directory, messageOf(error))
}

export type Explain = (error: unknown) => UserError | null

/** As `libraryFailure`, for a library that is open: it tells a damaged cache from a damaged library. */
export function createExplain({ db, directory, suspectCache }: LibraryDatabase): Explain {
  /** Looked for once: it takes seconds, and every thumbnail may ask. */
  let damage: UserError | null = null
  return (error) => {
    if (storageFailure(error) !== 'damaged') return libraryFailure(error, directory)
    suspectCache()
    damage ??=
      db.open && isSound(db, 'main') ? damagedCache(directory) : libraryFailure(error, directory)
    return damage
  }
}

const damagedCache = (directory: string) =>
  new UserError(
    'cache-damaged',
    `The thumbnails in ${join(directory, 'cache.sqlite')} are damaged: press Resume or start Albumen again, and they are made anew.`,
  )

const then = 'then press Resume or try again'

/** `said`: by the system or by SQLite. */
export function failureOf(failure: StorageFailure, directory: string, said: string): UserError {
  const library = `the library in ${directory}`
  const words: Record<StorageFailure, () => readonly [code: string, sentence: string]> = {
    'no-room': () => [
      'library-full',
      `There is no room left for ${library}: make room on its disk, ${then}.`,
    ],
    'not-writable': () => [
      'library-read-only',
      `Nothing may be written to ${library}: allow writing in its folder and on its disk, ${then}.`,
    ],
    'file-too-large': () => [
      'library-too-large',
      `The file system takes no larger file than ${library} has: move it to a drive formatted as exFAT, NTFS, APFS or ext4.`,
    ],
    'in-use': () => ['library-busy', `Another program keeps ${library} busy: end it, ${then}.`],
    unreachable: () => [
      'library-unusable',
      `Files of ${library} cannot be opened (${said}): check that its disk is connected and may be written, or choose another library with --library.`,
    ],
    failed: () => [
      'library-disk-failed',
      `The disk of ${library} does not work as it should (${said}): check it and its cable, ${then}.`,
    ],
    damaged: () => ['library-damaged', damagedSentence(directory, said)],
  }
  const [code, sentence] = words[failure]()
  return new UserError(code, sentence)
}

function damagedSentence(directory: string, said: string): string {
  const newest = newestBackup(directory)
  const to = `--library "${directory}"`
  const advice = newest
    ? `restore its newest backup, of ${newest.madeAt.slice(0, 10)}, with: albumen restore "${newest.path}" ${to}`
    : `there is no backup of it in ${backupPlace(directory).folder}; restore one that lies elsewhere with: albumen restore <file> ${to}, or choose another library with --library`
  return `The library in ${directory} is damaged (${said}): ${advice}`
}
