import { useEffect, useRef, useState } from 'react'
import { mostNamedPhotos, type PhotoTarget } from '../../contract/commands.ts'
import type { PhotoId, SortOrder } from '../../contract/domain.ts'
import { formatCount } from '../app/format.ts'
import type { Search, ShownSearch } from '../app/useSearch.ts'
import type { Connection } from '../connection/connection.ts'
import { useAnswer, useConnection } from '../connection/hooks.tsx'
import { useToasts } from '../dialogs/toasts.tsx'
import type { Range } from '../grid/layout.ts'
import {
  countOf,
  everything,
  namedIn,
  narrowed,
  nothing,
  type Selection,
  targetOf,
  toggled,
  withPhotos,
} from './selection.ts'
import { lengthOf, missingPart, rangeBetween, type Stretch, stretchOf } from './stretch.ts'

/** A photo and where it stands in the result; `id: null` while its page is on its way. */
export interface Place {
  index: number
  id: PhotoId | null
}

export interface PhotoSelection {
  selection: Selection
  /** How many photos are selected. */
  count: number
  /** Selects a photo, or no longer. */
  toggle(id: PhotoId): void
  /**
   * Selects all from the photo where extending began, at first `from`, to the one at `to`. `idAt`: the
   * photos that are at hand.
   */
  extend(from: Place, to: number, idAt: (index: number) => PhotoId | undefined): void
  /** The next extending begins anew. */
  endExtending(): void
  selectAll(): void
  clear(): void
  /** `null` when nothing is selected. */
  target(): PhotoTarget | null
}

/** One round of extending: it grows and shrinks, and what was selected before stays. */
interface Extending {
  anchor: Place
  before: Selection
  stretch: Stretch | null
  /** When its result was found: places in another one mean other photos. */
  foundAt: number
  /** Counts the moves, so that a late answer does not undo a later move. */
  moves: number
}

const noSearch: ShownSearch = { query: '', sort: 'newest', count: 0 }

/**
 * The photos that are selected of a search's result. It follows the photos, not their places: what
 * a search no longer finds is no longer selected, and another search keeps what it finds too.
 */
export function useSelection({ shown, changing }: Search): PhotoSelection {
  const { query, sort, count: found } = shown ?? noSearch
  const connection = useConnection()
  const toasts = useToasts()
  const [selection, setSelection] = useState(nothing)
  const extending = useRef<Extending | null>(null)
  /** Counts what was selected instead of all before, which a late answer must not undo. */
  const choices = useRef(0)
  const latestQuery = useRef(query)
  latestQuery.current = query
  const foundAt = useAnswer(
    'searchPhotos',
    { query, sort },
    { enabled: shown !== null },
  ).dataUpdatedAt

  if (selection.kind === 'all' && (selection.query !== query || found === 0)) setSelection(nothing)
  useNarrowing(selection, setSelection, changing ? null : query, foundAt, drop)

  /** What was asked for last is selected all the same as soon as it is known. */
  function endExtending(): void {
    extending.current = null
  }

  function become(next: Selection): void {
    drop()
    setSelection(next)
  }

  function drop(): void {
    choices.current++
    endExtending()
  }

  /** Into what was selected since, where extending has ended meanwhile. */
  function finish(ended: Extending, { ids }: Stretch): void {
    if (extending.current === ended) setSelection(withPhotos(ended.before, ids))
    else {
      setSelection((before) => withPhotos(before, ids))
      const next = extending.current
      if (next) next.before = withPhotos(next.before, ids)
    }
  }

  function extend(from: Place, to: number, idAt: (index: number) => PhotoId | undefined): void {
    if (selection.kind === 'all' && selection.except.size === 0) return
    extending.current ??= { anchor: from, before: selection, stretch: null, foundAt, moves: 0 }
    const now = extending.current
    const [move, choice] = [++now.moves, choices.current]
    const isLate = () =>
      choices.current !== choice || now.moves !== move || latestQuery.current !== query

    async function toRange(): Promise<void> {
      if (now.foundAt !== foundAt && now.anchor.id !== null) {
        const id = now.anchor.id
        const index = await connection.call('photoPosition', { query, sort, id })
        if (isLate()) return
        Object.assign(now, { anchor: { id, index: index ?? from.index }, stretch: null, foundAt })
      }
      const range = rangeBetween(now.anchor.index, to)
      if (lengthOf(range) + namedIn(now.before).size > mostNamedPhotos) {
        if (lengthOf(range) >= found) become(everything(query))
        else toasts.showNote(tooMany)
        return
      }
      const missing = missingPart(now.stretch, range)
      const added =
        missing && (atHand(missing, idAt) ?? (await load(connection, query, sort, missing)))
      if (isLate()) return
      now.stretch = stretchOf(now.stretch, range, added)
      finish(now, now.stretch)
    }
    toRange().catch(toasts.showError)
  }

  return {
    selection,
    count: countOf(selection, found),
    toggle(id) {
      endExtending()
      setSelection((before) => toggled(before, id))
    },
    extend,
    endExtending,
    selectAll: () => become(everything(query)),
    clear: () => become(nothing),
    target: () => targetOf(selection, found),
  }
}

const tooMany = `No more than ${formatCount(mostNamedPhotos)} photos can be selected so: narrow the search, then select all of it with Ctrl+A.`

/** Known without asking; `null` when some are not. */
function atHand(range: Range, idAt: (index: number) => PhotoId | undefined): Stretch | null {
  const ids: PhotoId[] = []
  for (let index = range.first; index <= range.last; index++) {
    const id = idAt(index)
    if (id === undefined) return null
    ids.push(id)
  }
  return { first: range.first, ids }
}

async function load(
  connection: Connection,
  query: string,
  sort: SortOrder,
  range: Range,
): Promise<Stretch> {
  const [offset, limit] = [range.first, lengthOf(range)]
  return { first: offset, ids: await connection.call('photoIds', { query, sort, offset, limit }) }
}

/**
 * Whenever the search has found anew, not when the selection changes: drops what is no longer found.
 * `query`: `null` while another search is about to be shown, which may find what this one lost.
 */
function useNarrowing(
  selection: Selection,
  setSelection: (change: (before: Selection) => Selection) => void,
  query: string | null,
  foundAt: number,
  /** What was selected is no longer found in full. */
  onLost: () => void,
): void {
  const connection = useConnection()
  const latest = useRef(selection)
  latest.current = selection
  const lost = useRef(onLost)
  lost.current = onLost
  useEffect(() => {
    const asked = namedIn(latest.current)
    if (query === null || asked.size === 0) return
    const stop = new AbortController()
    connection
      .call('photosFound', { query, ids: [...asked] }, { signal: stop.signal })
      .then((found) => {
        if (found.length < asked.size) lost.current()
        setSelection((before) => narrowed(before, asked, found))
      })
      // The line broke: the search is asked again when it is back, and this with it.
      .catch(() => {})
    return () => stop.abort()
  }, [connection, query, foundAt])
}
