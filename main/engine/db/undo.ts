/** Every change of what persons said is a step that can be undone and made again, also after a restart. */
import type { Database } from 'better-sqlite3'
import type { PhotoId, TagId } from '../../../contract/domain.ts'
import { KNOWLEDGE, photoNow } from './identity.ts'
import { heirsSince } from './inheritance.ts'
import { statement } from './statement.ts'
import { isOfClass, mergeTags, sameTag, tagNow } from './tags.ts'

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
type KnowledgeTable = (typeof KNOWLEDGE)[number]
type Row = Record<string, unknown>

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
      for (const { changed, before, after } of rows.reverse()) {
        apply(db, wanted, changed, { from: after, to: before })
      }
    } else {
      for (const { changed, before, after } of rows) {
        apply(db, wanted, changed, { from: before, to: after })
      }
    }
    statement(db, 'UPDATE undo_step SET undone = ? WHERE id = ?').run(
      direction === 'undo' ? 1 : 0,
      wanted.id,
    )
    return wanted
  })
}

/** Turns a row that is as `from` says into what `to` says. */
function apply(
  db: Database,
  { id: step }: UndoStep,
  table: Table,
  { from, to }: { from: string | null; to: string | null },
): void {
  const row = rowOf(db, to ?? from)
  if (!row) return
  switch (table) {
    case 'class':
      statement(db, 'UPDATE class SET tag_id = @tag_id WHERE id = @id').run(row)
      return
    case 'tag':
      if (to !== null) setTag(db, row)
      // Models have a class that means this tag by now: it stays.
      else if (!isOfClass(db, row.id as TagId)) removeWith(db, 'tag', row)
      return
    case 'album':
      if (to !== null) upsert(db, 'album', row)
      else removeWith(db, 'album', row)
      return
    case 'decision':
    case 'album_photo':
    case 'rating':
      setKnowledge(db, table, row, { present: to !== null, step, source: null, done: new Set() })
      return
    default:
      table satisfies never
  }
}

function upsert(db: Database, table: Table, row: Row, condition = ''): void {
  const { key, rest } = TABLES[table]
  const columns = [...key, ...rest]
  statement(
    db,
    `INSERT INTO ${table} (${columns.join(', ')})
     VALUES (${columns.map((column) => `@${column}`).join(', ')})
     ON CONFLICT (${key.join(', ')}) DO UPDATE SET
       ${rest.map((column) => `${column} = excluded.${column}`).join(', ')} ${condition}`,
  ).run(row)
}

function remove(db: Database, table: Table, row: Row, condition = ''): void {
  const same = TABLES[table].key.map((column) => `${column} = @${column}`).join(' AND ')
  statement(db, `DELETE FROM ${table} WHERE ${same} ${condition}`).run(row)
}

/** Where models have brought a tag of this name or class meanwhile, it is that one. */
function setTag(db: Database, row: Row): void {
  const id = row.id as TagId
  const other = sameTag(db, { id, wnid: row.wnid as string | null, name: row.name as string })
  if (other === null) upsert(db, 'tag', row)
  else mergeTags(db, id, other)
}

/** What photos have inherited goes with the tag or album, which no step has written down. */
function removeWith(db: Database, table: 'tag' | 'album', row: Row): void {
  const of = table === 'tag' ? 'decision WHERE tag_id' : 'album_photo WHERE album_id'
  statement(db, `DELETE FROM ${of} = @id`).run(row)
  remove(db, table, row)
}

interface KnowledgeChange {
  present: boolean
  step: number
  /** The photo that it is inherited from; `null` for the photo of the step. */
  source: PhotoId | null
  done: Set<PhotoId>
}

/** Of a photo, and of those that edits have made of it since, where they say nothing of their own. */
function setKnowledge(
  db: Database,
  table: KnowledgeTable,
  row: Row,
  change: KnowledgeChange,
): void {
  const { present, step, source, done } = change
  const photo = row.photo_id as PhotoId
  if (done.has(photo)) return
  done.add(photo)
  if (present) {
    const condition = source === null ? '' : `WHERE ${table}.inherited_from IS @inherited_from`
    upsert(db, table, row, condition)
  } else {
    remove(db, table, row, source === null ? '' : 'AND inherited_from IS @inherited_from')
  }
  for (const heir of heirsSince(db, photo, step)) {
    const inherited = { ...row, photo_id: heir, inherited_from: photo }
    setKnowledge(db, table, inherited, { ...change, source: photo })
  }
}

/**
 * A recorded row, of the photo that its photo is now and the tag that its tag is; `null` when the photo
 * was purged.
 */
function rowOf(db: Database, json: string | null): Row | null {
  const row = JSON.parse(json ?? 'null') as Row | null
  if (!row) return null
  if ('key' in row && 'wnid' in row) row.id = tagNow(db, row.id as TagId)
  if (typeof row.tag_id === 'number') row.tag_id = tagNow(db, row.tag_id as TagId)
  if (typeof row.inherited_from === 'number') {
    row.inherited_from = photoNow(db, row.inherited_from as PhotoId)
  }
  if (!('photo_id' in row)) return row
  const photo = photoNow(db, row.photo_id as PhotoId)
  return photo === null ? null : { ...row, photo_id: photo }
}

/**
 * Two photos are about to be one: where something was said of both, their steps follow each other from
 * now on, so that undoing one leaves what the one before had said.
 */
export function joinHistories(db: Database, from: PhotoId, into: PhotoId): void {
  for (const table of KNOWLEDGE) {
    const { key, rest } = TABLES[table]
    const other = key.filter((column) => column !== 'photo_id')
    const same = other.map((column) => `one.${column} = two.${column}`)
    const both = statement(
      db,
      `SELECT ${[...key, ...rest].map((column) => `one.${column}`).join(', ')}
       FROM ${table} AS one JOIN ${table} AS two
         ON ${['one.photo_id = @into AND two.photo_id = @from', ...same].join(' AND ')}`,
    ).all({ from, into }) as Row[]
    for (const row of both) chain(db, table, { from, into, row, other })
  }
}

/** `row`: what is said of `into` now; `other`: the columns that tell it from other rows of a photo. */
function chain(
  db: Database,
  table: KnowledgeTable,
  { from, into, row, other }: { from: PhotoId; into: PhotoId; row: Row; other: readonly string[] },
): void {
  const column = (name: string) => `coalesce(after, before) ->> '${name}'`
  const steps = statement(
    db,
    `SELECT id, before, after, ${column('photo_id')} IN (SELECT @from UNION ALL
         SELECT former_id FROM photo_alias WHERE photo_id = @from) AS ofFrom
     FROM undo_row WHERE changed = '${table}'
       ${other.map((name) => `AND ${column(name)} = @${name}`).join(' ')}
       AND ${column('photo_id')} IN (SELECT @from UNION ALL SELECT @into UNION ALL
         SELECT former_id FROM photo_alias WHERE photo_id IN (@from, @into))
     ORDER BY id`,
  ).all({ ...row, from, into }) as (UndoRow & { id: number; ofFrom: 0 | 1 })[]
  const ofInto = steps.find(({ ofFrom }) => !ofFrom)
  // What was said of the one before any of these steps: of the other, nothing was.
  let before = (ofInto ? ofInto.before : JSON.stringify(row)) ?? steps[0]?.before ?? null
  for (const step of steps) {
    statement(db, 'UPDATE undo_row SET before = ? WHERE id = ?').run(before, step.id)
    before = step.after
  }
}
