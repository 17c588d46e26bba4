/** What is on the photos that were found, as the words around them say. */
import { UserError } from '../../../contract/errors.ts'
import type { ClassMeaning, Vocabulary } from '../../../models/evaluation/vocabulary.ts'
import type { FoundPhoto, FoundPhotos } from './findPhotos.ts'

export interface LabelledPhoto {
  path: string
  meaning: ClassMeaning
}

export interface Truth {
  photos: LabelledPhoto[]
  /** Paths of photos that nothing tells of. */
  unlabelled: string[]
}

const WORDS_TOLD = 5

/**
 * Takes for each photo the class that its word means. Throws UserError when none of the photos has a
 * word, and for words that mean nothing: left out in silence, they would make a figure
 * of fewer photos than somebody believes.
 */
export function labelPhotos({ source, photos }: FoundPhotos, vocabulary: Vocabulary): Truth {
  const meanings = new Map<string, ClassMeaning | null>()
  const meaningOf = (word: string) => {
    const known = meanings.get(word)
    const meaning = known === undefined ? vocabulary.meaningOf(word) : known
    meanings.set(word, meaning)
    return meaning
  }
  const truth: Truth = { photos: [], unlabelled: [] }
  const unknown = new Map<string, FoundPhoto>()
  for (const photo of photos) {
    const { path, word } = photo
    const meaning = word === null ? null : meaningOf(word)
    if (meaning) truth.photos.push({ path, meaning })
    else if (word === null) truth.unlabelled.push(path)
    else if (!unknown.has(word)) unknown.set(word, photo)
  }
  if (unknown.size > 0) throw unknownWords([...unknown], vocabulary)
  if (truth.photos.length > 0) return truth
  throw new UserError(
    'no-labels',
    photos.length === 0
      ? `There are no photos in ${source}: give another folder, or a CSV with the columns "path" and "class".`
      : `Nothing in ${source} says what its photos show: put them into folders named by class, such as "tabby", "dog" or n02084071, or give a CSV with the columns "path" and "class".`,
  )
}

function unknownWords(unknown: [string, FoundPhoto][], vocabulary: Vocabulary): UserError {
  const told = unknown.slice(0, WORDS_TOLD).map(([word, { where }]) => {
    const suggestions = vocabulary.suggestionsFor(word).map((name) => `"${name}"`)
    const meant = suggestions.length > 0 ? `; did you mean ${suggestions.join(' or ')}?` : ''
    return `"${word}" (${where}${meant})`
  })
  const more = unknown.length > WORDS_TOLD ? ` and ${unknown.length - WORDS_TOLD} more` : ''
  return new UserError(
    'unknown-class',
    `No class is called ${told.join(', ')}${more}: name a class, a category such as "dog", or a WordNet id such as n02084071, or leave these photos out.`,
  )
}
