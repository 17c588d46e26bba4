import Sqlite from 'better-sqlite3'
import type { ExportReport, PhotoId } from '../../../contract/domain.ts'
import { nameKey, numberedFile } from './names.ts'
import type { ExportPhoto } from './types.ts'

/** A photo still to be exported, with the files to make of it. */
export interface PlannedPhoto {
  sequence: number
  id: PhotoId
  path: string
  sha256: string
  size: number
  targets: { sequence: number; folder: string; name: string }[]
}

/** A file of the export. */
export interface PlannedFile {
  sequence: number
  folder: string
  name: string
  bytes: number
  sha256: string
  /** Path of the original. */
  source: string
  photo: PhotoId
}

/** Where an archive holds a file. */
interface ArchivePlace {
  crc32: number
  /** Of its local header from the start of the archive. */
  offset: number
  modifiedAt: number
}

type ArchivedFile = PlannedFile & ArchivePlace

const PAGE = 256

/**
 * What an export is to write and has written, in a nameless scratch database that SQLite keeps
 * partly on disk, so that a million photos need no more memory than a hundred.
 */
export function openLedger() {
  const db = new Sqlite('')
  db.pragma('journal_mode = OFF')
  db.pragma('cache_size = -16000')
  db.exec(`
    CREATE TABLE photo (
      sequence INTEGER PRIMARY KEY,
      id INTEGER NOT NULL,
      path TEXT NOT NULL,
      sha256 TEXT,
      size INTEGER NOT NULL,
      skipped TEXT
    ) STRICT;
    CREATE TABLE file (
      sequence INTEGER PRIMARY KEY,
      photo INTEGER NOT NULL,
      folder TEXT NOT NULL,
      name TEXT NOT NULL,
      crc32 INTEGER,
      offset INTEGER,
      modified_at REAL,
      published INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX file_by_photo ON file (photo);
    CREATE INDEX file_by_path ON file (folder, name);
    CREATE TABLE taken (
      folder TEXT NOT NULL,
      key TEXT NOT NULL,
      next INTEGER NOT NULL DEFAULT 2,
      PRIMARY KEY (folder, key)
    ) STRICT, WITHOUT ROWID;
    -- Never committed, so that only what outgrows the cache is written.
    BEGIN;
  `)
  const insertPhoto = db.prepare(
    'INSERT INTO photo (id, path, sha256, size, skipped) VALUES (?, ?, ?, ?, ?)',
  )
  const insertFile = db.prepare('INSERT INTO file (photo, folder, name) VALUES (?, ?, ?)')
  const insertTaken = db.prepare(
    'INSERT INTO taken (folder, key) VALUES (?, ?) ON CONFLICT DO NOTHING',
  )
  const nextNumber = db
    .prepare<[string, string], number>(
      'UPDATE taken SET next = next + 1 WHERE folder = ? AND key = ? RETURNING next - 1',
    )
    .pluck()
  const updateSkipped = db.prepare('UPDATE photo SET skipped = ? WHERE sequence = ?')
  const updatePlace = db.prepare(
    'UPDATE file SET crc32 = ?, offset = ?, modified_at = ? WHERE sequence = ?',
  )
  const updatePublished = db.prepare('UPDATE file SET name = ?, published = 1 WHERE sequence = ?')
  const photoPage = db.prepare<[number], Omit<PlannedPhoto, 'targets'> & { targets: string }>(`
    SELECT photo.sequence, id, path, sha256, size,
      json_group_array(
        json_object('sequence', file.sequence, 'folder', folder, 'name', name)
      ) AS targets
    FROM photo JOIN file ON file.photo = photo.sequence
    WHERE photo.sequence > ? AND skipped IS NULL
    GROUP BY photo.sequence ORDER BY photo.sequence LIMIT ${PAGE}
  `)
  const fileColumns = `file.sequence, folder, name, size AS bytes, sha256, path AS source,
    photo.id AS photo, crc32, offset, modified_at AS modifiedAt
    FROM file JOIN photo ON photo.sequence = file.photo`
  const filePage = db.prepare<[number], ArchivedFile>(`
    SELECT ${fileColumns} WHERE file.sequence > ? AND skipped IS NULL
    ORDER BY file.sequence LIMIT ${PAGE}
  `)
  const folderPage = db.prepare<[string, number], PlannedFile>(`
    SELECT ${fileColumns} WHERE folder = ? AND file.sequence > ? AND skipped IS NULL
    ORDER BY file.sequence LIMIT ${PAGE}
  `)
  const publishedPage = db.prepare<[number], PlannedFile>(`
    SELECT ${fileColumns} WHERE file.sequence > ? AND published = 1
    ORDER BY file.sequence LIMIT ${PAGE}
  `)
  const fileAt = db.prepare<[string, string], PlannedFile>(
    `SELECT ${fileColumns} WHERE folder = ? AND name = ? AND skipped IS NULL`,
  )

  /** The name for a new file of `folder`: `wanted`, or numbered where that is taken. */
  function claimName(folder: string, wanted: string): string {
    for (let name = wanted; ; ) {
      if (insertTaken.run(folder, nameKey(name)).changes === 1) return name
      name = numberedFile(wanted, nextNumber.get(folder, nameKey(wanted)) ?? 2)
    }
  }

  return {
    /** Says that `name` lies in `folder` already. */
    occupy(folder: string, name: string): void {
      insertTaken.run(folder, nameKey(name))
    },
    /** Plans one file in each of `folders`. */
    plan(photo: ExportPhoto, folders: Iterable<string>, name: string): void {
      const { id, path, sha256, size } = photo
      const { lastInsertRowid } = insertPhoto.run(id, path, sha256, size, null)
      for (const folder of folders) insertFile.run(lastInsertRowid, folder, claimName(folder, name))
    },
    /** Leaves a photo out that was never planned. */
    leaveOut({ id, path, sha256, size }: ExportPhoto, reason: string): void {
      insertPhoto.run(id, path, sha256, size, reason)
    },
    /** Leaves a planned photo out. */
    skip(photo: { sequence: number }, reason: string): void {
      updateSkipped.run(reason, photo.sequence)
    },
    place(file: { sequence: number }, { crc32, offset, modifiedAt }: ArchivePlace): void {
      updatePlace.run(crc32, offset, modifiedAt, file.sequence)
    },
    published(file: { sequence: number }, name: string): void {
      updatePublished.run(name, file.sequence)
    },
    *photos(): Generator<PlannedPhoto> {
      for (const row of rows((after) => photoPage.all(after))) {
        yield { ...row, targets: JSON.parse(row.targets) as PlannedPhoto['targets'] }
      }
    },
    files: () => rows((after) => filePage.all(after)),
    filesIn: (folder: string) => rows((after) => folderPage.all(folder, after)),
    publishedFiles: () => rows((after) => publishedPage.all(after)),
    fileAt: (folder: string, name: string) => fileAt.get(folder, name),
    folders: () =>
      db
        .prepare<[], string>(
          `SELECT DISTINCT folder FROM file JOIN photo ON photo.sequence = file.photo
          WHERE skipped IS NULL ORDER BY folder`,
        )
        .pluck()
        .all(),
    /** Of the photos not left out; `blocks` is the room of their files in units of 4096 bytes. */
    totals(): { photos: number; files: number; bytes: number; blocks: number } {
      const row = db
        .prepare<[], { photos: number; files: number; bytes: number; blocks: number }>(
          `SELECT count(DISTINCT file.photo) AS photos, count(*) AS files,
            coalesce(sum(size), 0) AS bytes, coalesce(sum((size + 4095) / 4096), 0) AS blocks
          FROM file JOIN photo ON photo.sequence = file.photo WHERE skipped IS NULL`,
        )
        .get()
      if (!row) throw new Error('An aggregate without a row.')
      return row
    },
    skipped: () =>
      db
        .prepare<[], ExportReport['skipped'][number]>(
          'SELECT path, skipped AS reason FROM photo WHERE skipped IS NOT NULL ORDER BY sequence',
        )
        .all(),
    close: () => db.close(),
  }
}

export type Ledger = ReturnType<typeof openLedger>

/** Pages rather than a cursor, so that rows may be changed while they are gone through. */
function* rows<Row extends { sequence: number }>(page: (after: number) => Row[]): Generator<Row> {
  for (let after = 0; ; ) {
    const found = page(after)
    yield* found
    const last = found.at(-1)
    if (!last) return
    after = last.sequence
  }
}
