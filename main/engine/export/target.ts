import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ExportKind } from '../../../contract/domain.ts'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { freeBytes, megabytes, moveInto } from '../disk.ts'
import { explainStorage, storageFailure } from '../storageFailure.ts'
import { nameKey, numberedFile, safeFileName } from './names.ts'

export interface Target {
  /** Where the export will lie. */
  folder: string
  /** Of the one file that a `zip`, `csv` or `jsonl` export is. */
  fileName: string
  /** A hidden folder inside `folder`, where everything is made before it gets its name. */
  workshop: string
  /** Removes the workshop, and `folder` where it was made for this and stayed empty. */
  close(): Promise<void>
}

/** Finds or makes the place. Throws UserError, or the error of a file operation. */
export async function openTarget(to: string, kind: ExportKind): Promise<Target> {
  const { folder, fileName, exists } = await resolveTarget(to, kind)
  if (!exists) await mkdir(folder)
  const workshop = join(folder, `.albumen-export-${randomBytes(6).toString('hex')}.partial`)
  const removeIfMade = () => (exists ? undefined : rmdir(folder).catch(() => {}))
  try {
    await mkdir(workshop)
  } catch (error) {
    await removeIfMade()
    throw error
  }
  return {
    folder,
    fileName,
    workshop,
    async close() {
      // A drive that is gone keeps its workshop: hidden, and without a manifest, so never taken for finished.
      await rm(workshop, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
      await removeIfMade()
    },
  }
}

async function resolveTarget(to: string, kind: ExportKind) {
  const fileName = `albumen-export.${kind}`
  const found = await stat(to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (found?.isDirectory()) return { folder: to, fileName, exists: true }
  const parent = dirname(to)
  const reachable = await stat(parent).catch(() => null)
  if (!reachable?.isDirectory()) {
    throw new UserError(
      'target-unreachable',
      `The folder ${parent} cannot be reached: connect its drive or choose another place to export to.`,
    )
  }
  if (kind !== 'copies' && to.toLowerCase().endsWith(`.${kind}`)) {
    return { folder: parent, fileName: safeFileName(basename(to)), exists: true }
  }
  if (found) {
    throw new UserError('target-is-file', `${to} is a file: choose a folder to export into.`)
  }
  return { folder: to, fileName, exists: false }
}

/** Throws UserError where the folder's file system has no room for `bytes` more. */
export async function requireRoom(folder: string, bytes: number): Promise<void> {
  const available = await freeBytes(folder)
  if (available !== null && bytes > available) {
    throw new UserError(
      'no-room',
      `The export needs ${megabytes(bytes)} and ${folder} has ${megabytes(available)} left: make room or choose another place.`,
    )
  }
}

/**
 * Gives a finished file its name in `folder`, never that of another: `name`, or numbered.
 * Returns the name.
 */
export async function publishFile(from: string, folder: string, name: string): Promise<string> {
  for (let count = 1; ; count++) {
    const candidate = numberedFile(name, count)
    if (await moveInto(from, join(folder, candidate))) return candidate
  }
}

/** As `publishFile`, heeding names that differ in case alone as well. */
export async function publishApart(from: string, folder: string, name: string): Promise<string> {
  const taken = new Set((await readdir(folder)).map(nameKey))
  let count = 1
  while (taken.has(nameKey(numberedFile(name, count)))) count++
  return publishFile(from, folder, numberedFile(name, count))
}

/** What a failed operation on the target or its scratch space means to a person. */
export function targetFailure(error: unknown, folder: string): unknown {
  const failure = storageFailure(error)
  // Of the library that is read, not of the target.
  if (failure === 'damaged' || failure === 'in-use') return error
  return explainStorage(error, {
    'no-room': [
      'no-room',
      `There is no room left in ${folder}: make room or choose another place, then export again.`,
    ],
    'not-writable': [
      'target-not-writable',
      `${folder} may not be written to: choose another place or allow writing there.`,
    ],
    'file-too-large': [
      'file-too-large',
      `The file system of ${folder} cannot hold a file that large: choose a drive formatted as exFAT, NTFS, APFS or ext4.`,
    ],
    otherwise: [
      'target-failed',
      `Writing to ${folder} failed (${messageOf(error)}): check its drive and export again.`,
    ],
  })
}
