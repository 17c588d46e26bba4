import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { messageOf } from '../../../contract/errors.ts'
import {
  directoriesOf,
  type FileRow,
  filesInDirectory,
  insertFile,
  markDirectoryMissing,
  replaceFile,
  setFileState,
} from '../db/files.ts'
import { type FolderRow, setFolderState } from '../db/folders.ts'
import { isSkippedDirectory, mayBePhoto } from './candidates.ts'

export interface ScanCounts {
  added: number
  changed: number
  missing: number
  unchanged: number
}

export interface ScanOptions {
  db: Database
  /** Roots of their own inside this one: left to their own scan. */
  otherRoots: ReadonlySet<string>
  signal: AbortSignal
  log: (line: string) => void
  /** After every directory in which something changed, and when the root came or went. */
  onProgress: (counts: ScanCounts) => void
}

/** How long the scan may hold the thread before others get their turn. */
const SLICE_MS = 15

/**
 * Compares a folder on disk with the library by name, size and modification time; opens no file.
 * What is new or changed is queued; what is gone is marked missing and keeps its photo.
 * An unreachable root is marked offline and nothing in it changes.
 */
export async function scanFolder(folder: FolderRow, options: ScanOptions): Promise<ScanCounts> {
  const { db, signal, log } = options
  const counts: ScanCounts = { added: 0, changed: 0, missing: 0, unchanged: 0 }
  const state = readEntries(folder.path, log) ? 'online' : 'offline'
  if (state !== folder.state) {
    setFolderState(db, folder.id, state)
    options.onProgress(counts)
  }
  if (state === 'offline') return counts

  const known = new Set(directoriesOf(db, folder.id))
  const unreadable: string[] = []
  const queue = ['']
  let sliceStart = performance.now()
  for (let directory = queue.pop(); directory !== undefined; directory = queue.pop()) {
    signal.throwIfAborted()
    known.delete(directory)
    const path = join(folder.path, directory)
    const entries = readEntries(path, log)
    if (!entries) {
      unreadable.push(directory)
      continue
    }
    for (const entry of entries) {
      if (!entry.isDirectory() || isSkippedDirectory(entry.name)) continue
      if (!options.otherRoots.has(join(path, entry.name))) queue.push(under(directory, entry.name))
    }
    if (compareDirectory(folder, directory, path, entries, db, counts)) options.onProgress(counts)
    if (performance.now() - sliceStart > SLICE_MS) {
      await new Promise(setImmediate)
      sliceStart = performance.now()
    }
  }
  // What lies below a directory that cannot be read now is unknown, not gone.
  for (const directory of known) {
    if (unreadable.some((parent) => isWithin(directory, parent))) continue
    counts.missing += markDirectoryMissing(db, folder.id, directory)
  }
  options.onProgress(counts)
  return counts
}

const under = (directory: string, name: string) =>
  directory === '' ? name : `${directory}/${name}`

const isWithin = (directory: string, parent: string) =>
  parent === '' || directory === parent || directory.startsWith(`${parent}/`)

function readEntries(path: string, log: (line: string) => void): Dirent[] | null {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    log(`${path} cannot be read (${messageOf(error)}); what the library knows of it stays.`)
    return null
  }
}

/** `true` when something was new, changed or gone. */
function compareDirectory(
  folder: FolderRow,
  directory: string,
  path: string,
  entries: readonly Dirent[],
  db: Database,
  counts: ScanCounts,
): boolean {
  const rows = new Map<string, FileRow>()
  for (const row of filesInDirectory(db, folder.id, directory)) rows.set(row.name, row)
  const changes: (() => void)[] = []
  for (const name of candidates(entries)) {
    const row = rows.get(name)
    const found = statFile(join(path, name))
    if (found === 'gone') continue
    rows.delete(name)
    if (found === 'unknown') continue
    const { size, modifiedMs } = found
    if (!row) {
      counts.added++
      changes.push(() => insertFile(db, { folderId: folder.id, directory, name, size, modifiedMs }))
    } else if (row.size !== size || row.modifiedMs !== modifiedMs) {
      counts.changed++
      changes.push(() => replaceFile(db, row.id, size, modifiedMs))
    } else if (row.state === 'missing') {
      counts.changed++
      changes.push(() => setFileState(db, row.id, 'present'))
    } else counts.unchanged++
  }
  for (const row of rows.values()) {
    if (row.state === 'missing') continue
    counts.missing++
    changes.push(() => setFileState(db, row.id, 'missing'))
  }
  if (changes.length > 0) {
    db.transaction(() => {
      for (const change of changes) change()
    }).immediate()
  }
  return changes.length > 0
}

function* candidates(entries: readonly Dirent[]): Generator<string> {
  for (const entry of entries) {
    if (!mayBePhoto(entry.name)) continue
    // Links to files are followed, links to folders are not: they may lead in circles.
    if (entry.isFile() || entry.isSymbolicLink()) yield entry.name
  }
}

/** `unknown`: out of reach without being gone, such as a link in circles or for want of permission. */
function statFile(path: string): { size: number; modifiedMs: number } | 'gone' | 'unknown' {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats?.isFile() ? { size: stats.size, modifiedMs: stats.mtimeMs } : 'gone'
  } catch {
    return 'unknown'
  }
}
