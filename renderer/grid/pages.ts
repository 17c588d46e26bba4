import { useQueries } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { PhotoCard, SortOrder } from '../../contract/domain.ts'
import { answerOptions, useConnection } from '../connection/hooks.tsx'
import { pagesOf, type Range } from './layout.ts'

export const pageSize = 200

/** Milliseconds that a page must stay in view before it is asked for, except the first ones. */
const settling = 60

/** Pages out of view are forgotten after a while, so that memory does not grow with the scrolling. */
const pageLifetime = 60_000

export const pageInput = (query: string, sort: SortOrder, offset: number) => ({
  query,
  sort,
  offset,
  limit: pageSize,
})

/**
 * The photos of a search that are at hand, asking for those in `range`. Answers that nobody waits
 * for any more are cancelled; old answers stay until new ones are there.
 */
export function usePhotos(
  search: { query: string; sort: SortOrder },
  range: Range,
): (index: number) => PhotoCard | undefined {
  const connection = useConnection()
  const offsets = pagesOf(range, pageSize)
  const settled = useSettled(offsets.join(), settling)
  const pages = useQueries({
    queries: offsets.map((offset) => ({
      ...answerOptions(connection, 'photoPage', pageInput(search.query, search.sort, offset)),
      enabled: settled,
      gcTime: pageLifetime,
    })),
  })
  const byOffset = new Map(offsets.map((offset, position) => [offset, pages[position]?.data]))
  return (index) => byOffset.get(index - (index % pageSize))?.[index % pageSize]
}

/** Whether a value has stayed the same for some milliseconds; the first value counts as settled. */
function useSettled(value: string, milliseconds: number): boolean {
  const [settledValue, setSettledValue] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettledValue(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settledValue === value
}
