import { basename } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { PhotoId, PhotoTag, Tag } from '../../../contract/domain.ts'
import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { filesOfPhoto } from '../db/files.ts'
import { photoRow } from '../db/photos.ts'
import type { ExportPhoto } from '../export/types.ts'
import { tagsOfPhoto } from '../search/tags.ts'

export interface RecordSource {
  db: Database
  taxonomy: Taxonomy
  modelId: number | null
}

/** All that the command line and exports tell of a photo; `null` when it has no file any more. */
export function photoRecord(
  { db, taxonomy, modelId }: RecordSource,
  id: PhotoId,
): ExportPhoto | null {
  const row = photoRow(db, id)
  const file = filesOfPhoto(db, id)[0]
  if (!row || !file) return null
  const tags = tagsOfPhoto(db, modelId, id, taxonomy)
  return {
    id,
    path: file.path,
    name: basename(file.path),
    sha256: file.contentHash?.toString('hex') ?? null,
    size: file.size,
    takenAt: row.takenAt,
    width: row.width,
    height: row.height,
    camera: row.camera,
    lens: row.lens,
    latitude: row.place?.latitude ?? null,
    longitude: row.place?.longitude ?? null,
    tags: tags.filter(({ verdict }) => verdict !== 'no').map(plainTag),
    folderTags: tags.filter(({ confident }) => confident).map(({ name }) => name),
  }
}

const plainTag = ({ name, wnid, score, source }: PhotoTag): Tag => ({ name, wnid, score, source })

/** Records of many photos, one at a time. */
export function* photoRecords(
  source: RecordSource,
  ids: Iterable<number>,
): Generator<ExportPhoto, void> {
  for (const id of ids) {
    const record = photoRecord(source, id as PhotoId)
    if (record) yield record
  }
}
