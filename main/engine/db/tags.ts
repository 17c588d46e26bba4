import type { Database } from 'better-sqlite3'
import type { PhotoId, TagId } from '../../../contract/domain.ts'
import { statement } from './statement.ts'

export interface TagRow {
  id: TagId
  /** WordNet id of a class; `null` for a person's own word, or a class that WordNet does not know. */
  wnid: string | null
  name: string
}

/** A name as it is compared with others. */
export const tagKey = (name: string): string =>
  name.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ')

/** The tag that a class of a model means, made where there is none. */
export function tagOfClass(db: Database, wnid: string | null, name: string): TagId {
  const known = wnid === null ? tagOfName(db, name) : tagOfSynset(db, wnid)
  if (known === null) return insertTag(db, wnid, name)
  // As the model in use calls it, unless a person chose a name, or another tag for this class.
  statement(
    db,
    `UPDATE tag SET name = @name, key = @key
     WHERE id = @id AND wnid = @wnid AND renamed = 0 AND name <> @name`,
  ).run({ id: known, wnid, name, key: tagKey(name) })
  return known
}

/** Of a class without a WordNet id; where a name means several classes that have one, it is another. */
function tagOfName(db: Database, name: string): TagId | null {
  const named = tagsNamed(db, name)
  const [first] = named
  if (first?.wnid === null) return first.id
  const tags = new Set([...named.map(({ id }) => id), ...tagsFormerlyNamed(db, name)])
  const [only] = tags
  return tags.size === 1 ? (only ?? null) : null
}

/** Tags of classes of a name that a person has renamed, or merged with another. */
function tagsFormerlyNamed(db: Database, name: string): TagId[] {
  const renamed = statement(
    db,
    `SELECT class.name, tag_id AS id FROM class JOIN tag ON tag.id = tag_id
     WHERE tag.name <> class.name`,
  ).all() as { name: string; id: TagId }[]
  const key = tagKey(name)
  return renamed.filter((each) => tagKey(each.name) === key).map(({ id }) => id)
}

function tagOfSynset(db: Database, wnid: string): TagId | null {
  const id = statement(
    db,
    `SELECT id FROM tag WHERE wnid = @wnid
     UNION ALL SELECT tag_id FROM class WHERE wnid = @wnid AND tag_id IS NOT NULL
     LIMIT 1`,
  )
    .pluck()
    .get({ wnid })
  return (id as TagId | undefined) ?? null
}

export function insertTag(db: Database, wnid: string | null, name: string): TagId {
  const { lastInsertRowid } = statement(
    db,
    'INSERT INTO tag (wnid, name, key) VALUES (?, ?, ?)',
  ).run(wnid, name, tagKey(name))
  return Number(lastInsertRowid) as TagId
}

/** Tags of a name, a person's own before those of classes. */
export function tagsNamed(db: Database, name: string): TagRow[] {
  return statement(
    db,
    'SELECT id, wnid, name FROM tag WHERE key = ? ORDER BY wnid IS NOT NULL, id',
  ).all(tagKey(name)) as TagRow[]
}

export function tagWithWnid(db: Database, wnid: string): TagRow[] {
  return statement(db, 'SELECT id, wnid, name FROM tag WHERE wnid = ?').all(wnid) as TagRow[]
}

export function tagRow(db: Database, id: TagId): TagRow | null {
  const row = statement(db, 'SELECT id, wnid, name FROM tag WHERE id = ?').get(id)
  return (row as TagRow | undefined) ?? null
}

/** Tags that some photo may have: of the model's classes, and those that a person gave. */
export function knownTags(db: Database, modelId: number | null): TagRow[] {
  return statement(
    db,
    `SELECT id, wnid, name FROM tag
     WHERE id IN (SELECT tag_id FROM model_class JOIN class ON class.id = class_id
         WHERE model_id = ?)
       OR EXISTS (SELECT 1 FROM decision WHERE tag_id = tag.id AND verdict = 1)
     ORDER BY id`,
  ).all(modelId) as TagRow[]
}

/** Ids of the tags that no class of any model means: persons made them. */
export function ownTags(db: Database): TagId[] {
  return statement(
    db,
    'SELECT id FROM tag WHERE NOT EXISTS (SELECT 1 FROM class WHERE tag_id = tag.id)',
  )
    .pluck()
    .all() as TagId[]
}

/** Whether some class of some model means the tag. */
export function isOfClass(db: Database, id: TagId): boolean {
  return statement(db, 'SELECT 1 FROM class WHERE tag_id = ?').get(id) !== undefined
}

export function renameTag(db: Database, id: TagId, name: string): void {
  statement(db, 'UPDATE tag SET name = ?, key = ?, renamed = 1 WHERE id = ?').run(
    name,
    tagKey(name),
    id,
  )
}

export function deleteTag(db: Database, id: TagId): void {
  statement(db, 'DELETE FROM tag WHERE id = ?').run(id)
}

/** What classes and persons say of one tag is said of another from now on. */
export function moveTag(db: Database, from: TagId, into: TagId): void {
  statement(db, 'UPDATE class SET tag_id = ? WHERE tag_id = ?').run(into, from)
  statement(
    db,
    `INSERT INTO decision (photo_id, tag_id, verdict, source, decided_at, inherited_from)
     SELECT photo_id, @into, verdict, source, decided_at, inherited_from FROM decision
     WHERE tag_id = @from
     ON CONFLICT (photo_id, tag_id) DO UPDATE SET verdict = excluded.verdict,
       source = excluded.source, decided_at = excluded.decided_at
     WHERE excluded.verdict > decision.verdict`,
  ).run({ from, into })
  statement(db, 'DELETE FROM decision WHERE tag_id = ?').run(from)
}

/**
 * Takes back what rejects a tag of photos that show another one as the model sees them: they keep that
 * when both become one.
 */
export function spareShown(
  db: Database,
  { rejected, shown, modelId }: { rejected: TagId; shown: TagId; modelId: number | null },
): void {
  statement(
    db,
    `DELETE FROM decision WHERE tag_id = @rejected AND verdict = 0
       AND NOT EXISTS (SELECT 1 FROM decision AS other
         WHERE other.photo_id = decision.photo_id AND other.tag_id = @shown)
       AND EXISTS (SELECT 1 FROM prediction JOIN class ON class.id = prediction.class_id
           JOIN model_class ON model_class.class_id = class.id
             AND model_class.model_id = prediction.model_id
         WHERE prediction.photo_id = decision.photo_id AND prediction.model_id = @modelId
           AND class.tag_id = @shown AND score >= threshold)`,
  ).run({ rejected, shown, modelId })
}

/** Two tags turn out to be one; the first may be gone already. */
export function mergeTags(db: Database, from: TagId, into: TagId): void {
  moveTag(db, from, into)
  deleteTag(db, from)
  statement(db, 'UPDATE tag_alias SET tag_id = ? WHERE tag_id = ?').run(into, from)
  statement(db, 'INSERT OR REPLACE INTO tag_alias (former_id, tag_id) VALUES (?, ?)').run(
    from,
    into,
  )
}

/** The tag that a tag is now: itself, or the one that it turned out to be. */
export const tagNow = (db: Database, id: TagId): TagId =>
  (statement(db, 'SELECT tag_id FROM tag_alias WHERE former_id = ?').pluck().get(id) as
    | TagId
    | undefined) ?? id

/** Another tag that cannot stand beside this one, having its name or its WordNet id. */
export function sameTag(db: Database, { id, wnid, name }: TagRow): TagId | null {
  const other = statement(
    db,
    `SELECT id FROM tag WHERE id <> @id AND wnid IS @wnid AND (wnid IS NOT NULL OR key = @key)`,
  )
    .pluck()
    .get({ id, wnid, key: tagKey(name) })
  return (other as TagId | undefined) ?? null
}

export interface Decision {
  photoId: PhotoId
  tagId: TagId
  verdict: 'yes' | 'no'
  source: 'user' | 'imported' | 'taught'
  /** Milliseconds since 1970. */
  decidedAt: number
}

/** Says of a photo that it has a tag or has not, whatever was said before. */
export function storeDecision(db: Database, decision: Decision): void {
  statement(
    db,
    `INSERT INTO decision (photo_id, tag_id, verdict, source, decided_at)
     VALUES (@photoId, @tagId, @verdict, @source, @decidedAt)
     ON CONFLICT (photo_id, tag_id) DO UPDATE SET verdict = excluded.verdict,
       source = excluded.source, decided_at = excluded.decided_at, inherited_from = NULL
     WHERE verdict <> excluded.verdict OR source <> excluded.source OR inherited_from IS NOT NULL`,
  ).run({ ...decision, verdict: decision.verdict === 'yes' ? 1 : 0 })
}

/** Takes back what was said of a photo and a tag. */
export function deleteDecision(db: Database, photoId: PhotoId, tagId: TagId): void {
  statement(db, 'DELETE FROM decision WHERE photo_id = ? AND tag_id = ?').run(photoId, tagId)
}

export function deleteDecisionsOfTag(db: Database, tagId: TagId): void {
  statement(db, 'DELETE FROM decision WHERE tag_id = ?').run(tagId)
}

/** Takes back that photos have a tag; that others have it not stays. */
export function takeBackTag(db: Database, tagId: TagId): void {
  statement(db, 'DELETE FROM decision WHERE tag_id = ? AND verdict = 1').run(tagId)
}

export function countDecisions(db: Database): number {
  return statement(db, 'SELECT count(*) FROM decision').pluck().get() as number
}
