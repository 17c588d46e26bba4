import type { Database } from 'better-sqlite3'
import type {
  Facet,
  PhotoCard,
  PhotoId,
  SearchOutcome,
  SortOrder,
  Suggestion,
} from '../../../contract/domain.ts'
import { assertNever, UserError } from '../../../contract/errors.ts'
import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { classesMeant } from './classes.ts'
import { facetsOf, type TaggedClass } from './facets.ts'
import { nameRanks } from './nameOrder.ts'
import { parseQuery } from './parser.ts'
import { has, type PhotoIds, type PhotoSet, setLength, setOf } from './photoSet.ts'
import { type Leaves, photosMeant } from './planner.ts'
import {
  cardsOf,
  classesOfModel,
  type KnownClass,
  photosNamed,
  photosOfClass,
  presentNames,
  registerFunctions,
  visiblePhotos,
} from './queries.ts'
import { recentlyUsed } from './recent.ts'
import { suggestionsFor } from './suggest.ts'

export interface SearchParts {
  db: Database
  taxonomy: Taxonomy
  /** The model whose predictions are tags; `null` while there is none. */
  currentModelId: () => number | null
}

export interface Search {
  /** Runs a search, or takes its result from memory, and says how many photos it finds. */
  search(query: string, sort: SortOrder): SearchOutcome
  /** A stretch of a result; empty beyond its end and for a search that is not understood. */
  page(query: string, sort: SortOrder, offset: number, limit: number): PhotoCard[]
  /** Where a photo stands in a result; `null` when it is not in it. */
  position(query: string, sort: SortOrder, id: PhotoId): number | null
  /** The classes and categories of a result; none for a search that is not understood. */
  facets(query: string): Facet[]
  /** Completions of the word at the end of `text`, at most `limit`. */
  suggest(text: string, limit: number): Suggestion[]
  /** A whole result in order. Throws UserError for a search that is not understood. */
  ids(query: string, sort: SortOrder): PhotoId[]
  /** Photos, files, predictions or the model changed: forgets every result. */
  invalidate(): void
}

/** Four bytes a photo each. */
const RESULTS_KEPT = 8
/** One bit a photo each: the names looked for while somebody changes the rest of a search. */
const NAMES_KEPT = 32

type Result = { ok: true; ids: PhotoIds } | Extract<SearchOutcome, { ok: false }>

export function createSearch({ db, taxonomy, currentModelId }: SearchParts): Search {
  registerFunctions(db)
  const results = recentlyUsed<Result>(RESULTS_KEPT)
  const facets = recentlyUsed<Facet[]>(RESULTS_KEPT)
  const named = recentlyUsed<PhotoSet>(NAMES_KEPT)
  const photosByClass = recentlyUsed<Map<number, PhotoIds>>(1)
  const classes = recentlyUsed<KnownClass[]>(1)
  const visible = recentlyUsed<{ ids: PhotoIds; length: number }>(1)
  const ranks = recentlyUsed<Int32Array>(1)

  const visibleOldestFirst = () =>
    visible.get('all', () => {
      const ids = Int32Array.from(visiblePhotos(db))
      return { ids, length: setLength(ids) }
    })

  const knownClasses = (modelId: number | null): KnownClass[] =>
    modelId === null ? [] : classes.get(String(modelId), () => classesOfModel(db, modelId))

  function photosWithTag(modelId: number, classId: number): PhotoIds {
    const lists = photosByClass.get(String(modelId), () => new Map())
    const list = lists.get(classId) ?? Int32Array.from(photosOfClass(db, modelId, classId))
    lists.set(classId, list)
    return list
  }

  function taggedClasses(modelId: number | null): TaggedClass[] {
    if (modelId === null) return []
    return knownClasses(modelId).map((each) => ({
      ...each,
      photos: photosWithTag(modelId, each.id),
    }))
  }

  function leavesOf(modelId: number | null, length: number): Leaves {
    return {
      nothing: setOf(length, []),
      tagged(text) {
        const meant = classesMeant(text, knownClasses(modelId), taxonomy)
        const lists = modelId === null ? [] : meant.map((id) => photosWithTag(modelId, id))
        return setOf(length, lists)
      },
      named: (pattern) =>
        named.get(pattern, () => setOf(length, [Int32Array.from(photosNamed(db, pattern))])),
    }
  }

  function oldestFirst(query: string): Result {
    const modelId = currentModelId()
    return results.get(`${modelId} oldest ${query}`, () => {
      const parsed = parseQuery(query)
      if (!parsed.ok) return parsed
      const { ids, length } = visibleOldestFirst()
      const meant = photosMeant(parsed.expression, leavesOf(modelId, length))
      return { ok: true, ids: ids.filter((id) => has(meant, id)) }
    })
  }

  function inOrder(ids: PhotoIds, sort: SortOrder): PhotoIds {
    switch (sort) {
      case 'oldest':
        return ids
      case 'newest':
        return ids.toReversed()
      case 'name': {
        const rank = ranks.get('all', () => nameRanks(presentNames(db)))
        return ids.toSorted((a, b) => (rank[a] ?? 0) - (rank[b] ?? 0))
      }
      default:
        return assertNever(sort)
    }
  }

  function result(query: string, sort: SortOrder): Result {
    const found = oldestFirst(query)
    if (!found.ok || sort === 'oldest') return found
    const key = `${currentModelId()} ${sort} ${query}`
    return results.get(key, () => ({ ok: true, ids: inOrder(found.ids, sort) }))
  }

  return {
    search(query, sort) {
      const found = result(query, sort)
      return found.ok ? { ok: true, count: found.ids.length } : found
    },
    page(query, sort, offset, limit) {
      const found = result(query, sort)
      if (!found.ok) return []
      return cardsOf(db, currentModelId(), [...found.ids.subarray(offset, offset + limit)])
    },
    position(query, sort, id) {
      const found = result(query, sort)
      const index = found.ok ? found.ids.indexOf(id) : -1
      return index === -1 ? null : index
    },
    facets(query) {
      const modelId = currentModelId()
      return facets.get(`${modelId} ${query}`, () => {
        const found = oldestFirst(query)
        return found.ok ? facetsOf(found.ids, taggedClasses(modelId), taxonomy) : []
      })
    },
    suggest: (text, limit) => suggestionsFor(text, limit, knownClasses(currentModelId()), taxonomy),
    ids(query, sort) {
      const found = result(query, sort)
      if (found.ok) return [...found.ids] as PhotoId[]
      const where = `column ${found.column + 1}`
      throw new UserError('bad-query', `The search is not understood (${where}): ${found.message}`)
    },
    invalidate() {
      for (const memory of [results, facets, named, photosByClass, classes, visible, ranks])
        memory.clear()
    },
  }
}
