import type { Database } from 'better-sqlite3'
import { decisionQueries, photoQueries, type QueryName } from '../../contract/commands.ts'
import type { JobsStatus, TagId } from '../../contract/domain.ts'
import { countPhotos } from './db/photos.ts'
import { createEventHub, createStaleSet, type EventSource, throttled } from './events.ts'
import type { Search } from './search/search.ts'

const JOBS_EVERY_MS = 250
/**
 * How long the window waits for news of photos, in milliseconds. After each it asks its search again,
 * which takes a second or two for a million photos: a tenth of the time at most goes there.
 */
const newsEveryMs = (photos: number) => Math.max(1000, photos / 100)

export interface NewsOptions {
  db: Database
  search: Search
  jobs: () => JobsStatus
}

/** What the window and the search are told of changes, and when. */
export interface News {
  events: EventSource
  /** These may answer otherwise; told with the next news. */
  stale(queries: readonly QueryName[]): void
  /** The same, told soon. */
  tell(queries: readonly QueryName[]): void
  /** Photos came, went or were looked at. */
  photosChanged(): void
  /** As a person did it: it shows in the next answer, not only when the window is told. */
  photosChangedByHand(): void
  /** Persons said something. `tags`: those that other photos than before may have now. */
  decided(tags: readonly TagId[] | 'all'): void
  jobsChanged(): void
  close(): void
}

export function createNews({ db, search, jobs }: NewsOptions): News {
  const events = createEventHub()
  const stale = createStaleSet()
  /** Photos changed since the search last looked. */
  let searchIsOld = false

  function renewSearch(): void {
    search.invalidate()
    searchIsOld = false
  }
  const tellStale = throttled(
    () => {
      if (searchIsOld) renewSearch()
      events.emit('stale', { queries: stale.take() })
    },
    () => newsEveryMs(countPhotos(db)),
  )
  const tellJobs = throttled(
    () => {
      // What ended with the engine may still tell of itself.
      if (db.open) events.emit('jobs', jobs())
    },
    () => JOBS_EVERY_MS,
  )
  function photosChanged(): void {
    if (!db.open) return
    searchIsOld = true
    stale.add([...photoQueries, 'photoDetail', 'listFolders', 'quarantined', 'missingPhotos'])
    tellStale()
    tellJobs()
  }

  return {
    events,
    stale: (queries) => stale.add(queries),
    tell(queries) {
      stale.add(queries)
      tellStale()
    },
    photosChanged,
    photosChangedByHand() {
      photosChanged()
      renewSearch()
    },
    decided(tags) {
      search.decided(tags)
      stale.add(decisionQueries)
      tellStale()
    },
    jobsChanged: () => tellJobs(),
    close() {
      tellStale.cancel()
      tellJobs.cancel()
    },
  }
}
