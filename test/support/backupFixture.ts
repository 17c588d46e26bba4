/** A library with things that persons said, made without looking at any photo. */
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import type { CallContext } from '../../contract/commands.ts'
import type { PhotoId } from '../../contract/domain.ts'
import { createBackupThreads } from '../../main/engine/backup/threads.ts'
import { addToAlbum, insertAlbum, ratePhoto } from '../../main/engine/db/albums.ts'
import { type LibraryDatabase, openLibrary } from '../../main/engine/db/open.ts'
import { insertTag, storeDecision } from '../../main/engine/db/tags.ts'
import { backupThreadEntry } from '../../main/processes/entries.ts'
import { fillLibrary } from '../engine/largeLibrary.ts'

export const threads = createBackupThreads(backupThreadEntry())

/** Of a call that nobody cancels. */
export const patiently: CallContext<unknown> = {
  signal: new AbortController().signal,
  onProgress: () => {},
}

export interface BackupFixture {
  root: string
  library: string
  /** The usual folder for backups. */
  backups: string
  /** Opens the library, which is closed with the fixture. */
  open(): LibraryDatabase
  remove(): void
}

/** `photos`: how many it has; each of the first 20 has a decision, the first 10 a rating, 5 an album. */
export function createBackupFixture(photos: number): BackupFixture {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'albumen-backup-test-')))
  const library = join(root, 'library')
  const opened = new Set<LibraryDatabase>()
  const made = openLibrary(library)
  fillLibrary(made.db, photos)
  saySome(made.db, Math.min(photos, 20))
  made.close()
  return {
    root,
    library,
    backups: join(library, 'backups'),
    open() {
      const each = openLibrary(library)
      opened.add(each)
      return each
    },
    remove() {
      for (const each of opened) each.close()
      rmSync(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function saySome(db: Database, photos: number): void {
  const tagId = insertTag(db, null, 'my cat')
  const album = insertAlbum(db, 'Italy', 1)
  for (let id = 1; id <= photos; id++) {
    const photoId = id as PhotoId
    storeDecision(db, { photoId, tagId, verdict: 'yes', source: 'user', decidedAt: id })
    if (id <= 10) ratePhoto(db, photoId, 1 + (id % 5), id)
    if (id <= 5) addToAlbum(db, album, photoId, id)
  }
}

/** Tags a photo in a library with a word of its own. */
export function say(db: Database, photo: number, word: string): void {
  const tagId = insertTag(db, null, word)
  const photoId = photo as PhotoId
  storeDecision(db, { photoId, tagId, verdict: 'yes', source: 'user', decidedAt: 5 })
}

/** Everything that persons said, row by row. */
export function saidIn(db: Database): Record<string, unknown[]> {
  const tables = ['tag', 'decision', 'album', 'album_photo', 'rating', 'undo_step', 'undo_row']
  return Object.fromEntries(
    tables.map((table) => [table, db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all()]),
  )
}

/** What a file holds, which must be one whole sound database. */
export function read<Value>(file: string, look: (db: Database) => Value): Value {
  // Not for reading alone: after a crash SQLite first takes back what was half written.
  const db = new Sqlite(file, { fileMustExist: true })
  try {
    if (db.pragma('integrity_check', { simple: true }) !== 'ok')
      throw new Error(`${file} is damaged`)
    if ((db.pragma('foreign_key_check') as unknown[]).length > 0)
      throw new Error(`${file} has orphans`)
    return look(db)
  } finally {
    db.close()
  }
}

/** Names in a folder, sorted; none where it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
