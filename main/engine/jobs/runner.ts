import { existsSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import type { PhotoId } from '../../../contract/domain.ts'
import { DisconnectedError, messageOf, UserError } from '../../../contract/errors.ts'
import type { LookOutcome } from '../../rpc/visionCommands.ts'
import { readableFile } from '../db/files.ts'
import { setFolderState } from '../db/folders.ts'
import { countPending, type PendingPhoto, pendingPhotos } from '../db/tasks.ts'
import { createSpeedMeter } from './speed.ts'
import { type FinishedLook, type StoredModel, storeLooks } from './store.ts'
import type { VisionSupervisor } from './visionSupervisor.ts'

/** Photos asked of vision at once: enough that it decodes the next batch while one runs. */
const looksFor = (batchSize: number) => Math.max(24, 2 * batchSize + 8)
const FETCH = 256
/** A batch is written when it has this many looks or is this old, whichever comes first. */
const STORE_LOOKS = 32
const STORE_MS = 250
/** Longer than any single decode may take (60 s), so that only a process that hangs is ended. */
const HANG_MS = 150_000

export interface RunnerOptions {
  db: Database
  vision: VisionSupervisor
  /** Milliseconds that only go forward. */
  now: () => number
  log: (line: string) => void
  /** Work was stored, or the state changed. */
  onChange: () => void
}

export interface Progress {
  running: boolean
  done: number
  total: number
  perSecond: number
  problem: string | null
}

interface Suspect {
  photo: PendingPhoto
  /** How often vision died while looking at it. */
  deaths: number
}

/** One death may be another photo's doing or somebody's kill; three, twice alone, are not. */
const DEATHS_TO_QUARANTINE = 3

export interface Runner {
  /** Tells that there may be work. */
  wake(): void
  useModel(model: StoredModel): void
  /** How many photos run together: so many more are asked for at once. */
  setBatchSize(batchSize: number): void
  /** Takes no more photos until `release`; resolves when none is under way. It begins like this. */
  hold(): Promise<void>
  release(): void
  setPaused(paused: boolean): void
  /** Forgets what was taken from the queue but not begun. */
  dropFetched(): void
  progress(): Progress
  /** Resolves when nothing is left to do, or nothing can be done: paused, or a problem. */
  idle(): Promise<void>
  /** Stores what is finished and stops. */
  close(): void
}

/** Takes photos from the queue, has vision look at them, and stores what it saw in batches. */
export function createRunner({ db, vision, now, log, onChange }: RunnerOptions): Runner {
  let model: StoredModel | null = null
  let paused = false
  /** Until it is known whether there is a model: no photo is decoded twice for want of it. */
  let held = true
  let closed = false
  let problem: string | null = null
  let looksInFlight = looksFor(1)
  let done = 0
  let total = 0
  let cursor = 0
  let fetched: PendingPhoto[] = []
  let finished: FinishedLook[] = []
  let storeTimer: NodeJS.Timeout | null = null
  let hangTimer: NodeJS.Timeout | null = null
  let idleWaiters: (() => void)[] = []
  const outstanding = new Set<PhotoId>()
  /** Were being looked at when vision died: each is tried alone, so that only the culprit pays. */
  const suspects: Suspect[] = []
  const speed = createSpeedMeter(now)

  const stopped = () => paused || held || closed || problem !== null

  function pump(): void {
    if (stopped()) {
      settle()
      return
    }
    while (suspects.length > 0) {
      if (outstanding.size > 0) return
      const suspect = suspects.shift()
      if (suspect) void look(suspect.photo, suspect.deaths)
    }
    while (outstanding.size < looksInFlight) {
      const next = takeNext()
      if (!next) break
      void look(next, 0)
    }
    settle()
  }

  function settle(): void {
    if (outstanding.size > 0) return
    store()
    if (stopped() || (suspects.length === 0 && !fetchMore())) {
      if (!stopped()) done = total = 0
      const waiters = idleWaiters
      idleWaiters = []
      for (const resolve of waiters) resolve()
    } else if (!stopped()) pump()
  }

  function takeNext(): PendingPhoto | undefined {
    if (fetched.length === 0) fetchMore()
    return fetched.shift()
  }

  /** Refills from the queue; `false` when nothing is left that is not under way. */
  function fetchMore(): boolean {
    if (fetched.length > 0) return true
    store()
    const classifying = model !== null
    fetched = pendingPhotos(db, { after: cursor, limit: FETCH, classifying })
    if (fetched.length === 0 && cursor > 0) {
      fetched = pendingPhotos(db, { after: 0, limit: FETCH, classifying })
    }
    cursor = fetched.at(-1)?.photoId ?? 0
    fetched = fetched.filter(({ photoId }) => !outstanding.has(photoId))
    return fetched.length > 0
  }

  async function look(photo: PendingPhoto, deathsBefore: number): Promise<void> {
    const { photoId } = photo
    const file = readableFile(db, photoId)
    if (!file) return
    const asked = photo.classify ? model : null
    outstanding.add(photoId)
    watchForHang()
    try {
      const outcome = await vision.look(file.path, asked !== null)
      finish({ photoId, file, outcome, model: asked })
    } catch (error) {
      const deaths = deathsBefore + 1
      if (error instanceof DisconnectedError && deaths < DEATHS_TO_QUARANTINE) {
        suspects.push({ photo, deaths })
      } else if (error instanceof UserError) problem = error.message
      else finish({ photoId, file, outcome: failed(error), model: asked })
    } finally {
      outstanding.delete(photoId)
      watchForHang()
    }
    pump()
  }

  function finish(look: FinishedLook): void {
    if (look.outcome.state === 'missing' && !existsSync(look.file.root)) {
      // The whole drive is gone: its photos wait for its return.
      setFolderState(db, look.file.folderId, 'offline')
      log(`${look.file.root} cannot be reached any more; its photos wait until it is back.`)
      onChange()
      return
    }
    finished.push(look)
    done++
    speed.count(1)
    if (finished.length >= STORE_LOOKS) store()
    else storeTimer ??= setTimeout(store, STORE_MS)
  }

  function store(): void {
    if (storeTimer) clearTimeout(storeTimer)
    storeTimer = null
    if (finished.length === 0 || !db.open) return
    const looks = finished
    finished = []
    try {
      storeLooks(db, looks)
      onChange()
    } catch (error) {
      // Nothing of the batch was written, so all of it is still in the queue.
      problem = `The library cannot be written (${messageOf(error)}): make room on its disk, then press resume.`
      log(problem)
      onChange()
    }
  }

  function watchForHang(): void {
    if (hangTimer) clearTimeout(hangTimer)
    hangTimer = outstanding.size > 0 ? setTimeout(endHanging, HANG_MS) : null
    hangTimer?.unref()
  }

  function endHanging(): void {
    vision.kill()
    // What was ended may have been about to start: the next one may hang as well.
    watchForHang()
  }

  function wake(): void {
    if (closed) return
    store()
    total = done + countPending(db, model !== null)
    pump()
  }

  const idle = () =>
    new Promise<void>((resolve) => {
      idleWaiters.push(resolve)
      pump()
    })

  return {
    wake,
    useModel(next) {
      model = next
      fetched = []
      cursor = 0
    },
    setBatchSize(batchSize) {
      looksInFlight = looksFor(batchSize)
    },
    hold() {
      held = true
      return idle()
    },
    release() {
      held = false
      wake()
    },
    setPaused(next) {
      paused = next
      if (!paused) problem = null
      speed.reset()
      if (paused) fetched = []
      pump()
    },
    dropFetched() {
      fetched = []
      suspects.length = 0
    },
    progress: () => ({
      // What is held goes on in a moment, such as when the model is loaded.
      running: outstanding.size > 0 || (held && total > done),
      done: Math.min(done, total),
      total,
      perSecond: outstanding.size > 0 ? speed.perSecond() : 0,
      problem,
    }),
    idle,
    close() {
      closed = true
      store()
      watchForHang()
    },
  }
}

function failed(error: unknown): LookOutcome {
  if (error instanceof DisconnectedError) {
    const reason = 'Looking at this file ended the process that looks at photos, again and again.'
    return { state: 'unreadable', code: 'killed-vision', reason }
  }
  return {
    state: 'unreadable',
    code: 'failed',
    reason: `Looking at it failed: ${messageOf(error)}`,
  }
}
