import type { EngineCommandName, Handlers } from '../../contract/commands.ts'
import type { Folder, JobsStatus, ModelStatus } from '../../contract/domain.ts'
import type { UserError } from '../../contract/errors.ts'
import type { Catalog } from '../../models/catalog/catalog.ts'
import { loadTaxonomy } from '../../models/taxonomy/taxonomy.ts'
import type { Machine } from './acceleration/machine.ts'
import { createBackups } from './backup/backups.ts'
import { usualTiming as dailyBackups } from './backup/schedule.ts'
import { createBackupThreads } from './backup/threads.ts'
import { listAlbums } from './db/albums.ts'
import { rebuildThumbnails } from './db/cache.ts'
import { readableFile } from './db/files.ts'
import { listFolders } from './db/folders.ts'
import { settleInheritances } from './db/inheritance.ts'
import { countMissing, listMissing } from './db/missing.ts'
import type { LibraryDatabase } from './db/open.ts'
import { photoRow, thumbnailOf } from './db/photos.ts'
import { resetPredictions } from './db/predictions.ts'
import { readSettings, writeSettings } from './db/settings.ts'
import { listQuarantined } from './db/work.ts'
import type { EventSource } from './events.ts'
import { exportSearch } from './export/exportSearch.ts'
import type { hostQueries, Picture } from './hostCommands.ts'
import { createIndexer } from './jobs/indexer.ts'
import { createRunner } from './jobs/runner.ts'
import { createVisionSupervisor, type StartVision } from './jobs/visionSupervisor.ts'
import { unattended } from './library/compare.ts'
import { createExplain, type Explain } from './library/failure.ts'
import { addFolder, browseDirectory, removeFolder } from './library/folders.ts'
import { browserMime, photoDetail } from './library/photoDetail.ts'
import { purgeMissing } from './library/purge.ts'
import { libraryStatus } from './library/status.ts'
import { usualTiming } from './models/download.ts'
import { createModels } from './models/models.ts'
import { createNews } from './news.ts'
import { createRest } from './rest.ts'
import { sayOnce } from './sayOnce.ts'
import { createSearch } from './search/search.ts'
import { idsOf } from './search/target.ts'
import { createChanges, undoState } from './tags/changes.ts'
import {
  currentModelId,
  type ModelChoice,
  type ModelDirectories,
  modelFilesInUse,
} from './tags/currentModel.ts'
import { heatMapOf } from './tags/heatMap.ts'
import { ownModels } from './tags/modelDirectories.ts'
import { createModelInUse } from './tags/modelInUse.ts'
import type { WatchTiming } from './watching/watchedRoot.ts'
import { createWatching } from './watching/watching.ts'
import type { WatchRoot } from './watching/watchRoot.ts'

export interface EngineParts {
  library: LibraryDatabase
  startVision: StartVision
  /** Starts a vision process to try an execution provider in. */
  startProbe: StartVision
  machine: Machine
  modelDirectories: ModelDirectories
  /** Models that can be got. */
  catalog: Catalog
  /** Path of `main/engine/backup/thread`. */
  backupThread: string
  clock: Clock
  /** How changes of files are noticed; `null`: by scans alone. */
  watch: { watchRoot: WatchRoot; timing: WatchTiming } | null
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
  [Name in keyof typeof hostQueries]: (input: never) => unknown
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
  /** Makes a backup a day from now on, in the background. */
  backUpDaily(): void
  jobs(): JobsStatus
  /** Resolves when all that can be done is done. */
  idle(): Promise<void>
  /** What a failure of storage means for the library; `null` for another error. */
  explain: Explain
  /** Stops the work, with a sentence, until somebody resumes it. */
  stopWork(problem: UserError): void
  /**
   * Resolves when another engine must take the place of this one, which is closed: the library was
   * replaced, or may be written again.
   */
  left: Promise<void>
  /** Whether it can be asked anything: it was not closed, and has not left. */
  isOpen(): boolean
  /** Stores what is finished, ends vision and closes the library. */
  close(): void
  /** Whether a thread still works on a backup that nobody waits for any more. */
  busy(): boolean
}

/** Longest side of a picture made for the viewer, in pixels: a 4K screen's width. */
const RENDERED_SIDE = 3840

/** The app without any face. */
export function createEngine(parts: EngineParts): Engine {
  const { library, clock, log } = parts
  const { db, directory } = library
  const explain = createExplain(library)
  const left = Promise.withResolvers<void>()
  const taxonomy = loadTaxonomy()
  const vision = createVisionSupervisor({
    start: parts.startVision,
    log,
    onRetreat: (retreat) => model.retreated(retreat),
  })
  const search = createSearch({ db, taxonomy, currentModelId: () => currentModelId(db) })
  const models = createModels({
    own: ownModels(directory),
    directories: parts.modelDirectories,
    catalog: parts.catalog,
    inUse: () => modelFilesInUse(db, parts.modelDirectories),
    timing: usualTiming,
    startProbe: parts.startProbe,
  })

  const rest = createRest()
  const news = createNews({ db, search, jobs: () => indexer.status() })
  const { photosChanged, photosChangedByHand } = news
  const runner = createRunner({
    db,
    vision,
    now: clock.now,
    log,
    explain,
    problem: library.readOnly,
    onChange() {
      photosChanged()
      if (!rest.isResting()) model.worked()
    },
    onEmpty() {
      if (indexer.allScanned() && !watching?.isBehind()) settleInheritances(db)
    },
  })
  const model = createModelInUse({
    ...{ db, vision, runner, log, now: clock.date },
    ...{ startProbe: parts.startProbe, machine: parts.machine },
    modelDirectories: parts.modelDirectories,
    explain,
    onChange() {
      news.stale(['acceleration', 'suggest', 'listTags'])
      photosChangedByHand()
    },
  })
  const say = sayOnce(log)
  const watching =
    parts.watch &&
    createWatching({
      ...{ ...parts.watch, db, rest, say, date: clock.date },
      scan: (folder, places) => indexer.notice(folder, places),
      isScanning: (folder) => indexer.isScanning(folder),
      stopScanning: (folder) => indexer.stopScanning(folder),
      onSettling: news.jobsChanged,
    })
  const indexer = createIndexer({
    ...{ db, runner, rest, log, say, explain },
    attend: async (folder, whole) => (await watching?.attend(folder, whole)) ?? unattended,
    isSettling: () => watching?.isSettling() ?? false,
    provider: () => model.acceleration().provider,
    onFiles: photosChanged,
    onStatus: news.jobsChanged,
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

  const threads = createBackupThreads(parts.backupThread)
  const backups = createBackups({
    ...{ db, directory, threads, log, now: clock.date, timing: dailyBackups },
    onChange: () => news.tell(['listBackups']),
    leave,
  })
  const { thumbnails, features } = library.requeued
  if (thumbnails + features > 0) {
    log(
      `cache.sqlite does not have the thumbnails of ${thumbnails} photos and the features of ${features}: they are looked at again.`,
    )
  }

  function shutDown(): void {
    news.close()
    backups.close()
    model.close()
    watching?.close()
    indexer.close()
    vision.close()
  }
  /** Closes all but the lock, which nobody else may get before `work` is done. */
  function leave<Result>(work: () => Result): Result {
    try {
      shutDown()
      library.closeFiles()
      return work()
    } finally {
      library.close()
      left.resolve()
    }
  }
  function resume(): void {
    // It is opened anew, as it may be written by now.
    if (library.mustReopen()) leave(() => {})
    else {
      indexer.resume()
      model.resume()
    }
  }

  const changes = createChanges({
    ...{ db, taxonomy, search, now: clock.date },
    currentModelId: () => currentModelId(db),
    onChange: news.decided,
  })

  const handlers: Handlers<EngineCommandName> = {
    libraryStatus: () => libraryStatus(db, directory, model.status(), currentModelId(db)),
    listFolders: () => listFolders(db),
    searchPhotos: ({ query, sort }) => search.search(query, sort),
    photoPage: ({ query, sort, offset, limit }) => search.page(query, sort, offset, limit),
    photoPosition: ({ query, sort, id }) => search.position(query, sort, id),
    photoIds: ({ query, sort, offset, limit }) => search.idsAt(query, sort, offset, limit),
    photosFound: ({ query, ids }) => search.found(query, ids),
    photoDetail: ({ id }) => photoDetail(db, taxonomy, currentModelId(db), id),
    heatMap: ({ id, tag }) =>
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
    listTags: () => search.tags(),
    tagsOfPhotos: ({ target }) => search.tagsOf(idsOf(search, target, 'oldest')),
    listAlbums: () => listAlbums(db),
    undoState: () => undoState(db),
    ...changes,
    resetPredictions() {
      resetPredictions(db)
      photosChangedByHand()
      runner.wake()
      return null
    },
    quarantined: ({ offset, limit }) => listQuarantined(db, offset, limit),
    missingPhotos: ({ offset, limit }) => ({
      count: countMissing(db),
      photos: listMissing(db, offset, limit),
    }),
    browseDirectory: ({ path }) => browseDirectory(path),

    addFolder: ({ path }) => indexFolder(path),
    removeFolder({ id }) {
      indexer.stopScanning(id)
      watching?.forget(id)
      const around = removeFolder(db, id)
      if (around !== null) scanInBackground(around)
      photosChangedByHand()
      return null
    },
    rescan() {
      scanInBackground()
      return null
    },
    pauseJobs() {
      indexer.pause()
      model.rest()
      return null
    },
    resumeJobs() {
      resume()
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
    purgeMissing({ ids }) {
      const purged = purgeMissing(db, ids)
      photosChangedByHand()
      return { purged }
    },
    useModel: (choice) => model.use(choice),
    measureAcceleration: () => model.measure(),
    async changeSettings(changes) {
      const before = readSettings(db)
      const settings = writeSettings(db, changes)
      if (settings.allowInt8 !== before.allowInt8) model.int8Allowed()
      if (settings.background !== before.background) {
        indexer.powerChanged()
        if (settings.background) model.rest()
        await model.backgroundWanted()
      }
      return settings
    },
    ...models,
    ...backups.handlers,
    rebuildThumbnails() {
      rebuildThumbnails(db)
      photosChangedByHand()
      runner.wake()
      return null
    },
    exportPhotos: (request, context) =>
      exportSearch(
        { db, search, taxonomy, modelId: currentModelId(db), clock: clock.date },
        request,
        context,
      ),
  }

  const hostHandlers = {
    thumbnail: ({ id }: { id: never }) => thumbnailOf(db, id),
    power({ onBattery }: { onBattery: boolean }) {
      indexer.powerChanged(onBattery)
      return null
    },
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
    events: news.events,
    useModel: (choice) => model.start(choice),
    indexFolder,
    scan: () => scanInBackground(),
    resume,
    backUpDaily: backups.keepDaily,
    jobs: () => indexer.status(),
    idle: () => indexer.idle(),
    explain,
    stopWork: (problem) => runner.stop(problem.message),
    left: left.promise,
    isOpen: () => db.open,
    close() {
      shutDown()
      library.close()
    },
    busy: threads.busy,
  }
}
