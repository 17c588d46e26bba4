/** Whether what is on a disk is what the library knows, or another disk is in its place. */
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { FolderRow } from '../db/folders.ts'
import { type KnownFile, knowsFile, someFiles } from '../db/recognition.ts'
import { isOfThatBirth } from './births.ts'
import { type Listing, listDirectory, statFile, under } from './listing.ts'

export type Root = Pick<FolderRow, 'id' | 'path'>

/** Nearly always the first file that is looked for is there. */
const AT_ONCE = { directories: 2, files: 5 }
const THOROUGHLY = { directories: 100, files: 20 }
const DIRECTORIES_READ = 100
const FILES_READ = 200

/**
 * Whether `directory` of a root is the one that is known. A file of it, or below, is found there: where
 * it lay, or in a part of what is there, as everything may have been put in a new order. Or all may
 * have been edited or copied: then their names are found, and what else tells.
 */
export function isRecognised(db: Database, root: Root, directory = ''): boolean {
  const areThere = (most: typeof AT_ONCE) =>
    someFiles(db, root.id, directory, most).some((file) =>
      isSame(file, statFile(join(root.path, file.directory, file.name))),
    )
  if (areThere(AT_ONCE)) return true
  // Without its drive the folder is empty: asked for each of many files, that must be cheap.
  const { files, directories } = listed(join(root.path, directory))
  if (files.length + directories.length === 0) return false
  return (
    areThere(THOROUGHLY) ||
    holdsKnown(db, root, directory) ||
    holdsNames(db, root, directory, isOfThatBirth(db, root, directory))
  )
}

/** Copied onto another drive, all files keep their sizes; of other photos, one may be as large. */
const SHARE_OF_SIZES = 0.9
const SIZES_THAT_TELL = 5

/**
 * Whether files that are known lie there under their names, though with other times. `born`: in a
 * directory of that time, so that one will do, whatever its size.
 */
function holdsNames(db: Database, root: Root, directory: string, born: boolean): boolean {
  const sizes = new Set<number>()
  let [named, alike] = [0, 0]
  for (const file of someFiles(db, root.id, directory, THOROUGHLY)) {
    const found = statFile(join(root.path, file.directory, file.name))
    if (typeof found === 'string') continue
    if (born) return true
    named++
    if (found.size !== file.size) continue
    alike++
    sizes.add(file.size)
  }
  return sizes.size >= SIZES_THAT_TELL && alike >= SHARE_OF_SIZES * named
}

/** FAT keeps times in steps of two seconds, and in local time, which others take for another one's. */
const STEP = 2000
const QUARTER = 15 * 60_000

/**
 * The size alone is not enough: cameras number the photos of each card alike and fill up files to a
 * round size.
 */
function isSame(known: KnownFile, found: ReturnType<typeof statFile>): boolean {
  if (typeof found === 'string' || found.size !== known.size) return false
  const apart = Math.abs(found.modifiedMs - known.modifiedMs) % QUARTER
  return apart <= STEP || apart >= QUARTER - STEP
}

function holdsKnown(db: Database, { id, path }: Root, directory: string): boolean {
  const waiting = [directory]
  let files = 0
  for (let read = 0; read < DIRECTORIES_READ && files < FILES_READ; read++) {
    const next = waiting.shift()
    if (next === undefined) return false
    const listing = listed(join(path, next))
    const tried = listing.files.slice(0, FILES_READ - files)
    files += tried.length
    const known = tried.some((name) => {
      const found = statFile(join(path, next, name))
      return typeof found === 'object' && knowsFile(db, id, directory, { name, ...found })
    })
    if (known) return true
    waiting.push(...listing.directories.map((name) => under(next, name)))
  }
  return false
}

function listed(path: string): Listing {
  try {
    return listDirectory(path)
  } catch {
    return { files: [], directories: [], ruled: false }
  }
}
