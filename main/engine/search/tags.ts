import type { Database } from 'better-sqlite3'
import type { PhotoId, PhotoTag } from '../../../contract/domain.ts'
import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { tagsOf } from './queries.ts'

/** What a photo shows, by persons and by the model, guesses and what was rejected included. */
export function tagsOfPhoto(
  db: Database,
  modelId: number | null,
  photoId: PhotoId,
  taxonomy: Taxonomy,
): PhotoTag[] {
  return tagsOf(db, modelId, photoId).map(({ id, wnid, name, score, reached, verdict }) => ({
    ...{ id, wnid, name, score },
    source: verdict === 1 ? 'user' : 'predicted',
    confident: verdict === null ? reached === 1 : verdict === 1,
    verdict: verdict === null ? null : verdict === 1 ? 'yes' : 'no',
    categories: wnid === null ? [] : categoryNames(wnid, taxonomy),
  }))
}

const categoryNames = (wnid: string, taxonomy: Taxonomy): string[] =>
  taxonomy.categories(wnid).map((category) => taxonomy.synset(category)?.name ?? category)
