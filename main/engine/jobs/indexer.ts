import type { Database } from 'better-sqlite3'
import type { FolderId, JobsStatus } from '../../../contract/domain.ts'
import { messageOf, type UserError } from '../../../contract/errors.ts'
import { type FolderRow, folderRows } from '../db/folders.ts'
import { readSetting, readSettings, writeSetting } from '../db/settings.ts'
import { cancelWork, countQuarantined, restoreCancelled, retryQuarantined } from '../db/work.ts'
import { throttled } from '../events.ts'
import type { Attention } from '../library/compare.ts'
import { type Place, scanFolder } from '../library/scan.ts'
import type { RestSwitch } from '../rest.ts'
import type { Runner } from './runner.ts'

export interface IndexerOptions {
  db: Database
  runner: Runner
  /** Set while it is paused, or waits for mains power: scans stop where they are. */
  rest: RestSwitch
  log: (line: string) => void
  /** What a failure of storage means; `null` for another error. */
  explain: (error: unknown) => UserError | null
  /** Tells persons something, in a sentence, once. */
  say: (sentence: string) => void
  /** For a scan of a root that is about to begin. `whole`: of all of it. */
  attend: (folder: FolderRow, whole: boolean) => Promise<Attention>
  /** Whether files are still being written, so that they were not looked at yet. */
  isSettling: () => boolean
  provider: () => string | null
  /** Folders or files came, went or changed. */
  onFiles: () => void
  onStatus: () => void
}

/** Scans folders and sees to it that what they hold gets looked at. */
export interface Indexer {
  /** Scans all folders, or one; resolves when the scan is over, not when all is looked at. */
  scan(folder?: FolderId): Promise<void>
  /** Scans places of a folder, or all of it for `null`, where something was noticed. */
  notice(folder: FolderId, places: Place[] | null): Promise<void>
  isScanning(folder: FolderId): boolean
  stopScanning(folder: FolderId): void
  pause(): void
  /** The machine is on battery or not, or the background mode was changed. */
  powerChanged(onBattery?: boolean): void
  resume(): void
  cancel(): void
  retry: (photos: Parameters<typeof retryQuarantined>[1]) => void
  status(): JobsStatus
  /** The queue is empty: tells whether no scan may fill it again in a moment. */
  allScanned(): boolean
  /** Resolves when every scan is over and the queue is empty, or nothing can go on, such as in a pause. */
  idle(): Promise<void>
  close(): void
}

/** What may be done after every change that is noticed. */
const QUICK_MS = 15

interface RunningScan {
  controller: AbortController
  /** Of all of the folder. */
  whole: boolean
  ended: Promise<void>
}

export function createIndexer(options: IndexerOptions): Indexer {
  const { db, runner, rest, log, onFiles, onStatus } = options
  const scans = new Map<FolderId, RunningScan>()
  /** Scans of whole folders that begin when the one under way ends. */
  const following = new Map<FolderId, Promise<void>>()
  const rounds = new Set<Promise<void>>()
  /** Ends the scans under way and those that wait for their turn. */
  let stopRounds = new AbortController()
  const closing = new AbortController()
  let scanProblem: string | null = null
  let paused = readSetting(db, 'paused') === '1'
  let onBattery = false
  /** In the background mode nothing is done on battery. */
  let waiting = false
  runner.setPaused(paused)
  rest.set(paused)
  // Counting a long queue takes its time: not after every directory, and a twentieth of it at most.
  let wakingMs = 0
  function wake(): void {
    wakeSoon.cancel()
    const start = performance.now()
    runner.wake()
    wakingMs = performance.now() - start
  }
  const wakeSoon = throttled(wake, () => Math.max(1000, 20 * wakingMs))

  function setPaused(next: boolean): void {
    paused = next
    rest.set(paused || waiting)
    runner.setPaused(paused)
    // What a scan has found until now counts, too.
    runner.wake()
    onStatus()
    // Where it cannot be remembered, it is done all the same.
    writeSetting(db, 'paused', paused ? '1' : null)
  }

  function stoppedBy(error: unknown, what: string): void {
    scanProblem =
      options.explain(error)?.message ?? `${what} (${messageOf(error)}): press Resume to try again.`
    log(scanProblem)
  }

  /** Begins at once; one scan of a folder at a time. `places`: `null` for all of it. */
  function startScan(id: FolderId, places: Place[] | null, stop: AbortSignal): RunningScan {
    const controller = new AbortController()
    const signal = AbortSignal.any([controller.signal, stop])
    const scan = { controller, whole: places === null, ended: Promise.resolve() }
    scans.set(id, scan)
    scan.ended = run(id, places, signal).finally(() => {
      scans.delete(id)
      if (!scan.whole) return
      wake()
      onStatus()
    })
    if (scan.whole) onStatus()
    return scan
  }

  async function run(id: FolderId, places: Place[] | null, signal: AbortSignal): Promise<void> {
    const folders = folderRows(db)
    const folder = folders.find((row) => row.id === id)
    if (!folder) return
    try {
      const attention = await options.attend(folder, places === null)
      const otherRoots = new Set(folders.map(({ path }) => path))
      const onProgress = () => {
        onFiles()
        wakeSoon()
      }
      const { say } = options
      const scanning = { db, attention, otherRoots, signal, rest, say, onProgress }
      await scanFolder(folder, scanning, places)
    } catch (error) {
      if (!signal.aborted) stoppedBy(error, `${folder.path} was not scanned to its end`)
    }
  }

  /** `only`: one folder instead of all. */
  async function scanInTurn(only: FolderId | undefined): Promise<void> {
    const { signal } = stopRounds
    restoreCancelled(db)
    for (const { id } of folderRows(db)) {
      if (signal.aborted) return
      if (only === undefined || id === only) await scanNext(id, null, signal)
    }
  }

  /** A scan that is under way may have passed what changed meanwhile: another one follows it. */
  function scanNext(id: FolderId, places: Place[] | null, stop: AbortSignal): Promise<void> {
    const whole = places === null
    const shared = whole ? following.get(id) : undefined
    if (shared) return shared
    const underWay = scans.has(id)
    const next = scanAfterOthers(id, places, stop)
    if (whole && underWay) following.set(id, next)
    return next
  }

  async function scanAfterOthers(
    id: FolderId,
    places: Place[] | null,
    stop: AbortSignal,
  ): Promise<void> {
    for (let other = scans.get(id); other; other = scans.get(id)) await other.ended
    if (places === null) following.delete(id)
    if (!stop.aborted) await startScan(id, places, stop).ended
  }

  async function inRound(work: Promise<void>): Promise<void> {
    const round = work.catch((error: unknown) => {
      stoppedBy(error, 'Folders were not scanned')
      onStatus()
    })
    rounds.add(round)
    await round
    rounds.delete(round)
    if (closing.signal.aborted) return
    // An empty queue means something else when nothing is being scanned any more.
    if (wakingMs < QUICK_MS) wake()
    else wakeSoon()
  }

  function stopScanning(): void {
    stopRounds.abort()
    stopRounds = new AbortController()
  }

  async function idle(): Promise<void> {
    do {
      const ended = new AbortController()
      const resting = rest.begun(ended.signal).catch(() => {})
      await Promise.race([Promise.allSettled(rounds), resting])
      ended.abort()
      await runner.idle()
    } while (rounds.size > 0 && !rest.isResting())
  }

  function scan(only?: FolderId): Promise<void> {
    scanProblem = null
    return inRound(scanInTurn(only))
  }

  return {
    scan,
    notice: (id, places) => inRound(scanNext(id, places, closing.signal)),
    isScanning: (id) => scans.has(id),
    stopScanning: (folder) => scans.get(folder)?.controller.abort(),
    pause: () => setPaused(true),
    powerChanged(now = onBattery) {
      onBattery = now
      waiting = onBattery && readSettings(db).background
      rest.set(paused || waiting)
      runner.setWaiting(waiting)
      onStatus()
    },
    resume() {
      setPaused(false)
      if (scanProblem !== null) void scan()
    },
    cancel() {
      stopScanning()
      runner.dropFetched()
      cancelWork(db)
      runner.wake()
      onStatus()
    },
    retry(photos) {
      retryQuarantined(db, photos)
      runner.wake()
    },
    status() {
      const { running, done, total, perSecond, problem } = runner.progress()
      const left = total - done
      const scanning = options.isSettling() || [...scans.values()].some(({ whole }) => whole)
      const busy = running ? 'looking' : scanning ? 'scanning' : 'idle'
      const waits = waiting && (left > 0 || scanning || scans.size > 0)
      return {
        state: paused ? 'paused' : waits ? 'waiting' : busy,
        done,
        total,
        perSecond,
        secondsLeft: perSecond > 0 && left > 0 ? Math.round(left / perSecond) : null,
        quarantined: countQuarantined(db),
        provider: options.provider(),
        problem: problem ?? scanProblem,
      }
    },
    allScanned: () => rounds.size === 0,
    idle,
    close() {
      stopScanning()
      closing.abort()
      wakeSoon.cancel()
      runner.close()
    },
  }
}
