import { type Dirent, readdirSync, statSync } from 'node:fs'
import { mayBeMangled, openable, textOfPath } from '../../rpc/pathText.ts'
import type { FileStamp } from '../db/files.ts'
import { isSkippedDirectory, mayBePhoto } from './candidates.ts'
import { RULES_FILE } from './rules.ts'

/** What matters of a directory, by name. Links to folders are left out: they may lead in circles. */
export interface Listing {
  /** Files that may be photos, and links, which may lead to some. */
  files: string[]
  directories: string[]
  /** It has rules about what is left out. */
  ruled: boolean
}

/** The path of what is in a directory, from the root as the directory's, with `/` between names. */
export const under = (directory: string, name: string) =>
  directory === '' ? name : `${directory}/${name}`

/** Throws where the directory cannot be read. */
export function listDirectory(path: string): Listing {
  const entries = readdirSync(openable(path), { withFileTypes: true })
  const mangled = entries.some(({ name }) => mayBeMangled(name))
  return sort(mangled ? readBytes(path) : entries)
}

type Entry = Pick<Dirent, 'name' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>

/** By the bytes of their names, which takes longer. */
function readBytes(path: string): Entry[] {
  const entries = readdirSync(openable(path), { withFileTypes: true, encoding: 'buffer' })
  return entries.map((entry) => ({
    name: textOfPath(entry.name),
    isFile: () => entry.isFile(),
    isDirectory: () => entry.isDirectory(),
    isSymbolicLink: () => entry.isSymbolicLink(),
  }))
}

function sort(entries: readonly Entry[]): Listing {
  const listing: Listing = { files: [], directories: [], ruled: false }
  for (const entry of entries) {
    const { name } = entry
    if (entry.isDirectory()) {
      if (!isSkippedDirectory(name)) listing.directories.push(name)
    } else if (name === RULES_FILE) listing.ruled = true
    else if (mayBePhoto(name) && (entry.isFile() || entry.isSymbolicLink())) {
      listing.files.push(name)
    }
  }
  return listing
}

/**
 * Links followed. `gone`: there is none, or what is there is no file but a pipe or a device, or a link
 * in circles. `unknown`: out of reach without being gone, such as for want of permission.
 */
export function statFile(path: string): FileStamp | 'gone' | 'unknown' {
  try {
    const stats = statSync(openable(path), { throwIfNoEntry: false })
    if (!stats?.isFile()) return 'gone'
    const { size, mtimeMs: modifiedMs, ino: inode, ctimeMs: changedMs } = stats
    return { size, modifiedMs, inode, changedMs }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ELOOP' ? 'gone' : 'unknown'
  }
}
