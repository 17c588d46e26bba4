import { realpathSync } from 'node:fs'
import { basename, dirname, relative, sep } from 'node:path'
import type { SubscribeCallback } from '@parcel/watcher'
import { mayBeMangled } from '../../rpc/pathText.ts'
import { isNetworkDrive } from './networkDrive.ts'
import type { Hint, WatchRoot } from './watchRoot.ts'

/** `subscribe` of @parcel/watcher. */
export type Subscribe = (
  root: string,
  callback: SubscribeCallback,
) => Promise<{ unsubscribe(): Promise<void> }>

/** Watching where the system watches whole trees: macOS and Windows. */
export function watchTree(subscribe: Subscribe): WatchRoot {
  return async (root, tell) => {
    const subscription = await subscribe(root, (error, events) => {
      // On Windows this is the end; on macOS, where only some events were dropped, a new start does no harm.
      if (error) tell({ kind: 'ended', reason: error.message })
      const real = realDirectories(root)
      for (const { path, type } of events) {
        const hint = hintOf(path, type !== 'update', real)
        if (hint) tell(hint)
      }
    })
    if (await isNetworkDrive(root)) {
      tell({ kind: 'blind', reason: 'network drives do not tell what others change' })
    }
    return {
      enter() {},
      close() {
        // A drive that is gone cannot be unsubscribed from, and need not be.
        subscription.unsubscribe().catch(() => {})
      },
    }
  }
}

/** `null` for what is not in the root. */
function hintOf(path: string, entry: boolean, real: (path: string) => string | null): Hint | null {
  if (mayBeMangled(path)) return { kind: 'lost', reason: 'the name of a folder is no text' }
  const parent = dirname(path)
  if (parent === path) return null
  const directory = real(parent)
  // Its folder is gone too, so that this is what came or went.
  if (directory === null) return hintOf(parent, true, real)
  return directory === '..' || directory.startsWith('../')
    ? null
    : { kind: 'touched', directory, name: basename(path), entry }
}

/** Directories from the root as they are listed: systems tell of them in another case or normalisation. */
function realDirectories(root: string): (path: string) => string | null {
  const known = new Map<string, string | null>()
  return (path) => {
    let directory = known.get(path)
    if (directory === undefined) {
      try {
        directory = relative(root, realpathSync.native(path)).replaceAll(sep, '/')
      } catch {
        directory = null
      }
      known.set(path, directory)
    }
    return directory
  }
}
