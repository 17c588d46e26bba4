import type { Database } from 'better-sqlite3'
import type { PhotoId, PhotoTag } from '../../../contract/domain.ts'
import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { predictionsOf } from './queries.ts'

/** What a photo shows by the model, best first, guesses below their threshold included. */
export function tagsOfPhoto(
  db: Database,
  modelId: number | null,
  photoId: PhotoId,
  taxonomy: Taxonomy,
): PhotoTag[] {
  if (modelId === null) return []
  return predictionsOf(db, modelId, photoId).map(({ wnid, name, score, confident }) => ({
    wnid,
    name,
    score,
    source: 'predicted',
    confident: confident === 1,
    categories: wnid === null ? [] : categoryNames(wnid, taxonomy),
  }))
}

const categoryNames = (wnid: string, taxonomy: Taxonomy): string[] =>
  taxonomy.categories(wnid).map((category) => taxonomy.synset(category)?.name ?? category)
