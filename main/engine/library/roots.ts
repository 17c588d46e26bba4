/** Whether a root is there, or only the place where its drive would be. */
import { readdirSync, statfsSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import { openable } from '../../rpc/pathText.ts'
import { holdsFiles } from '../db/recognition.ts'
import { readSetting, writeSetting } from '../db/settings.ts'
import { rememberBirths } from './births.ts'
import { isMountPoint, markOf } from './marks.ts'
import { isRecognised, type Root } from './recognition.ts'

/**
 * Whether a root can be reached and is the one that it was. A drive that is not mounted leaves an
 * empty folder in its place, or another drive has taken it.
 *
 * The same folder of the same device as before is there, also when a person has emptied it. So is one
 * that was made anew on the same device, unless nothing is in it. But where drives are put in and
 * taken out, the next one gets the number of the last, and the root of each has the same inode: such
 * a root is there when it is recognised, as is one of another device.
 */
export function isThere(db: Database, root: Root): boolean {
  const mark = markOf(root.path)
  if (mark === null || !isTheOne(db, root, mark)) return false
  if (mark !== markBefore(db, root)) {
    writeSetting(db, `root:${root.id}`, mark)
    rememberBirths(db, root, '', () => markOf(root.path) === mark)
  }
  return true
}

/** As `isThere`, in a library that is opened for reading. */
export function seemsThere(db: Database, root: Root): boolean {
  const mark = markOf(root.path)
  return mark !== null && isTheOne(db, root, mark)
}

const markBefore = (db: Database, { id }: Root) => readSetting(db, `root:${id}`)

function isTheOne(db: Database, root: Root, mark: string): boolean {
  const before = markBefore(db, root)
  const changes = isChangeable(root.path)
  if (mark === before && !changes) return true
  const sameDevice = before?.split(':')[0] === mark.split(':')[0]
  const madeAnew = !changes && sameDevice && !isEmpty(root.path)
  return madeAnew || !holdsFiles(db, root.id, '') || isRecognised(db, root)
}

/** Where Linux and macOS mount what is put in: a root may be a folder on it. */
const PUT_IN = /^\/(media|run\/media|Volumes)\//

/** Whether a drive is mounted at a path, or it lies where drives come and go, or on a card. */
const isChangeable = (path: string): boolean =>
  PUT_IN.test(path) || isMountPoint(path) || isOnCard(path)

/** File systems that Linux calls FAT and exFAT (https://man7.org/linux/man-pages/man2/statfs.2.html). */
const OF_CARDS: readonly number[] = [0x4d44, 0x2011bab0]

function isOnCard(path: string): boolean {
  try {
    return OF_CARDS.includes(statfsSync(openable(path)).type)
  } catch {
    return false
  }
}

function isEmpty(path: string): boolean {
  try {
    return readdirSync(openable(path)).length === 0
  } catch {
    return true
  }
}
