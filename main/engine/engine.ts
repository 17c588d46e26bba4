import type { EngineCommandName, Handlers } from '../../contract/commands.ts'
import { photoQueries } from '../../contract/commands.ts'
import type { Folder, JobsStatus, ModelStatus } from '../../contract/domain.ts'
import { loadTaxonomy } from '../../models/taxonomy/taxonomy.ts'
import type { Machine } from './acceleration/machine.ts'
import { readableFile } from './db/files.ts'
import { deleteFolder, listFolders } from './db/folders.ts'
import type { LibraryDatabase } from './db/open.ts'
import { countPhotos, photoRow, thumbnailOf } from './db/photos.ts'
import { readSettings, writeSettings } from './db/settings.ts'
import { listQuarantined } from './db/tasks.ts'
import { createEventHub, createStaleSet, type EventSource, throttled } from './events.ts'
import { exportSearch } from './export/exportSearch.ts'
import type { hostQueries, Picture } from './hostCommands.ts'
import { createIndexer } from './jobs/indexer.ts'
import { createRunner } from './jobs/runner.ts'
import { createVisionSupervisor, type StartVision } from './jobs/visionSupervisor.ts'
import { addFolder, browseDirectory } from './library/folders.ts'
import { browserMime, photoDetail } from './library/photoDetail.ts'
import { libraryStatus } from './library/status.ts'
import { createSearch } from './search/search.ts'
import { currentModelId, type ModelChoice, type ModelDirectories } from './tags/currentModel.ts'
import { heatMapOf } from './tags/heatMap.ts'
import { createModelInUse } from './tags/modelInUse.ts'

export interface EngineParts {
  library: LibraryDatabase
  startVision: StartVision
  /** Starts a vision process to try an execution provider in. */
  startProbe: StartVision
  machine: Machine
  modelDirectories: ModelDirectories
  clock: Clock
  log: (line: string) => void
}

export interface Clock {
  /** Milliseconds since 1970. */
  date(): number
  /** Milliseconds that only go forward. */
  now(): number
}

export const systemClock: Clock = { date: () => Date.now(), now: () => performance.now() }

type HostHandlers = {
  [Name in keyof typeof hostQueries]: (input: { id: never }) => unknown
}

export interface Engine {
  handlers: Handlers<EngineCommandName>
  hostHandlers: HostHandlers
  events: EventSource
  /** Takes a model into use. No photo is looked at before this was called. */
  useModel(choice: ModelChoice): Promise<ModelStatus>
  /** Adds a root, or finds the one that covers it, and scans it in the background. */
  indexFolder(path: string): Folder
  /** Looks for new, changed and missing files in every folder, in the background. */
  scan(): void
  resume(): void
  jobs(): JobsStatus
  /** Resolves when all that can be done is done. */
  idle(): Promise<void>
  /** Stores what is finished, ends vision and closes the library. */
  close(): void
}

/** Longest side of a picture made for the viewer, in pixels: a 4K screen's width. */
const RENDERED_SIDE = 3840
const JOBS_EVERY_MS = 250
/**
 * How long the window waits for news of photos, in milliseconds. After each it asks its search again,
 * which takes a second or two for a million photos: a tenth of the time at most goes there.
 */
const newsEveryMs = (photos: number) => Math.max(1000, photos / 100)

/** The app without any face. */
export function createEngine(parts: EngineParts): Engine {
  const { library, clock, log } = parts
  const { db } = library
  const taxonomy = loadTaxonomy()
  const events = createEventHub()
  const stale = createStaleSet()
  const vision = createVisionSupervisor({
    start: parts.startVision,
    log,
    onRetreat: (retreat) => model.retreated(retreat),
  })
  const search = createSearch({ db, taxonomy, currentModelId: () => currentModelId(db) })

  const tellStale = throttled(
    () => {
      search.invalidate()
      events.emit('stale', { queries: stale.take() })
    },
    () => newsEveryMs(countPhotos(db)),
  )
  const tellJobs = throttled(
    () => {
      // What ended with the engine may still tell of itself.
      if (db.open) events.emit('jobs', indexer.status())
    },
    () => JOBS_EVERY_MS,
  )
  function photosChanged(): void {
    if (!db.open) return
    stale.add([...photoQueries, 'photoDetail', 'listFolders', 'quarantined'])
    tellStale()
    tellJobs()
  }
  /** What a person just did shows in the next answer, not only when the window is told. */
  function photosChangedByHand(): void {
    search.invalidate()
    photosChanged()
  }
  const runner = createRunner({
    db,
    vision,
    now: clock.now,
    log,
    onChange() {
      photosChanged()
      model.worked()
    },
  })
  const model = createModelInUse({
    ...{ db, vision, runner, log, now: clock.date },
    ...{ startProbe: parts.startProbe, machine: parts.machine },
    modelDirectories: parts.modelDirectories,
    onChange() {
      stale.add(['acceleration', 'suggest'])
      photosChangedByHand()
    },
  })
  const indexer = createIndexer({
    db,
    runner,
    log,
    provider: () => model.acceleration().provider,
    onFiles: photosChanged,
    onStatus: tellJobs,
  })
  const scanInBackground = (...folder: Parameters<typeof indexer.scan>) => {
    indexer.scan(...folder).catch((error: unknown) => log(`Scanning failed: ${String(error)}`))
  }

  function indexFolder(path: string): Folder {
    const { id } = addFolder(db, path, clock.date())
    scanInBackground(id)
    const folder = listFolders(db).find((row) => row.id === id)
    if (!folder) throw new Error(`the folder ${path} was not stored`)
    return folder
  }

  const handlers: Handlers<EngineCommandName> = {
    libraryStatus: () => libraryStatus(db, library.directory, model.status(), currentModelId(db)),
    listFolders: () => listFolders(db),
    searchPhotos: ({ query, sort }) => search.search(query, sort),
    photoPage: ({ query, sort, offset, limit }) => search.page(query, sort, offset, limit),
    photoPosition: ({ query, sort, id }) => search.position(query, sort, id),
    photoDetail: ({ id }) => photoDetail(db, taxonomy, currentModelId(db), id),
    heatMap: ({ id, ...tag }) =>
      heatMapOf(
        { db, vision, modelId: model.status().state === 'ready' ? currentModelId(db) : null },
        id,
        tag,
      ),
    facets: ({ query }) => search.facets(query),
    suggest: ({ text, limit }) => search.suggest(text, limit),
    jobs: () => indexer.status(),
    settings: () => readSettings(db),
    acceleration: () => model.acceleration(),
    quarantined: ({ offset, limit }) => listQuarantined(db, offset, limit),
    browseDirectory: ({ path }) => browseDirectory(path),

    addFolder: ({ path }) => indexFolder(path),
    removeFolder({ id }) {
      indexer.stopScanning(id)
      deleteFolder(db, id)
      photosChangedByHand()
      return null
    },
    rescan() {
      scanInBackground()
      return null
    },
    pauseJobs() {
      indexer.pause()
      return null
    },
    resumeJobs() {
      indexer.resume()
      return null
    },
    cancelJobs() {
      indexer.cancel()
      photosChanged()
      return null
    },
    retryQuarantined({ ids }) {
      indexer.retry(ids)
      photosChangedByHand()
      return null
    },
    useModel: (choice) => model.use(choice),
    measureAcceleration: () => model.measure(),
    changeSettings(changes) {
      const before = readSettings(db)
      const settings = writeSettings(db, changes)
      if (settings.allowInt8 !== before.allowInt8) model.int8Allowed()
      return settings
    },
    exportPhotos: ({ query, to, as }, context) =>
      exportSearch(
        { db, search, taxonomy, modelId: currentModelId(db), clock: clock.date },
        { query, to, as },
        context,
      ),
  }

  const hostHandlers = {
    thumbnail: ({ id }: { id: never }) => thumbnailOf(db, id),
    photoPath: ({ id }: { id: never }) => readableFile(db, id)?.path ?? null,
    async picture({ id }: { id: never }): Promise<Picture | null> {
      const file = readableFile(db, id)
      if (!file) return null
      const mime = browserMime(photoRow(db, id)?.format ?? null, file.path)
      if (mime) return { kind: 'file', path: file.path, mime }
      const bytes = await vision.render(file.path, RENDERED_SIDE)
      return bytes && { kind: 'bytes', bytes, mime: 'image/jpeg' }
    },
  }

  return {
    handlers,
    hostHandlers,
    events,
    useModel: (choice) => model.start(choice),
    indexFolder,
    scan: () => scanInBackground(),
    resume: () => indexer.resume(),
    jobs: () => indexer.status(),
    idle: () => indexer.idle(),
    close() {
      tellStale.cancel()
      tellJobs.cancel()
      model.close()
      indexer.close()
      vision.close()
      library.close()
    },
  }
}
