/** Notices what changes in the roots, and has a scan find out what it is. */
import { stat } from 'node:fs/promises'
import type { Database } from 'better-sqlite3'
import type { FolderId } from '../../../contract/domain.ts'
import { openable } from '../../rpc/pathText.ts'
import { type FolderRow, folderRows } from '../db/folders.ts'
import type { Attention } from '../library/compare.ts'
import { isThere } from '../library/roots.ts'
import type { Place } from '../library/scan.ts'
import type { Rest } from '../rest.ts'
import { type WatchedRoot, type WatchTiming, watchedRoot } from './watchedRoot.ts'
import type { WatchRoot } from './watchRoot.ts'

const MINUTE = 60_000

export const usualWatchTiming: WatchTiming = {
  coalesce: 300,
  quiet: 2000,
  poll: 5000,
  rescan: 15 * MINUTE,
  audit: 6 * 60 * MINUTE,
  life: MINUTE,
}

export interface WatchingOptions {
  db: Database
  watchRoot: WatchRoot
  timing: WatchTiming
  /** Milliseconds since 1970, as files have them. */
  date: () => number
  /** Tells persons something, in a sentence. */
  say: (sentence: string) => void
  /** Scans places of a root, or all of it; resolves when that is done. */
  scan: (folder: FolderId, places: Place[] | null) => Promise<void>
  isScanning: (folder: FolderId) => boolean
  stopScanning: (folder: FolderId) => void
  rest: Rest
  /** Files are being waited for, or no longer. */
  onSettling: () => void
}

export interface Watching {
  /** For a scan of a root that is about to begin. `whole`: of all of it. */
  attend(folder: FolderRow, whole: boolean): Promise<Attention>
  /** Whether something was noticed that no scan has followed yet. */
  isBehind(): boolean
  /** Whether files are still being written. */
  isSettling(): boolean
  /** The root was removed from the library. */
  forget(folder: FolderId): void
  close(): void
}

export function createWatching(options: WatchingOptions): Watching {
  const { db, timing, date, rest } = options
  const roots = new Map<FolderId, WatchedRoot>()
  const asked = new Set<FolderId>()
  let closed = false
  const polling = setInterval(() => {
    for (const folder of folderRows(db)) void poll(folder)
  }, timing.poll)
  polling.unref()

  function rootOf({ id, path }: FolderRow): WatchedRoot {
    const { watchRoot, say, scan, onSettling } = options
    const root =
      roots.get(id) ??
      watchedRoot({
        path,
        ...{ watchRoot, timing, date, rest, say, onSettling },
        scan: (places) => scan(id, places),
      })
    roots.set(id, root)
    return root
  }

  /** A scan that rests is none. */
  const isAtWork = (id: FolderId) => options.isScanning(id) && !rest.isResting()

  /** Scans a root that came or went, or whose turn it is. */
  async function poll({ id, path }: FolderRow): Promise<void> {
    // A network drive that does not answer is asked once, off this thread.
    if (asked.has(id) || isAtWork(id)) return
    asked.add(id)
    const answers = await stat(openable(path)).then(
      () => true,
      () => false,
    )
    asked.delete(id)
    const folder = closed ? undefined : folderRows(db).find((row) => row.id === id)
    if (!folder || isAtWork(id)) return
    const root = rootOf(folder)
    const online = answers && isThere(db, folder)
    const turned = online !== (folder.state === 'online')
    if (!online || turned) root.unwatch()
    // One that rests knows nothing of that.
    if (turned) options.stopScanning(id)
    const due = !rest.isResting() && date() >= root.nextScan()
    if (turned || (online && due)) await options.scan(id, null)
  }

  return {
    async attend(folder, whole) {
      const root = rootOf(folder)
      if (whole && isThere(db, folder)) await root.watch()
      return root.attention
    },
    isBehind: () => [...roots.values()].some((root) => root.isBehind()),
    isSettling: () => [...roots.values()].some((root) => root.isSettling()),
    forget(id) {
      roots.get(id)?.close()
      roots.delete(id)
    },
    close() {
      closed = true
      clearInterval(polling)
      for (const root of roots.values()) root.close()
    },
  }
}
