/** Drives that are mounted below a root. When one is away, an empty folder or another one is in its place. */
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { z } from 'zod'
import type { FolderId } from '../../../contract/domain.ts'
import { holdsFiles } from '../db/recognition.ts'
import { readSetting, writeSetting } from '../db/settings.ts'
import { isInside } from './folders.ts'
import { isRecognised, type Root } from './recognition.ts'

const stored = z.array(z.string())

/** Directories, from the root, at which drives were mounted when they were scanned. */
const mountsBelow = (db: Database, folder: FolderId): string[] =>
  stored.parse(JSON.parse(readSetting(db, `mounts:${folder}`) ?? '[]'))

function store(db: Database, folder: FolderId, mounts: readonly string[]): void {
  writeSetting(db, `mounts:${folder}`, mounts.length === 0 ? null : JSON.stringify(mounts))
}

/** A drive is mounted at a directory: what is known of it is not gone when the drive is. */
export function rememberMount(db: Database, folder: FolderId, directory: string): void {
  const mounts = mountsBelow(db, folder)
  if (!mounts.includes(directory)) store(db, folder, [...mounts, directory])
}

/** Those that are neither `seen` nor away are folders as others again. */
export function forgetMounts(db: Database, root: Root, seen: (directory: string) => boolean): void {
  const mounts = mountsBelow(db, root.id)
  const kept = mounts.filter((directory) => seen(directory) || isAway(db, root, directory))
  if (kept.length < mounts.length) store(db, root.id, kept)
}

/** Directories, from the root, whose drives are away: of what is known of them, nothing is there. */
export const mountsAway = (db: Database, root: Root): string[] =>
  mountsBelow(db, root.id).filter((directory) => isAway(db, root, directory))

const isAway = (db: Database, root: Root, directory: string) =>
  holdsFiles(db, root.id, directory) && !isRecognised(db, root, directory)

/** Whether the drive of a file or directory is away. `path`: absolute, in the root. */
export const liesOnMountAway = (db: Database, root: Root, path: string): boolean =>
  mountsBelow(db, root.id).some(
    (directory) => isInside(join(root.path, directory), path) && isAway(db, root, directory),
  )
