/** Whether a root is there, or only the place where its drive would be. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { openable } from '../../rpc/pathText.ts'
import { filesInDirectory } from '../db/files.ts'
import type { FolderRow } from '../db/folders.ts'
import { holdsFiles, someDirectories } from '../db/places.ts'
import { readSetting, writeSetting } from '../db/settings.ts'
import { statFile } from './listing.ts'

/** What is looked for where the root may be another one than before: so many files of each. */
const DIRECTORIES_TRIED = 100
const FILES_TRIED = 200

export type Root = Pick<FolderRow, 'id' | 'path'>

/**
 * Whether a root can be reached and is the one that it was. A drive that is not mounted leaves an
 * empty folder in its place, or another drive has taken it.
 *
 * The same folder of the same device as before is there, also when a person has emptied it. So is any
 * in which a file is found where one is known, of the same size: devices get other numbers when they
 * are connected anew. So is one that was made anew on the same device, unless nothing is in it.
 */
export function isThere(db: Database, root: Root): boolean {
  const mark = markOf(root.path)
  if (mark === null) return false
  const key = `root:${root.id}` as const
  const before = readSetting(db, key)
  if (mark === before) return true
  const sameDevice = before?.split(':')[0] === mark.split(':')[0]
  const found = isRecognised(db, root) || (sameDevice && !isEmpty(root.path))
  if (!found && holdsFiles(db, root.id)) return false
  writeSetting(db, key, mark)
  return true
}

/** Device and inode; `null` for what is no folder or cannot be reached. */
function markOf(path: string): string | null {
  try {
    const stats = statSync(openable(path), { bigint: true })
    return stats.isDirectory() ? `${stats.dev}:${stats.ino}` : null
  } catch {
    return null
  }
}

/** Whether a file is where one is known. */
function isRecognised(db: Database, { id, path }: Root): boolean {
  return someDirectories(db, id, DIRECTORIES_TRIED).some((directory) => {
    const place = join(path, directory)
    if (!existsSync(openable(place))) return false
    const known = filesInDirectory(db, id, directory)
    return known.slice(0, FILES_TRIED).some(({ name, size }) => {
      const file = statFile(join(place, name))
      return typeof file === 'object' && file.size === size
    })
  })
}

function isEmpty(path: string): boolean {
  try {
    return readdirSync(openable(path)).length === 0
  } catch {
    return true
  }
}
