/** Drives that are mounted below a root. When one is away, an empty folder or another one is in its place. */
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { FolderId } from '../../../contract/domain.ts'
import { holdsFiles } from '../db/recognition.ts'
import { isInside } from './folders.ts'
import { mountsBelow, storeMounts } from './knownMounts.ts'
import { isRecognised, type Root } from './recognition.ts'

/** A drive is mounted at a directory: what is known of it is not gone when the drive is. */
export function rememberMount(db: Database, folder: FolderId, directory: string): void {
  const mounts = mountsBelow(db, folder)
  if (!mounts.includes(directory)) storeMounts(db, folder, [...mounts, directory])
}

/** Those that are neither `seen` nor away are folders as others again. */
export function forgetMounts(db: Database, root: Root, seen: (directory: string) => boolean): void {
  const mounts = mountsBelow(db, root.id)
  const kept = mounts.filter((directory) => seen(directory) || isAway(db, root, directory))
  if (kept.length < mounts.length) storeMounts(db, root.id, kept)
}

/** Directories, from the root, whose drives are away: of what is known of them, nothing is there. */
export const mountsAway = (db: Database, root: Root): string[] =>
  mountsBelow(db, root.id).filter((directory) => isAway(db, root, directory))

/** Whether another drive than the known one is mounted at a directory, or none. */
export const isAway = (db: Database, root: Root, directory: string): boolean =>
  holdsFiles(db, root.id, directory) && !isRecognised(db, root, directory)

/** Whether the drive of a file or directory is away. `path`: absolute, in the root. */
export const liesOnMountAway = (db: Database, root: Root, path: string): boolean =>
  mountsBelow(db, root.id).some(
    (directory) => isInside(join(root.path, directory), path) && isAway(db, root, directory),
  )
