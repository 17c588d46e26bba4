/**
 * When directories were made: a drive keeps that wherever it is mounted, and hardly another has it alike,
 * unless both were made from one image.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { z } from 'zod'
import { openable } from '../../rpc/pathText.ts'
import { readSetting, writeSetting } from '../db/settings.ts'
import { mountsBelow } from './knownMounts.ts'
import { listDirectory, under } from './listing.ts'
import { isMountPoint } from './marks.ts'
import type { Root } from './recognition.ts'

/** Nanoseconds since 1970, by directory from the root. */
const stored = z.record(z.string(), z.string())

/** Directories that are remembered of each place. */
const MOST = 16

const known = (db: Database, { id }: Root): Record<string, string> =>
  stored.parse(JSON.parse(readSetting(db, `births:${id}`) ?? '{}'))

/**
 * Remembers those of `directory`, a root or where a drive is mounted in it, and of what lies in it,
 * unless another one has taken its place meanwhile: `isItself` is asked when they are known.
 */
export function rememberBirths(
  db: Database,
  root: Root,
  directory: string,
  isItself: () => boolean,
): void {
  const isPart = partsOf(db, root, directory)
  const before = known(db, root)
  const now = Object.fromEntries(Object.entries(before).filter(([each]) => !isPart(each)))
  for (const each of [directory, ...childrenOf(root, directory)].filter(isPart)) {
    const birth = birthOf(join(root.path, each))
    if (birth !== null) now[each] = birth
  }
  const text = JSON.stringify(now)
  if (text !== JSON.stringify(before) && isItself()) writeSetting(db, `births:${root.id}`, text)
}

/** Whether `directory`, or one that lay in it, is there and the one that it was. */
export function isOfThatBirth(db: Database, root: Root, directory: string): boolean {
  const isPart = partsOf(db, root, directory)
  return Object.entries(known(db, root)).some(
    ([each, birth]) =>
      isPart(each) &&
      birthOf(join(root.path, each)) === birth &&
      (each === directory || !isMountPoint(join(root.path, each))),
  )
}

/** Itself and what lies in it; a drive that is mounted there says nothing of it. */
function partsOf(db: Database, { id }: Root, directory: string): (each: string) => boolean {
  const mounts = mountsBelow(db, id)
  return (each) => each === directory || (parentOf(each) === directory && !mounts.includes(each))
}

/** `null` for the root. */
function parentOf(directory: string): string | null {
  if (directory === '') return null
  const end = directory.lastIndexOf('/')
  return end === -1 ? '' : directory.slice(0, end)
}

function childrenOf(root: Root, directory: string): string[] {
  try {
    const { directories } = listDirectory(join(root.path, directory))
    return directories
      .map((name) => under(directory, name))
      .filter((child) => !isMountPoint(join(root.path, child)))
      .sort()
      .slice(0, MOST)
  } catch {
    return []
  }
}

const MINUTE_NS = 60_000_000_000n
const YEAR_1990_NS = 631_152_000n * 1_000_000_000n

/**
 * `null` where there is no directory, or nothing that tells it from others: some file systems have no
 * such time, and clocks that were never set say a whole minute.
 */
function birthOf(path: string): string | null {
  try {
    const stats = statSync(openable(path), { bigint: true })
    const { birthtimeNs: birth } = stats
    const tells = stats.isDirectory() && birth > YEAR_1990_NS && birth % MINUTE_NS !== 0n
    return tells ? `${birth}` : null
  } catch {
    return null
  }
}
