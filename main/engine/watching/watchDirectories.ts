/**
 * Watching on Linux, where the kernel watches single directories (https://man7.org/linux/man-pages/man7/inotify.7.html).
 * The scan tells which: each before it is read, so that nothing can come in between.
 */
import { type FSWatcher, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openable, textOfPath } from '../../rpc/pathText.ts'
import { under } from '../library/listing.ts'
import { isNetworkDrive } from './networkDrive.ts'
import type { WatchRoot } from './watchRoot.ts'

/** `watch` of `node:fs`. */
export type WatchDirectory = (
  path: string | Buffer,
  options: { encoding: 'buffer'; persistent: boolean },
  listener: (event: string, name: Buffer | null) => void,
) => FSWatcher

/** One for all roots of a process: the kernel has one queue of events for them. */
export function watchDirectories(watchDirectory: WatchDirectory): WatchRoot {
  const flood = createFlood(queueLength())

  return async (root, tell) => {
    const watchers = new Map<string, FSWatcher>()
    let full = false
    const stopListening = flood.listen(() =>
      tell({ kind: 'lost', reason: 'too much changed at once' }),
    )
    if (await isNetworkDrive(root)) {
      tell({ kind: 'blind', reason: 'network drives do not tell what others change' })
    }

    function leave(directory: string): void {
      for (const [each, watcher] of watchers) {
        if (each !== directory && !each.startsWith(`${directory}/`)) continue
        watcher.close()
        watchers.delete(each)
      }
    }

    function onEvent(directory: string, event: string, bytes: Buffer | null): void {
      flood.count()
      if (!bytes) return
      const name = textOfPath(bytes)
      const entry = event === 'rename'
      const path = under(directory, name)
      // Where it is now, it is entered anew: its watch still tells of it under the former name.
      if (entry && watchers.has(path)) leave(path)
      tell({ kind: 'touched', directory, name, entry })
    }

    function open(directory: string): FSWatcher | null {
      const path = openable(join(root, directory))
      try {
        const watcher = watchDirectory(
          path,
          { encoding: 'buffer', persistent: false },
          (event, name) => onEvent(directory, event, name),
        )
        return watcher.on('error', () => {})
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        full = code === 'ENOSPC' || code === 'EMFILE'
        // Others are the scan's to tell: it cannot read the directory either.
        if (full) tell({ kind: 'blind', reason: TOO_MANY })
        return null
      }
    }

    return {
      enter(directory) {
        if (full) return
        const watcher = open(directory)
        // Closed after the new one is open: then the kernel keeps what it was about to tell.
        watchers.get(directory)?.close()
        if (watcher) watchers.set(directory, watcher)
        else watchers.delete(directory)
      },
      close() {
        stopListening()
        for (const watcher of watchers.values()) watcher.close()
        watchers.clear()
      },
    }
  }
}

const TOO_MANY =
  'the system watches no more folders; an administrator can raise fs.inotify.max_user_watches'

/** Events that the kernel keeps for a process that is busy; what comes after them, it drops. */
function queueLength(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || 16_384
  } catch {
    return 16_384
  }
}

/** Node does not tell when the queue was full. Then at least as many events come at once. */
function createFlood(limit: number) {
  const listeners = new Set<() => void>()
  let events = 0
  return {
    listen(listener: () => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    count(): void {
      if (events === 0)
        setImmediate(() => {
          events = 0
        })
      events++
      // Half: some may have been of directories that nobody watches any more.
      if (events === Math.ceil(limit / 2)) for (const listener of listeners) listener()
    },
  }
}
