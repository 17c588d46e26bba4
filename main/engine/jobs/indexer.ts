import type { Database } from 'better-sqlite3'
import type { FolderId, JobsStatus } from '../../../contract/domain.ts'
import { messageOf } from '../../../contract/errors.ts'
import { type FolderRow, folderRows } from '../db/folders.ts'
import { readSetting, writeSetting } from '../db/settings.ts'
import { cancelPending, countQuarantined, restoreCancelled, retryQuarantined } from '../db/tasks.ts'
import { throttled } from '../events.ts'
import { scanFolder } from '../library/scan.ts'
import type { Runner } from './runner.ts'

export interface IndexerOptions {
  db: Database
  runner: Runner
  log: (line: string) => void
  provider: () => string | null
  /** Folders or files came, went or changed. */
  onFiles: () => void
  onStatus: () => void
}

/** Scans folders and sees to it that what they hold gets looked at. */
export interface Indexer {
  /** Scans all folders, or one; resolves when the scan is over, not when all is looked at. */
  scan(folder?: FolderId): Promise<void>
  stopScanning(folder: FolderId): void
  pause(): void
  resume(): void
  cancel(): void
  retry: (photos: Parameters<typeof retryQuarantined>[1]) => void
  status(): JobsStatus
  /** Resolves when every scan is over and the queue is empty or cannot go on. */
  idle(): Promise<void>
  close(): void
}

export function createIndexer(options: IndexerOptions): Indexer {
  const { db, runner, log, onFiles, onStatus } = options
  const scans = new Map<FolderId, { controller: AbortController; ended: Promise<void> }>()
  const rounds = new Set<Promise<void>>()
  /** Ends the scans under way and those that wait for their turn. */
  let stopRounds = new AbortController()
  let scanProblem: string | null = null
  let paused = readSetting(db, 'paused') === '1'
  runner.setPaused(paused)
  // Counting a long queue takes its time: not after every directory, and a twentieth of it at most.
  let wakingMs = 0
  const wakeSoon = throttled(
    () => {
      const start = performance.now()
      runner.wake()
      wakingMs = performance.now() - start
    },
    () => Math.max(1000, 20 * wakingMs),
  )

  function setPaused(next: boolean): void {
    paused = next
    writeSetting(db, 'paused', paused ? '1' : null)
    runner.setPaused(paused)
    if (!paused) runner.wake()
    onStatus()
  }

  async function scanOne(id: FolderId): Promise<void> {
    const folders = folderRows(db)
    const folder = folders.find((row) => row.id === id)
    if (!folder) return
    const controller = new AbortController()
    const signal = AbortSignal.any([controller.signal, stopRounds.signal])
    const otherRoots = new Set(folders.map(({ path }) => path))
    const ended = scanFolder(folder, {
      db,
      otherRoots,
      signal,
      log,
      onProgress: () => {
        onFiles()
        wakeSoon()
      },
    })
      .then(() => {})
      .catch((error: unknown) => {
        if (signal.aborted) return
        scanProblem = `${folder.path} was not scanned to its end (${messageOf(error)}): make room on the library's disk, then rescan.`
        log(scanProblem)
      })
      .finally(() => {
        scans.delete(id)
        wakeSoon.cancel()
        runner.wake()
        onStatus()
      })
    scans.set(id, { controller, ended })
    onStatus()
    await ended
  }

  async function scanInTurn(folders: readonly FolderRow[]): Promise<void> {
    const { signal } = stopRounds
    for (const { id } of folders) {
      if (signal.aborted) return
      await (scans.get(id)?.ended ?? scanOne(id))
    }
  }

  function stopScanning(): void {
    stopRounds.abort()
    stopRounds = new AbortController()
  }

  async function idle(): Promise<void> {
    do {
      await Promise.allSettled(rounds)
      await runner.idle()
    } while (rounds.size > 0)
  }

  return {
    async scan(only) {
      scanProblem = null
      restoreCancelled(db)
      const wanted = folderRows(db).filter(({ id }) => only === undefined || id === only)
      const round = scanInTurn(wanted)
      rounds.add(round)
      await round.finally(() => rounds.delete(round))
    },
    stopScanning: (folder) => scans.get(folder)?.controller.abort(),
    pause: () => setPaused(true),
    resume: () => setPaused(false),
    cancel() {
      stopScanning()
      runner.dropFetched()
      cancelPending(db)
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
      const busy = scans.size > 0 ? 'scanning' : running ? 'looking' : 'idle'
      return {
        state: paused ? 'paused' : running ? 'looking' : busy,
        done,
        total,
        perSecond,
        secondsLeft: perSecond > 0 && left > 0 ? Math.round(left / perSecond) : null,
        quarantined: countQuarantined(db),
        provider: options.provider(),
        problem: problem ?? scanProblem,
      }
    },
    idle,
    close() {
      stopScanning()
      wakeSoon.cancel()
      runner.close()
    },
  }
}
