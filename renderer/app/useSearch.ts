import { useCallback, useEffect, useState } from 'react'
import type { SortOrder } from '../../contract/domain.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { pageInput } from '../grid/pages.ts'
import { type Named, renamedIn } from './queryText.ts'
import { useStored } from './storage.ts'

/** Milliseconds without typing after which the text is searched. */
const typingPause = 350

/** A search whose photos can be shown. */
export interface ShownSearch {
  query: string
  sort: SortOrder
  count: number
}

export interface Search {
  text: string
  /** As typed: searched after a pause. */
  type: (text: string) => void
  /** Searched at once. */
  submit: (text: string) => void
  /**
   * Goes on with the name that a tag or an album has now, or without it (`null`): nothing would be
   * found by its former name.
   */
  follow: (named: Named, before: string, now: string | null) => void
  sort: SortOrder
  setSort: (sort: SortOrder) => void
  /** What is wrong with the text; what is shown stays meanwhile. */
  mistake: { message: string; column: number; query: string } | null
  searching: boolean
  /** Another search is about to be shown. */
  changing: boolean
  /** The last search that was understood; `null` before the first answer. */
  shown: ShownSearch | null
}

/**
 * The text in the search box and the search that is shown. They differ while a person types, while
 * the answer is on its way, and while the text cannot be understood: the grid is never emptied by it.
 */
export function useSearch(): Search {
  const [text, setText] = useState('')
  const [query, setQuery] = useState('')
  const [sort, setSort] = useStored<SortOrder>('sort', (stored) =>
    stored === 'oldest' || stored === 'name' ? stored : 'newest',
  )
  const [shown, setShown] = useState<ShownSearch | null>(null)

  const follow = useCallback((named: Named, before: string, now: string | null) => {
    setText((text) => renamedIn(text, named, before, now))
    setQuery((query) => renamedIn(query, named, before, now))
  }, [])

  // A space at the end, where the next word will follow, makes no other search.
  const wanted = text.trimEnd()

  useEffect(() => {
    if (wanted === query) return
    const timer = setTimeout(() => setQuery(wanted), typingPause)
    return () => clearTimeout(timer)
  }, [wanted, query])

  const answer = useAnswer('searchPhotos', { query, sort })
  const outcome = answer.data
  const count = outcome?.ok ? outcome.count : null
  // The first page is at hand before the grid changes to a new search, so that nothing flickers.
  const firstPage = useAnswer('photoPage', pageInput(query, sort, 0), {
    enabled: count !== null && count > 0,
  })
  const ready = count === 0 || firstPage.data !== undefined || firstPage.isError
  const next = count === null || !ready ? shown : { query, sort, count }
  if (
    next !== null &&
    (shown?.query !== next.query || shown.sort !== next.sort || shown.count !== next.count)
  ) {
    setShown(next)
  }

  return {
    text,
    type: setText,
    submit(next) {
      setText(next)
      setQuery(next.trimEnd())
    },
    follow,
    sort,
    setSort,
    mistake: outcome && !outcome.ok && wanted === query ? { ...outcome, query } : null,
    searching: answer.isLoading || (count !== null && !ready),
    changing: outcome?.ok !== false && (next?.query !== query || next.sort !== sort),
    shown: next,
  }
}
