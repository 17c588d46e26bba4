/** Every select of searching. All are constant text; what a person typed is bound. */
import type { Database } from 'better-sqlite3'
import type { AlbumId, PhotoCard, PhotoId, TagId } from '../../../contract/domain.ts'
import { PHOTO_STATE } from '../db/photos.ts'
import { statement } from '../db/statement.ts'

/** Every visible photo, oldest first. */
export function visiblePhotos(db: Database): number[] {
  return statement(db, 'SELECT id FROM photo WHERE visible = 1 ORDER BY sorted_at, id')
    .pluck()
    .all() as number[]
}

/** Photos a present file of which has a name like `pattern`, an SQL LIKE pattern with `\`. */
export function photosNamed(db: Database, pattern: string): number[] {
  // LIKE itself folds ASCII alone; folding each of a million names in JavaScript takes its time.
  if (isAscii(pattern)) {
    return statement(
      db,
      `SELECT photo_id FROM file WHERE state = 'present' AND name LIKE ? ESCAPE '\\'`,
    )
      .pluck()
      .all(pattern) as number[]
  }
  return statement(
    db,
    `SELECT photo_id FROM file WHERE state = 'present' AND folded(name) LIKE ? ESCAPE '\\'`,
  )
    .pluck()
    .all(folded(pattern)) as number[]
}

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length

const folded = (text: string): string => text.normalize('NFC').toLowerCase()

/** Makes the SQL functions known that these selects use. */
export function registerFunctions(db: Database): void {
  db.function('folded', { deterministic: true }, (text: unknown) => folded(String(text)))
}

/** The names of all present files, the oldest file of a photo first. */
export function presentNames(db: Database): Iterable<[photo: number, name: string]> {
  const sql = `SELECT photo_id, name FROM file WHERE state = 'present' ORDER BY id`
  // A statement of its own: one that is being walked through cannot be shared.
  return db.prepare(sql).raw().iterate() as Iterable<[number, string]>
}

/** Ids of the photos that have a tag, visible or not, in no particular order, each once. */
export function photosOfTag(db: Database, modelId: number | null, tagId: TagId): number[] {
  const ids = statement(
    db,
    `SELECT photo_id FROM decision WHERE tag_id = @tagId AND verdict = 1
     UNION ALL
     SELECT prediction.photo_id FROM class
       JOIN model_class ON model_class.class_id = class.id AND model_class.model_id = @modelId
       JOIN prediction ON prediction.class_id = class.id AND prediction.model_id = @modelId
         AND score >= threshold
     WHERE class.tag_id = @tagId AND NOT EXISTS (SELECT 1 FROM decision
       WHERE decision.photo_id = prediction.photo_id AND decision.tag_id = @tagId)`,
  )
    .pluck()
    .all({ modelId, tagId }) as number[]
  // Several outputs of a model may mean one tag.
  return classesOf(db, modelId, tagId) > 1 ? [...new Set(ids)] : ids
}

const classesOf = (db: Database, modelId: number | null, tagId: TagId): number =>
  statement(
    db,
    `SELECT count(*) FROM class JOIN model_class ON class_id = class.id AND model_id = ?
     WHERE tag_id = ?`,
  )
    .pluck()
    .get(modelId, tagId) as number

/** Ids of the photos in an album, or of those with a rating in a range. */
export const photosInAlbum = (db: Database, album: AlbumId): number[] =>
  statement(db, 'SELECT photo_id FROM album_photo WHERE album_id = ?')
    .pluck()
    .all(album) as number[]

export const photosRated = (db: Database, lowest: number, highest: number): number[] =>
  statement(db, 'SELECT photo_id FROM rating WHERE stars BETWEEN ? AND ?')
    .pluck()
    .all(lowest, highest) as number[]

/** What the grid shows of photos, in the order of `ids`; a photo that is gone is left out. */
export function cardsOf(db: Database, modelId: number | null, ids: readonly number[]): PhotoCard[] {
  const rows = statement(
    db,
    `SELECT photo.id, width, height, taken_at AS takenAt,
       coalesce((SELECT name FROM file WHERE photo_id = photo.id AND state = 'present'
         ORDER BY file.id LIMIT 1), '') AS name,
       ${PHOTO_STATE} AS state,
       CASE WHEN EXISTS (SELECT 1 FROM cache.thumbnail AS made
         WHERE made.content_hash = photo.content_hash)
         THEN lower(hex(substr(photo.content_hash, 1, 8))) END AS thumbnail,
       (SELECT json_group_array(name) FROM
         (SELECT tag.name FROM decision JOIN tag ON tag.id = tag_id
          WHERE decision.photo_id = photo.id AND verdict = 1
          ORDER BY wnid IS NOT NULL, decided_at DESC, tag.id LIMIT 3)) AS userTags,
       (SELECT tag.name FROM prediction
          JOIN model_class ON model_class.class_id = prediction.class_id
            AND model_class.model_id = prediction.model_id
            AND prediction.score >= model_class.threshold
          JOIN class ON class.id = prediction.class_id
          JOIN tag ON tag.id = class.tag_id
        WHERE prediction.photo_id = photo.id AND prediction.model_id = ?
          AND NOT EXISTS (SELECT 1 FROM decision WHERE decision.photo_id = photo.id
            AND decision.tag_id = tag.id)
        ORDER BY prediction.score DESC, class.id LIMIT 1) AS topTag,
       coalesce((SELECT rating.stars FROM rating WHERE photo_id = photo.id), 0) AS stars
     FROM json_each(?) AS wanted JOIN photo ON photo.id = wanted.value
     ORDER BY wanted.key`,
  ).all(modelId, JSON.stringify(ids)) as (Omit<PhotoCard, 'userTags'> & { userTags: string })[]
  return rows.map((row) => {
    const userTags = JSON.parse(row.userTags) as string[]
    return { ...row, userTags, topTag: userTags[0] ?? row.topTag }
  })
}

export interface PhotoTagRow {
  id: TagId
  wnid: string | null
  name: string
  score: number | null
  /** 1 when the score reaches the threshold of its class. */
  reached: 0 | 1
  /** 1: a person said yes; 0: no. */
  verdict: 0 | 1 | null
}

/** What the model and persons said about a photo, what is certain first, then best first. */
export function tagsOf(db: Database, modelId: number | null, photo: PhotoId): PhotoTagRow[] {
  return statement(
    db,
    `WITH predicted AS (
       SELECT class.tag_id AS tag_id, max(score) AS score, max(score >= threshold) AS reached
       FROM prediction JOIN class ON class.id = prediction.class_id
         LEFT JOIN model_class ON model_class.class_id = prediction.class_id
           AND model_class.model_id = prediction.model_id
       WHERE photo_id = @photo AND prediction.model_id = @modelId
       GROUP BY class.tag_id)
     SELECT tag.id, wnid, name, score, coalesce(reached, 0) AS reached, verdict
     FROM (SELECT tag_id FROM predicted
         UNION SELECT tag_id FROM decision WHERE photo_id = @photo) AS said
       JOIN tag ON tag.id = said.tag_id
       LEFT JOIN predicted ON predicted.tag_id = tag.id
       LEFT JOIN decision ON decision.tag_id = tag.id AND decision.photo_id = @photo
     ORDER BY verdict = 1 DESC, score DESC, tag.id`,
  ).all({ photo, modelId }) as PhotoTagRow[]
}
