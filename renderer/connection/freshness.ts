import { QueryCache, QueryClient } from '@tanstack/react-query'
import type { QueryName } from '../../contract/commands.ts'
import { DisconnectedError } from '../../contract/errors.ts'
import type { Connection } from './connection.ts'

/** Milliseconds between two rounds of asking again, so that indexing does not flood the engine. */
const restBetweenRounds = 250

/** Errors of these are shown where they were asked. */
const shownInPlace: readonly unknown[] = ['browseDirectory'] satisfies QueryName[]

/** Answers stay good until the engine says that they are stale. */
export function createQueryClient(onError: (error: Error) => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (!shownInPlace.includes(query.queryKey[0])) onError(error)
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        networkMode: 'always',
        retry: (_count, error) => error instanceof DisconnectedError,
        retryDelay: 100,
      },
      mutations: { networkMode: 'always' },
    },
  })
}

/**
 * Collects what became stale and asks it again in rounds: the next round begins when the last is
 * answered, so a slow answer is neither cancelled over and over nor left old.
 */
export function createRefresher(refresh: (names: QueryName[]) => Promise<void>, rest: number) {
  const stale = new Set<QueryName>()
  let busy = false

  async function run(): Promise<void> {
    if (busy) return
    busy = true
    try {
      while (stale.size > 0) {
        const names = [...stale]
        stale.clear()
        await refresh(names)
        await new Promise((resolve) => setTimeout(resolve, rest))
      }
    } finally {
      busy = false
    }
  }

  return (names: readonly QueryName[]): void => {
    for (const name of names) stale.add(name)
    void run()
  }
}

/** Keeps the answers right by what the engine tells. Returns how to stop. */
export function followEngine(connection: Connection, queryClient: QueryClient): () => void {
  const markStale = createRefresher(async (names) => {
    await queryClient.invalidateQueries({
      predicate: (query) => names.includes(query.queryKey[0] as QueryName),
    })
  }, restBetweenRounds)
  let wasLost = false
  const stops = [
    connection.on('stale', ({ queries }) => markStale(queries)),
    connection.on('jobs', (jobs) => queryClient.setQueryData(['jobs', {}], jobs)),
    connection.onState(() => {
      const { state } = connection.state()
      if (state === 'reconnecting') wasLost = true
      if (state === 'open' && wasLost) {
        wasLost = false
        void queryClient.invalidateQueries()
      }
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
