/** Every change of what persons said is a step that can be undone and made again, also after a restart. */
import type { Database } from 'better-sqlite3'
import type { PhotoId, TagId } from '../../../contract/domain.ts'
import { photoNow } from './identity.ts'
import { statement } from './statement.ts'
import { isOfClass } from './tags.ts'

/** Recorded tables, as the triggers write them down: what identifies a row, and its other columns. */
const TABLES = {
  tag: { key: ['id'], rest: ['wnid', 'name', 'key', 'renamed'] },
  class: { key: ['id'], rest: ['tag_id'] },
  decision: {
    key: ['photo_id', 'tag_id'],
    rest: ['verdict', 'source', 'decided_at', 'inherited_from'],
  },
  album: { key: ['id'], rest: ['name', 'key', 'made_at'] },
  album_photo: { key: ['album_id', 'photo_id'], rest: ['added_at', 'inherited_from'] },
  rating: { key: ['photo_id'], rest: ['stars', 'rated_at', 'inherited_from'] },
} as const
type Table = keyof typeof TABLES

/** Steps kept; older ones can no longer be undone, and what they did stays. */
const STEPS_KEPT = 1000

export interface UndoStep {
  id: number
  title: string
}

interface UndoRow {
  changed: Table
  before: string | null
  after: string | null
}

/**
 * Makes a change in one transaction and writes down how to undo it. What was undone before can not be
 * made again then. `title`: for people, such as "Tag 3 photos beach"; asked for when it is made. A
 * change that changes nothing leaves no step: `changed` is false then.
 */
export function asStep<Result>(
  db: Database,
  { title, now }: { title: string | (() => string); now: number },
  change: () => Result,
): { result: Result; changed: boolean } {
  return durably(db, () => {
    const { lastInsertRowid: step } = statement(
      db,
      `INSERT INTO undo_step (made_at, title) VALUES (?, '')`,
    ).run(now)
    statement(db, 'INSERT INTO undo_recording (step_id) VALUES (?)').run(step)
    const result = change()
    statement(db, 'DELETE FROM undo_recording').run()
    const changed = statement(db, 'SELECT 1 FROM undo_row WHERE step_id = ?').get(step)
    if (changed === undefined) {
      statement(db, 'DELETE FROM undo_step WHERE id = ?').run(step)
      return { result, changed: false }
    }
    const words = typeof title === 'string' ? title : title()
    statement(db, 'UPDATE undo_step SET title = ? WHERE id = ?').run(words, step)
    statement(db, 'DELETE FROM undo_step WHERE undone = 1 OR id <= ?').run(
      Number(step) - STEPS_KEPT,
    )
    return { result, changed: true }
  })
}

/**
 * A transaction that is on the disk when it is over, also when the power fails next. What the library
 * finds out by itself does without that: it would find it out again.
 */
export function durably<Result>(db: Database, change: () => Result): Result {
  db.pragma('synchronous = FULL')
  try {
    return db.transaction(change).immediate()
  } finally {
    db.pragma('synchronous = NORMAL')
  }
}

/** Photos that the step which is being made has changed so far. */
export function countChangedPhotos(db: Database): number {
  return statement(
    db,
    `SELECT count(DISTINCT coalesce(after, before) ->> 'photo_id') FROM undo_row
     WHERE step_id = (SELECT step_id FROM undo_recording)`,
  )
    .pluck()
    .get() as number
}

/** What undo and redo would do; `null` for nothing. */
export const nextUndo = (db: Database): UndoStep | null =>
  step(db, 'SELECT id, title FROM undo_step WHERE undone = 0 ORDER BY id DESC LIMIT 1')

export const nextRedo = (db: Database): UndoStep | null =>
  step(db, 'SELECT id, title FROM undo_step WHERE undone = 1 ORDER BY id LIMIT 1')

const step = (db: Database, sql: string): UndoStep | null =>
  (statement(db, sql).get() as UndoStep | undefined) ?? null

/** Undoes the last step, or makes the one undone last again. Returns it; `null` when there is none. */
export function replay(db: Database, direction: 'undo' | 'redo'): UndoStep | null {
  return durably(db, () => {
    const wanted = direction === 'undo' ? nextUndo(db) : nextRedo(db)
    if (!wanted) return null
    // A row may come before the one that it refers to.
    db.pragma('defer_foreign_keys = ON')
    const rows = statement(
      db,
      'SELECT changed, before, after FROM undo_row WHERE step_id = ? ORDER BY id',
    ).all(wanted.id) as UndoRow[]
    if (direction === 'undo') {
      for (const { changed, before, after } of rows.reverse()) apply(db, changed, after, before)
    } else {
      for (const { changed, before, after } of rows) apply(db, changed, before, after)
    }
    statement(db, 'UPDATE undo_step SET undone = ? WHERE id = ?').run(
      direction === 'undo' ? 1 : 0,
      wanted.id,
    )
    return wanted
  })
}

/** Turns a row that is as `from` says into what `to` says. */
function apply(db: Database, table: Table, from: string | null, to: string | null): void {
  const { key, rest } = TABLES[table]
  const same = key.map((column) => `${column} = @${column}`).join(' AND ')
  if (to === null) {
    const row = rowOf(db, from)
    if (!row) return
    // Models have a class that means this tag by now: it stays.
    if (table === 'tag' && isOfClass(db, row.id as TagId)) return
    takeFromHeirs(db, table, row)
    statement(db, `DELETE FROM ${table} WHERE ${same}`).run(row)
    return
  }
  const row = rowOf(db, to)
  if (!row) return
  const columns = [...key, ...rest]
  const set = rest.map((column) => `${column} = excluded.${column}`).join(', ')
  if (table === 'class') {
    statement(db, `UPDATE class SET tag_id = @tag_id WHERE ${same}`).run(row)
    return
  }
  statement(
    db,
    `INSERT INTO ${table} (${columns.join(', ')})
     VALUES (${columns.map((column) => `@${column}`).join(', ')})
     ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${set}`,
  ).run(row)
}

/** What photos have inherited goes with what they inherited it from, which no step has written down. */
function takeFromHeirs(db: Database, table: Table, row: Record<string, unknown>): void {
  switch (table) {
    case 'tag':
      statement(db, 'DELETE FROM decision WHERE tag_id = @id').run(row)
      return
    case 'album':
      statement(db, 'DELETE FROM album_photo WHERE album_id = @id').run(row)
      return
    case 'decision':
    case 'album_photo':
    case 'rating': {
      const others = TABLES[table].key.filter((column) => column !== 'photo_id')
      const same = others.map((column) => ` AND ${column} = @${column}`).join('')
      statement(db, `DELETE FROM ${table} WHERE inherited_from = @photo_id${same}`).run(row)
      return
    }
    case 'class':
      return
    default:
      table satisfies never
  }
}

/** A recorded row, of the photo that its photo is now; `null` when the photo was purged. */
function rowOf(db: Database, json: string | null): Record<string, unknown> | null {
  const row = JSON.parse(json ?? 'null') as Record<string, unknown> | null
  if (!row || !('photo_id' in row)) return row
  const photo = photoNow(db, row.photo_id as PhotoId)
  return photo === null ? null : { ...row, photo_id: photo }
}
