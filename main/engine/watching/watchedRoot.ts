import { messageOf } from '../../../contract/errors.ts'
import { nameKey } from '../export/names.ts'
import { isSkippedDirectory, mayBePhoto } from '../library/candidates.ts'
import type { Attention } from '../library/compare.ts'
import { under } from '../library/listing.ts'
import { RULES_FILE } from '../library/rules.ts'
import type { Place } from '../library/scan.ts'
import type { Rest } from '../rest.ts'
import type { Hint, RootWatch, WatchRoot } from './watchRoot.ts'

/** All in milliseconds. */
export interface WatchTiming {
  /** So long hints are collected before they are followed. */
  coalesce: number
  /** A file of which nothing was heard for so long is written to its end. */
  quiet: number
  /** How often it is looked whether roots come and go. */
  poll: number
  /** How often a root is scanned whole where changes may be missed. */
  rescan: number
  /** How often one is where they should not. */
  audit: number
  /** A watch that ends sooner after its start is not started again at once. */
  life: number
}

export interface WatchedRootOptions {
  path: string
  watchRoot: WatchRoot
  timing: WatchTiming
  /** Milliseconds since 1970, as files have them. */
  date: () => number
  /** What is noticed meanwhile waits. */
  rest: Rest
  /** Tells persons something, in a sentence. */
  say: (sentence: string) => void
  /** Scans places of the root, or all of it; resolves when that is done. */
  scan: (places: Place[] | null) => Promise<void>
  /** Files are being waited for, or no longer. */
  onSettling: () => void
}

export interface WatchedRoot {
  /** For the scans of this root. */
  attention: Attention
  /** Watches it, anew where that was not complete. */
  watch(): Promise<void>
  /** It is out of reach. */
  unwatch(): void
  /** Whether something was noticed that no scan has followed yet. */
  isBehind(): boolean
  /** Whether files are still being written. */
  isSettling(): boolean
  /** When it should be scanned whole again, in milliseconds since 1970. */
  nextScan(): number
  close(): void
}

/** Collects what is noticed in one root, and has it looked at when it is quiet. */
/** Beyond so many names that something was noticed about, looking at everything is no more work. */
const MOST_NAMES = 50_000

export function watchedRoot(options: WatchedRootOptions): WatchedRoot {
  const { path, timing, date, rest } = options
  let current: RootWatch | null = null
  let startedAt = Number.NEGATIVE_INFINITY
  /** Every directory was entered since the watch began. */
  let covered = false
  /** The watch itself said that it does not tell everything. */
  let partial = false
  let scannedAt = date()
  let closed = false
  /** What to look at, by directory; `all` stands for all of them. */
  let places = new Map<string, { deep: boolean; named: Set<string> }>()
  let all = false
  /** How many names they hold. */
  let named = 0
  /** When something was last heard of a file that may be a photo, by its path. */
  const heard = new Map<string, number>()
  let settling = false
  let settlesAgain = false
  let following = false
  let timer: NodeJS.Timeout | null = null
  let dueAt = Number.POSITIVE_INFINITY

  function say(happened: string, reason: string, answer: string): void {
    options.say(`${path} ${happened} (${reason}): ${answer}.`)
  }
  const often = `it is looked through every ${Math.round(timing.rescan / 60_000)} minutes`

  function take(hint: Hint): void {
    switch (hint.kind) {
      case 'touched':
        touch(hint)
        return
      case 'lost':
        say('changed unseen', hint.reason, 'it is looked through')
        lookAtAll()
        return
      case 'blind':
        say('is not watched in full', hint.reason, often)
        partial = true
        return
      case 'ended':
        unwatch()
        say('is no longer watched', hint.reason, often)
        if (date() - startedAt > timing.life) lookAtAll()
        return
      default:
        hint satisfies never
    }
  }

  function touch({ directory, name, entry }: Extract<Hint, { kind: 'touched' }>): void {
    if (name === RULES_FILE) placeAt(directory).deep = true
    else {
      const photo = mayBePhoto(name)
      if (isSkippedDirectory(name) || !(photo || entry)) return
      const place = placeAt(directory)
      if (entry) place.named.add(nameKey(name))
      if (photo) heard.set(under(directory, name), date())
      if (++named > MOST_NAMES) {
        forgetQuiet()
        forgetPlaces()
        all = true
      }
    }
    followIn(timing.coalesce)
  }

  function placeAt(directory: string) {
    const place = places.get(directory) ?? { deep: false, named: new Set() }
    places.set(directory, place)
    return place
  }

  function forgetPlaces(): void {
    places = new Map()
    named = 0
  }

  function forgetQuiet(): void {
    for (const [file, at] of heard) if (date() - at >= timing.quiet) heard.delete(file)
  }

  function lookAtAll(): void {
    all = true
    followIn(timing.coalesce)
  }

  function followIn(milliseconds: number): void {
    dueAt = Math.min(dueAt, date() + milliseconds)
    if (following || closed) return
    if (timer) clearTimeout(timer)
    timer = setTimeout(follow, Math.max(0, dueAt - date()))
    timer.unref()
  }

  async function follow(): Promise<void> {
    const taken = all ? null : [...places].map(([directory, place]) => ({ directory, ...place }))
    forgetPlaces()
    all = false
    dueAt = Number.POSITIVE_INFINITY
    following = true
    settlesAgain = false
    const start = date()
    const rests = rest.count()
    await options.scan(taken)
    following = false
    setSettling(settlesAgain)
    forgetQuiet()
    if (!isBehind()) return
    // Half of the time at most goes into scanning what was noticed, and resting is no scanning.
    if (rest.count() === rests) dueAt = Math.max(dueAt, 2 * date() - start)
    followIn(timing.quiet)
  }

  function setSettling(next: boolean): void {
    if (settling === next) return
    settling = next
    options.onSettling()
  }

  const isBehind = () => all || places.size > 0 || following

  function unwatch(): void {
    current?.close()
    current = null
  }

  async function watch(): Promise<void> {
    scannedAt = date()
    if (current && !partial) return
    unwatch()
    covered = partial = false
    startedAt = date()
    let ended = false
    try {
      const watch = await options.watchRoot(path, (hint) => {
        if (ended || closed) return
        ended = hint.kind === 'ended'
        take(hint)
      })
      if (ended || closed) watch.close()
      else
        current = {
          ...watch,
          close: () => {
            ended = true
            watch.close()
          },
        }
    } catch (error) {
      say('cannot be watched', messageOf(error), often)
    }
  }

  return {
    attention: {
      enter: (directory) => current?.enter(directory),
      covered() {
        covered = true
        scannedAt = date()
      },
      /** Neither written by its time nor heard of; clocks of other machines may be ahead. */
      isSettled(directory, name, modifiedMs) {
        const now = date()
        const at = heard.get(under(directory, name)) ?? Number.NEGATIVE_INFINITY
        const quiet = Math.min(Math.abs(now - modifiedMs), now - at)
        if (quiet >= timing.quiet) return true
        placeAt(directory)
        settlesAgain = true
        setSettling(true)
        followIn(timing.quiet - quiet)
        return false
      },
    },
    watch,
    unwatch,
    isBehind,
    isSettling: () => settling,
    nextScan: () => scannedAt + (current && covered && !partial ? timing.audit : timing.rescan),
    close() {
      closed = true
      if (timer) clearTimeout(timer)
      unwatch()
    },
  }
}
