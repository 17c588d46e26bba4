import type { Database } from 'better-sqlite3'
import { DisconnectedError, messageOf, UserError } from '../../../contract/errors.ts'
import type { LookOutcome } from '../../rpc/visionCommands.ts'
import { type FileId, markChanged, setFileState } from '../db/files.ts'
import { setFolderState } from '../db/folders.ts'
import { hasThumbnail, identityOf, isShownAs, photoWithBytes } from '../db/photos.ts'
import { countWork, isClassified, leaveForScan, type WorkItem } from '../db/work.ts'
import { statFile } from '../library/listing.ts'
import { liesOnMountAway } from '../library/mounts.ts'
import { isThere } from '../library/roots.ts'
import { createIntake } from './intake.ts'
import { createSpeedMeter } from './speed.ts'
import { type Finding, type FinishedLook, type StoredModel, storeLooks } from './store.ts'
import type { VisionSupervisor } from './visionSupervisor.ts'

/** Photos asked of vision at once: enough that it decodes the next batches while one runs. */
export const looksFor = (batchSize: number) => Math.max(24, 3 * batchSize + 8)
/** A batch is written when it has this many looks or is this old, whichever comes first. */
const STORE_LOOKS = 32
const STORE_MS = 250
/** Longer than any single decode may take (60 s), so that only a process that hangs is ended. */
export const HANG_MS = 150_000

export interface RunnerOptions {
  db: Database
  vision: VisionSupervisor
  /** Milliseconds that only go forward. */
  now: () => number
  log: (line: string) => void
  /** What a failure of storage means; `null` for another error. */
  explain: (error: unknown) => UserError | null
  /** Why nothing can be done as long as this engine runs, in a sentence. */
  problem: string | null
  /** Work was stored, or the state changed. */
  onChange: () => void
  /** Nothing is left to be looked at. */
  onEmpty: () => void
}

export interface Progress {
  running: boolean
  done: number
  total: number
  perSecond: number
  problem: string | null
}

interface Suspect {
  item: WorkItem
  /** How often vision died while looking at it. */
  deaths: number
}

/** One death may be another photo's doing or somebody's kill; three, twice alone, are not. */
export const DEATHS_TO_QUARANTINE = 3

export interface Runner {
  /** Tells that there may be work. */
  wake(): void
  useModel(model: StoredModel): void
  /** How many photos are asked for at once. */
  setInFlight(looks: number): void
  /** Takes no more photos until `release`; resolves when none is under way. It begins like this. */
  hold(): Promise<void>
  release(): void
  setPaused(paused: boolean): void
  /** Takes no more photos, for a reason in a sentence, until it is paused and goes on. */
  stop(problem: string): void
  /** Nobody paused it, and it goes on when this is over. */
  setWaiting(waiting: boolean): void
  /** Forgets what was taken from the queue but not begun. */
  dropFetched(): void
  progress(): Progress
  /** Resolves when nothing is left to do, or nothing can be done: paused, or a problem. */
  idle(): Promise<void>
  /** Stores what is finished and stops. */
  close(): void
}

/** Takes photos from the queue, has vision look at them, and stores what it saw in batches. */
export function createRunner(options: RunnerOptions): Runner {
  const { db, vision, now, log, onChange } = options
  let model: StoredModel | null = null
  let paused = false
  let waiting = false
  /** Until it is known whether there is a model: no photo is decoded twice for want of it. */
  let held = true
  let closed = false
  let problem = options.problem
  let looksInFlight = looksFor(1)
  let done = 0
  let total = 0
  let finished: FinishedLook[] = []
  let storeTimer: NodeJS.Timeout | null = null
  let hangTimer: NodeJS.Timeout | null = null
  let idleWaiters: (() => void)[] = []
  const outstanding = new Set<FileId>()
  /** Aborted when nobody wants the looks under way any more: they go back into the queue. */
  let wanted = new AbortController()
  /** Were being looked at when vision died: each is tried alone, so that only the culprit pays. */
  const suspects: Suspect[] = []
  const speed = createSpeedMeter(now)
  const intake = createIntake({
    db,
    classifies: () => model !== null,
    isUnderWay: (file) => outstanding.has(file),
  })

  const stopped = () => paused || waiting || held || closed || problem !== null

  function pump(): void {
    if (stopped()) {
      settle()
      return
    }
    while (suspects.length > 0) {
      if (outstanding.size > 0) return
      const suspect = suspects.shift()
      if (suspect) void look(suspect.item, suspect.deaths)
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
      if (!stopped()) {
        done = total = 0
        stopWhereStorageFails(options.onEmpty)
      }
      const waiters = idleWaiters
      idleWaiters = []
      for (const resolve of waiters) resolve()
    } else if (!stopped()) pump()
  }

  function takeNext(): WorkItem | undefined {
    fetchMore()
    return intake.next()
  }

  /** Refills from the queue; `false` when nothing is left that is not under way. */
  function fetchMore(): boolean {
    if (intake.isEmpty()) {
      store()
      stopWhereStorageFails(intake.refill)
    }
    return !intake.isEmpty()
  }

  async function look(item: WorkItem, deathsBefore: number): Promise<void> {
    const asked = model
    const { signal } = wanted
    outstanding.add(item.id)
    watchForHang()
    try {
      const finding = (await sameBytes(item, signal)) ?? (await lookClosely(item, asked, signal))
      finish({ item, finding, model: asked })
    } catch (error) {
      const deaths = deathsBefore + 1
      if (signal.aborted) {
        // Paused or cancelled: it is in the queue as before.
      } else if (error instanceof DisconnectedError && deaths < DEATHS_TO_QUARANTINE) {
        suspects.push({ item, deaths })
      } else if (error instanceof UserError) problem = error.message
      else if (!stoppedBy(error)) finish({ item, finding: failedLook(error), model: asked })
    } finally {
      outstanding.delete(item.id)
      watchForHang()
    }
    pump()
  }

  /** Finds out whether a file was moved, copied or only touched, before anything is decoded. */
  async function sameBytes(
    { id, kind, twin, path, size }: WorkItem,
    signal: AbortSignal,
  ): Promise<Finding | null> {
    if (kind === 'classify' || (kind === 'new' && !twin)) return null
    const hashed = await vision.hash(path, signal)
    if (hashed.state !== 'hashed') return hashed
    const { contentHash } = hashed
    const known = photoWithBytes(db, size, contentHash)
    if (known === null || !hasThumbnail(db, known)) return null
    if (!isShownAs(db, known, id, contentHash)) return null
    // Read by an Albumen that did not know image data yet.
    if (kind === 'changed' && identityOf(db, known)?.imageHash === null) return null
    if (model !== null && !isClassified(db, known)) return null
    return { state: 'same-bytes', contentHash }
  }

  /** What changed may be its metadata alone: then nothing needs to be classified. */
  const lookClosely = (
    { kind, path, unclassified }: WorkItem,
    asked: StoredModel | null,
    signal: AbortSignal,
  ): Promise<Finding> =>
    vision.look(path, asked !== null && (kind !== 'changed' || unclassified), signal)

  function dropLooks(): void {
    wanted.abort(new UserError('cancelled', 'Cancelled.'))
    wanted = new AbortController()
  }

  function finish(look: FinishedLook): void {
    const { item, finding } = look
    const unseen = finding.state === 'missing' || finding.state === 'unreadable'
    const root = { id: item.folderId, path: item.root }
    const doubtful = unseen || isOther(item, finding)
    if (doubtful && !isThere(db, root)) {
      // The whole drive is gone: its photos wait for its return.
      intake.forgetFolder(item.folderId)
      if (!setFolderState(db, item.folderId, 'offline')) return
      log(`${item.root} cannot be reached any more; its photos wait until it is back.`)
      onChange()
      return
    }
    if (doubtful && liesOnMountAway(db, root, item.path)) {
      // Out of the queue, and of sight, until the scan that finds it on its drive again.
      setFileState(db, item.id, 'ignored')
      onChange()
      return
    }
    if (isOther(item, finding)) {
      stopWhereStorageFails(() => lookAnew(item, finding))
      onChange()
      return
    }
    finished.push(look)
    done++
    speed.count(1)
    if (finished.length >= STORE_LOOKS) store()
    else storeTimer ??= setTimeout(store, STORE_MS)
  }

  /** Another file lies there than a scan has found: it is its turn when it is as it was read. */
  function lookAnew(item: WorkItem, finding: Finding): void {
    const found = statFile(item.path)
    if (typeof found === 'object' && !isOther({ ...item, ...found }, finding)) {
      markChanged(db, item.id, found)
    } else leaveForScan(db, item)
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
      if (stoppedBy(error)) return
      stop(`What was seen cannot be stored (${messageOf(error)}): press Resume to try again.`)
    }
  }

  function stopWhereStorageFails(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!stoppedBy(error)) throw error
    }
  }

  /** `false`: storage has nothing to do with the error. */
  function stoppedBy(error: unknown): boolean {
    const told = options.explain(error)
    if (told) stop(told.message)
    return told !== null
  }

  function stop(reason: string): void {
    if (problem !== reason) log(reason)
    problem = reason
    onChange()
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
    stopWhereStorageFails(() => {
      total = done + countWork(db, model !== null)
    })
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
      intake.restart()
    },
    setInFlight(looks) {
      looksInFlight = looks
    },
    setWaiting(next) {
      waiting = next
      if (waiting) dropLooks()
      pump()
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
      if (!paused) problem = options.problem
      speed.reset()
      if (paused) {
        intake.forget()
        dropLooks()
      }
      pump()
    },
    stop,
    dropFetched() {
      intake.forget()
      suspects.length = 0
      dropLooks()
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

/** Whether another file was read than a scan has found there. */
const isOther = ({ size, modifiedMs }: WorkItem, finding: Finding): boolean =>
  finding.state === 'seen' && (finding.read.size !== size || finding.read.modifiedMs !== modifiedMs)

/** What is told of a file when looking at it ended in an error that is no `UserError`. */
export function failedLook(error: unknown): LookOutcome {
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
