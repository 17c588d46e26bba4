import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import {
  type FileId,
  type FileRow,
  type FileStamp,
  filesInDirectory,
  filesOfSize,
  insertFile,
  markChanged,
  setFileState,
  setStamp,
} from '../db/files.ts'
import type { FolderRow } from '../db/folders.ts'
import { isFileAt, lookalikes, loseFile, moveFile } from '../db/places.ts'
import { statFile, under } from './listing.ts'
import { liesOnMountAway } from './mounts.ts'
import { isThere } from './roots.ts'
import type { Rules } from './rules.ts'
import { renamed } from './sameName.ts'

/** What a scan and its parts share. */
export interface ScanContext {
  db: Database
  folder: FolderRow
  attention: Attention
  /**
   * Lets others have the thread when it is time. Throws when the scan is to end, and RestError when
   * it is to rest.
   */
  breathe: () => Promise<void> | undefined
  /** Tells persons something, in a sentence. */
  say: (sentence: string) => void
}

/** Who wants to know of a scan what lies beyond it. */
export interface Attention {
  /** A directory is about to be read: from now on, what changes there would not be found. */
  enter(directory: string): void
  /** Every directory of the root was entered. */
  covered(): void
  /** `false`: the file is still being written. It is left as it was, and must be looked at again. */
  isSettled(directory: string, name: string, modifiedMs: number): boolean
}

/** Nobody watches: what is there is taken as it is. */
export const unattended: Attention = {
  enter() {},
  covered() {},
  isSettled: () => true,
}

/** The root is no longer there: nothing found since it went means anything. */
export class RootGoneError extends Error {}

/** The scan rests. What was read and not yet written is to be read again afterwards. */
export class RestError extends Error {}

/** Changes written in one transaction: a few milliseconds. */
const SLICE = 200

/**
 * Compares the files of a directory with what the library knows, by name, size and modification time.
 * `names`: of those that may be photos. Returns whether anything was new, changed or gone.
 * Throws RootGoneError, and RestError after which it can be begun again.
 */
export async function compareFiles(
  context: ScanContext,
  directory: string,
  names: readonly string[],
  rules: Rules,
): Promise<boolean> {
  const { db, folder, breathe } = context
  const rows = new Map<string, FileRow>()
  for (const row of filesInDirectory(db, folder.id, directory)) rows.set(row.name, row)
  const comparison = createComparison(context, directory)
  const fresh: string[] = []
  for (const name of names) {
    await breathe()
    const row = rows.get(name)
    rows.delete(name)
    if (rules.leavesOut(under(directory, name), 'file')) {
      if (row) comparison.leaveOut(row)
    } else if (row) comparison.known(name, row)
    else fresh.push(name)
  }
  const path = join(folder.path, directory)
  const pairs = renamed(rows.keys(), fresh, (name) => statFile(join(path, name)) !== 'gone')
  const news = new Set(fresh)
  for (const [from, to] of pairs) {
    const row = rows.get(from)
    rows.delete(from)
    news.delete(to)
    if (row) comparison.renamed(to, row)
  }
  for (const name of news) {
    await breathe()
    comparison.news(name)
  }
  for (const row of rows.values()) comparison.gone(row)
  return comparison.write()
}

/** Collects what is to be written of a directory. */
function createComparison({ db, folder, attention, breathe, say }: ScanContext, directory: string) {
  const changes: (() => unknown)[] = []
  /** What is no news to anybody. */
  const touched: (() => unknown)[] = []
  const path = join(folder.path, directory)
  let unknown = 0

  const isHere = ({ id }: FileRow, name: string) =>
    isFileAt(db, id, { folder: folder.id, directory, name })

  function gone(row: FileRow, name = row.name): void {
    if (row.state === 'missing') return
    // It may have been found elsewhere since its row was read.
    changes.push(() => isHere(row, name) && loseFile(db, row.id))
  }

  /** `null` for what is gone or cannot be told. */
  function look(name: string, row: FileRow | null): FileStamp | null {
    const found = statFile(join(path, name))
    if (found === 'unknown') unknown++
    if (found === 'gone' && row) gone(row, name)
    return typeof found === 'object' ? found : null
  }

  function known(name: string, row: FileRow): void {
    const found = look(name, row)
    if (!found) return
    if (isOther(row, found)) {
      if (!attention.isSettled(directory, name, found.modifiedMs)) return
      changes.push(() => (isHere(row, name) && markChanged(db, row.id, found)) || add(name, found))
      return
    }
    if (row.state !== 'present') {
      changes.push(
        () => (isHere(row, name) && setFileState(db, row.id, 'present')) || add(name, found),
      )
    }
    if (row.changedMs !== found.changedMs) {
      touched.push(() => isHere(row, name) && setStamp(db, row.id, found))
    }
  }

  /** Also where a row went since it was read: who looks at files may have found it gone. */
  function add(name: string, found: FileStamp): void {
    const moved = movedFile(db, folder, name, found)
    if (moved !== null) moveFile(db, moved, { folder: folder.id, directory, name })
    else insertFile(db, { folderId: folder.id, directory, name, ...found }, original(db, found))
  }

  return {
    gone,
    known,
    leaveOut(row: FileRow): void {
      if (row.state !== 'ignored') changes.push(() => setFileState(db, row.id, 'ignored'))
    },
    renamed(name: string, row: FileRow): void {
      changes.push(() => moveFile(db, row.id, { folder: folder.id, directory, name }))
      known(name, row)
    },
    news(name: string): void {
      const found = look(name, null)
      if (!found || !attention.isSettled(directory, name, found.modifiedMs)) return
      changes.push(() => add(name, found))
    },
    async write(): Promise<boolean> {
      if (unknown > 0) {
        say(
          `${unknown === 1 ? 'A file' : `${unknown} files`} in ${path} cannot be reached: allow Albumen to look into the folder, or make its path shorter.`,
        )
      }
      // What is new may lie on another drive, too.
      if (changes.length > 0 && !isThere(db, folder)) throw new RootGoneError()
      if (changes.length > 0 && liesOnMountAway(db, folder, path)) return false
      const all = [...changes, ...touched]
      for (let from = 0; from < all.length; from += SLICE) {
        await breathe()
        db.transaction(() => {
          for (const change of all.slice(from, from + SLICE)) change()
        }).immediate()
      }
      return changes.length > 0
    },
  }
}

/**
 * Whether a file may have other bytes than it had. Some programs keep size and time of what they write,
 * and two files may have changed names: then it is another file, and was changed. Network drives give
 * files other numbers as they please, and permissions change without the bytes: one alone says nothing.
 */
const isOther = (row: FileRow, { size, modifiedMs, inode, changedMs }: FileStamp): boolean =>
  row.size !== size ||
  row.modifiedMs !== modifiedMs ||
  (row.changedMs !== null && row.inode !== inode && row.changedMs !== changedMs)

/**
 * The file of the library that a new one may be a copy of: as large, and still where it lay as it was.
 * `null` for none. One that was moved has left its place.
 */
function original(db: Database, { size }: FileStamp): FileId | null {
  const unchanged = filesOfSize(db, size).find(({ path, modifiedMs }) => {
    const file = statFile(path)
    return typeof file === 'object' && file.size === size && file.modifiedMs === modifiedMs
  })
  return unchanged?.id ?? null
}

/**
 * The file of the library that was moved here: it had this name, size and time, and where it lay
 * there is none any more. `null` for none, and where several photos could be meant.
 */
function movedFile(db: Database, folder: FolderRow, name: string, found: FileStamp): FileId | null {
  const gone = lookalikes(db, { name, ...found }).filter(({ path, folderId, root }) => {
    if (statFile(path) !== 'gone') return false
    const its = { id: folderId, path: root }
    return (folderId === folder.id || isThere(db, its)) && !liesOnMountAway(db, its, path)
  })
  const [first] = gone
  return first && gone.every(({ photoId }) => photoId === first.photoId) ? first.id : null
}
