import { leadingWordNetId } from '../../../models/evaluation/vocabulary.ts'
import { normalised } from '../../../models/taxonomy/words.ts'

/** What data sets call their parts. Of these, "train" alone is the name of a class too. */
const partsOfDataSets = new Set([
  ...['train', 'training', 'val', 'valid', 'validation', 'dev', 'test', 'testing', 'holdout'],
  ...['eval', 'evaluation', 'set', 'split', 'fold', 'data', 'dataset', 'sample', 'samples'],
  ...['image', 'images', 'img', 'imgs', 'photo', 'photos', 'picture', 'pictures', 'pics'],
  ...['jpg', 'jpeg', 'jpegs', 'png', 'class', 'classes'],
])

/** Such as `train`, `val2017` and `test_set`. */
function isPartOfDataSet(folder: string): boolean {
  const words = normalised(folder).match(/\p{L}+/gu)
  return words?.every((word) => partsOfDataSets.has(word)) ?? false
}

/**
 * The word that says what a photo shows: the nearest to it, so that a folder nobody knows is told
 * of, not passed over for one above it. `folders`: those that it lies in, nearest first; `name`: of
 * its file. Passed over are the parts of data sets, and years and other numbers where a folder above
 * has a name. A WordNet id in the file's name is nearer than any folder but one named by such an id,
 * which may correct it. `null` where there is no word.
 */
export function classWord(folders: readonly string[], name: string): string | null {
  const candidates = folders.filter((folder) => !isPartOfDataSet(folder))
  const nearest = candidates.find((folder) => /\p{L}/u.test(folder)) ?? candidates[0] ?? null
  if (nearest !== null && leadingWordNetId(nearest) !== null) return nearest
  return leadingWordNetId(name) ?? nearest
}
