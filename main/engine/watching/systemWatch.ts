import { watch } from 'node:fs'
import { watchDirectories } from './watchDirectories.ts'
import type { WatchRoot } from './watchRoot.ts'
import { type Subscribe, watchTree } from './watchTree.ts'

/**
 * The way to watch on this system. On Linux @parcel/watcher does not see into folders that are moved
 * into a tree, or made with others inside (https://github.com/parcel-bundler/watcher/issues/97), and
 * holds the path of every file in memory.
 */
export function systemWatch(): WatchRoot {
  return process.platform === 'linux' ? watchDirectories(watch) : watchTree(parcelSubscribe)
}

const parcelSubscribe: Subscribe = async (root, callback) => {
  const { subscribe } = await import('@parcel/watcher')
  return subscribe(root, callback)
}
