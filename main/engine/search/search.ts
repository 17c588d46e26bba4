import type { Database } from 'better-sqlite3'
import type {
  Facet,
  PhotoCard,
  PhotoId,
  SearchOutcome,
  SortOrder,
  Suggestion,
  TagId,
  TagSummary,
} from '../../../contract/domain.ts'
import { assertNever, UserError } from '../../../contract/errors.ts'
import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { albumNamed, listAlbums } from '../db/albums.ts'
import { knownTags, ownTags, type TagRow } from '../db/tags.ts'
import { facetsOf, type TaggedClass } from './facets.ts'
import { tagsMeant } from './meaning.ts'
import { nameRanks } from './nameOrder.ts'
import { parseQuery } from './parser.ts'
import { has, type PhotoIds, type PhotoSet, setLength, setOf } from './photoSet.ts'
import { type Leaves, photosMeant } from './planner.ts'
import {
  cardsOf,
  photosInAlbum,
  photosNamed,
  photosOfTag,
  photosRated,
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
  /** The ids of a stretch of a result; empty beyond its end and for a search that is not understood. */
  idsAt(query: string, sort: SortOrder, offset: number, limit: number): PhotoId[]
  /** Those of the photos that a search finds; none for a search that is not understood. */
  found(query: string, ids: readonly PhotoId[]): PhotoId[]
  /** The classes and categories of a result; none for a search that is not understood. */
  facets(query: string): Facet[]
  /** Completions of the word at the end of `text`, at most `limit`. */
  suggest(text: string, limit: number): Suggestion[]
  /** Tags that photos have or may have, by name. */
  tags(): TagSummary[]
  /** Tags that some of the photos have, those of most photos first. */
  tagsOf(ids: readonly PhotoId[]): TagSummary[]
  /** A whole result in order. Throws UserError for a search that is not understood. */
  ids(query: string, sort: SortOrder): PhotoId[]
  /** Photos, files, predictions or the model changed: forgets every result. */
  invalidate(): void
  /**
   * What persons say changed: forgets results and which photos have these tags, but not which photos
   * there are, how they are called, and which have other tags.
   */
  decided(tags: readonly TagId[] | 'all'): void
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
  const photosByTag = recentlyUsed<Map<TagId, PhotoIds>>(1)
  const tags = recentlyUsed<TagRow[]>(1)
  const visible = recentlyUsed<{ ids: PhotoIds; length: number }>(1)
  const ranks = recentlyUsed<Int32Array>(1)

  const visibleOldestFirst = () =>
    visible.get('all', () => {
      const ids = Int32Array.from(visiblePhotos(db))
      return { ids, length: setLength(ids) }
    })

  const tagsKnown = (modelId: number | null): TagRow[] =>
    tags.get(String(modelId), () => knownTags(db, modelId))

  const tagLists = (modelId: number | null) => photosByTag.get(String(modelId), () => new Map())

  function photosWithTag(modelId: number | null, tag: TagId): PhotoIds {
    const lists = tagLists(modelId)
    const list = lists.get(tag) ?? Int32Array.from(photosOfTag(db, modelId, tag))
    lists.set(tag, list)
    return list
  }

  function taggedPhotos(modelId: number | null): TaggedClass[] {
    const own = new Set(ownTags(db))
    return tagsKnown(modelId).map((tag) => ({
      ...tag,
      own: own.has(tag.id),
      photos: photosWithTag(modelId, tag.id),
    }))
  }

  /** How many photos of a set have each tag. */
  function summaries(shown: PhotoSet): TagSummary[] {
    const modelId = currentModelId()
    const own = new Set(ownTags(db))
    return tagsKnown(modelId).map(({ id, name, wnid }) => ({
      ...{ id, name, wnid },
      category: wnid === null ? null : nearestCategory(wnid, taxonomy),
      own: own.has(id),
      photos: photosWithTag(modelId, id).filter((photo) => has(shown, photo)).length,
    }))
  }

  function leavesOf(modelId: number | null, length: number): Leaves {
    return {
      nothing: setOf(length, []),
      tagged(text) {
        const meant = tagsMeant(text, tagsKnown(modelId), taxonomy)
        return setOf(
          length,
          meant.map((id) => photosWithTag(modelId, id)),
        )
      },
      inAlbum(name) {
        const album = albumNamed(db, name)
        const photos = album === null ? [] : photosInAlbum(db, album)
        return setOf(length, [Int32Array.from(photos)])
      },
      rated: (lowest, highest) =>
        setOf(length, [Int32Array.from(photosRated(db, lowest, highest))]),
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
    idsAt(query, sort, offset, limit) {
      const found = result(query, sort)
      return found.ok ? ([...found.ids.subarray(offset, offset + limit)] as PhotoId[]) : []
    },
    found(query, ids) {
      const found = oldestFirst(query)
      if (!found.ok) return []
      const set = setOf(visibleOldestFirst().length, [found.ids])
      return ids.filter((id) => has(set, id))
    },
    facets(query) {
      const modelId = currentModelId()
      return facets.get(`${modelId} ${query}`, () => {
        const found = oldestFirst(query)
        return found.ok ? facetsOf(found.ids, taggedPhotos(modelId), taxonomy) : []
      })
    },
    suggest: (text, limit) =>
      suggestionsFor(text, limit, {
        tags: tagsKnown(currentModelId()),
        albums: () => listAlbums(db).map(({ name }) => name),
        taxonomy,
      }),
    tags() {
      const { ids, length } = visibleOldestFirst()
      return summaries(setOf(length, [ids])).sort((a, b) => collator.compare(a.name, b.name))
    },
    tagsOf(ids) {
      const { length } = visibleOldestFirst()
      return summaries(setOf(length, [Int32Array.from(ids)]))
        .filter(({ photos }) => photos > 0)
        .sort((a, b) => b.photos - a.photos || collator.compare(a.name, b.name))
    },
    ids(query, sort) {
      const found = result(query, sort)
      if (found.ok) return [...found.ids] as PhotoId[]
      const where = `column ${found.column + 1}`
      throw new UserError('bad-query', `The search is not understood (${where}): ${found.message}`)
    },
    invalidate() {
      for (const memory of [results, facets, named, photosByTag, tags, visible, ranks])
        memory.clear()
    },
    decided(changed) {
      for (const memory of [results, facets, tags]) memory.clear()
      if (changed === 'all') photosByTag.clear()
      else for (const tag of changed) tagLists(currentModelId()).delete(tag)
    },
  }
}

function nearestCategory(wnid: string, taxonomy: Taxonomy): string | null {
  const [nearest] = taxonomy.categories(wnid)
  return (nearest && taxonomy.synset(nearest)?.name) ?? null
}

const collator = new Intl.Collator('en')
