import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../../contract/errors.ts'
import { openable } from '../../rpc/pathText.ts'
import { type FolderRow, setFolderState } from '../db/folders.ts'
import {
  childDirectories,
  directoriesBelow,
  ignoreBelow,
  loseDirectory,
  renameDirectory,
} from '../db/places.ts'
import { nameKey } from '../export/names.ts'
import type { Rest } from '../rest.ts'
import { rememberBirths } from './births.ts'
import { isSkippedDirectory } from './candidates.ts'
import { compareFiles, RestError, RootGoneError, type ScanContext } from './compare.ts'
import { type Listing, listDirectory, under } from './listing.ts'
import { isMountPoint } from './marks.ts'
import { forgetMounts, isAway, mountsAway, rememberMount } from './mounts.ts'
import { isThere } from './roots.ts'
import { noRules, RULES_FILE, type Rules, readRules } from './rules.ts'
import { renamed } from './sameName.ts'

export interface ScanOptions extends Pick<ScanContext, 'db' | 'attention' | 'say'> {
  /** Roots of their own inside this one: left to their own scan. */
  otherRoots: ReadonlySet<string>
  signal: AbortSignal
  rest: Rest
  /** After every directory in which something changed, and when the root came or went. */
  onProgress: () => void
}

/** A part of a root to look at. */
export interface Place {
  /** From the root, with `/` between names. */
  directory: string
  /** With all that lies below. */
  deep: boolean
  /** Directories in it that came or were replaced, by `nameKey`: with all that lies below those. */
  named: ReadonlySet<string>
}

const everything: Place = { directory: '', deep: true, named: new Set() }

/** How long the scan may hold the thread before others get their turn. */
const SLICE_MS = 15

/**
 * Compares a folder on disk, or places in it, with the library; opens no file. `places`: `null` for all.
 * What is new or changed is queued; what is gone is marked missing and keeps its photo; what lies
 * elsewhere keeps its row. An unreachable root is marked offline and nothing in it changes. While there
 * is a rest, nothing more is read.
 */
export async function scanFolder(
  folder: FolderRow,
  options: ScanOptions,
  places: readonly Place[] | null,
): Promise<void> {
  const { db } = options
  options.signal.throwIfAborted()
  // What else has changed while it was away, only a scan of all can tell.
  if (places !== null && folder.state === 'offline') return
  const turn = (state: FolderRow['state']) => {
    if (setFolderState(db, folder.id, state)) options.onProgress()
  }
  try {
    if (!isThere(db, folder)) throw new RootGoneError()
    turn('online')
    const { rest, signal } = options
    for (let rests = -1; rests !== rest.count(); ) {
      await rest.over(signal)
      if (!isThere(db, folder)) throw new RootGoneError()
      rests = rest.count()
      const walk = createWalk(folder, options)
      for (const place of places ?? [everything]) await walk.visitPlace(place)
      await walk.loseUnvisited()
      // What changed during a rest where it had been already, it has not seen: once more.
      if (places === null && rests === rest.count()) {
        walk.forgetMounts()
        rememberBirths(db, folder, '', () => isThere(db, folder))
        options.attention.covered()
      }
    }
  } catch (error) {
    if (!(error instanceof RootGoneError)) throw error
    options.say(
      `${folder.path} cannot be read, or nothing that is known is in it, as on another drive: its photos stay, and are looked for again when it is back. If it was emptied or put in a new order, remove it and add it again.`,
    )
    turn('offline')
  }
}

interface Visit {
  place: Place
  /** Of the folders above. */
  rules: Rules
  /** How many rests there were when they were read. */
  rests: number
}

function createWalk(folder: FolderRow, options: ScanOptions) {
  const { db, attention, say, otherRoots, signal, rest, onProgress } = options
  const context = { db, folder, attention, say, breathe: breather(signal, rest) }
  /** Directories that should hold files and were not found yet. */
  const awaited = new Set<string>()
  const away = mountsAway(db, folder)
  /** What lies in or below them is unknown, not gone. */
  const unreadable: string[] = [...away]
  const mounts = new Set<string>()
  const pathOf = (directory: string) => join(folder.path, directory)
  const rulesIn = (directory: string, above: Rules): Rules => {
    const text = readRules(join(pathOf(directory), RULES_FILE), say)
    return text === null ? above : above.with(directory, text)
  }
  const awaitBelow = (directory: string) => {
    for (const each of directoriesBelow(db, folder.id, directory)) awaited.add(each)
  }
  const forgo = (directory: string) => {
    for (const each of awaited) if (isWithin(each, directory)) awaited.delete(each)
  }

  /** Whether what lies there is none of this scan's. */
  const isElsewhere = (directory: string) =>
    otherRoots.has(pathOf(directory)) || away.includes(directory)
  /** `false`: another drive has taken the place of the known one since the scan began. */
  function meetMount(directory: string): boolean {
    mounts.add(directory)
    rememberMount(db, folder.id, directory)
    const isItself = () => isMountPoint(pathOf(directory)) && !isAway(db, folder, directory)
    if (!isItself()) {
      unreadable.push(directory)
      return false
    }
    rememberBirths(db, folder, directory, isItself)
    return true
  }
  for (const directory of away) {
    say(
      `${clipped(pathOf(directory))} holds nothing of what is known of it, as when its drive is away: its photos stay, and are looked for again when it is back.`,
    )
  }

  /** What a rule leaves out stays known, and is not visible. */
  function leaveOut(directory: string): void {
    forgo(directory)
    if (ignoreBelow(db, folder.id, directory) > 0) onProgress()
  }

  /** The place itself, or the nearest folder above that is there; `null` when it is left out. */
  function arrive(place: Place): Visit | null {
    const rests = rest.count()
    let rules = noRules
    let directory = ''
    for (const name of place.directory.split('/').filter(Boolean)) {
      const inside = rulesIn(directory, rules)
      const next = under(directory, name)
      if (isSkippedDirectory(name) || isElsewhere(next)) return null
      if (!isDirectory(pathOf(next))) {
        return { place: { directory, deep: false, named: new Set() }, rules, rests }
      }
      if (inside.leavesOut(next, 'directory')) {
        leaveOut(next)
        return null
      }
      directory = next
      rules = inside
    }
    return { place, rules, rests }
  }

  function list(directory: string): Listing | null {
    try {
      return listDirectory(pathOf(directory))
    } catch (error) {
      if (directory === '') throw new RootGoneError()
      const { code } = error as NodeJS.ErrnoException
      // Gone since its name was read.
      if (code === 'ENOENT' || code === 'ENOTDIR') return null
      unreadable.push(directory)
      say(
        `${clipped(pathOf(directory))} cannot be read (${reasonOf(error)}); what is known of it stays.`,
      )
      return null
    }
  }

  /** Directories that are listed under another spelling of their name than they are known by. */
  function followNames(directory: string, listed: readonly string[]): void {
    const known = childDirectories(db, folder.id, directory)
    const fresh = listed.filter((name) => !known.has(name))
    for (const name of listed) known.delete(name)
    const opens = (name: string) => isDirectory(pathOf(under(directory, name)))
    for (const [from, to] of renamed(known, fresh, opens)) {
      forgo(under(directory, from))
      renameDirectory(db, folder.id, under(directory, from), under(directory, to))
      awaitBelow(under(directory, to))
      known.delete(from)
      onProgress()
    }
    for (const name of known) awaitBelow(under(directory, name))
  }

  /** After one, there may be another drive. */
  async function overRest(): Promise<void> {
    if (!rest.isResting()) return
    await rest.over(signal)
    if (!isThere(db, folder)) throw new RootGoneError()
  }

  /** Does it again after a rest: by then there may be something else on the disk. */
  async function betweenRests<Value>(work: () => Promise<Value>): Promise<Value> {
    for (;;) {
      await overRest()
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof RestError)) throw error
      }
    }
  }

  /** Returns what is to be visited next. */
  async function visit(planned: Visit): Promise<Visit[]> {
    await context.breathe()
    // Rules may have been written during a rest.
    const visited = planned.rests === rest.count() ? planned : arrive(planned.place)
    if (!visited) return []
    const { place, rules: above, rests } = visited
    const { directory, deep, named } = place
    attention.enter(directory)
    const listing = list(directory)
    if (!listing) return []
    awaited.delete(directory)
    const rules = listing.ruled ? rulesIn(directory, above) : above
    followNames(directory, listing.directories)
    const next: Visit[] = []
    for (const name of listing.directories) {
      const child = under(directory, name)
      if (!(deep || named.has(nameKey(name))) || isElsewhere(child)) continue
      if (rules.leavesOut(child, 'directory')) leaveOut(child)
      else {
        if (isMountPoint(pathOf(child)) && !meetMount(child)) continue
        next.push({ place: { ...everything, directory: child }, rules, rests })
      }
    }
    if (await compareFiles(context, directory, listing.files, rules)) onProgress()
    return next
  }

  async function loseUnvisited(): Promise<void> {
    if (awaited.size === 0) return
    // A drive may have been taken away since.
    const unknown = [...unreadable, ...mountsAway(db, folder)]
    // What came back since is visited by the next scan.
    const gone = [...awaited].filter(
      (directory) =>
        !unknown.some((parent) => isWithin(directory, parent)) && !isDirectory(pathOf(directory)),
    )
    if (gone.length > 0 && !isThere(db, folder)) throw new RootGoneError()
    for (const directory of gone) {
      await context.breathe()
      if (loseDirectory(db, folder.id, directory) > 0) onProgress()
    }
  }

  return {
    async visitPlace(place: Place): Promise<void> {
      await overRest()
      const first = arrive(place)
      if (first?.place.deep) awaitBelow(first.place.directory)
      const waiting = first ? [first] : []
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const visited = next
        waiting.push(...(await betweenRests(() => visit(visited))))
      }
    },
    loseUnvisited: () => betweenRests(loseUnvisited),
    /** After all of the root was visited: where none is mounted any more are folders as others. */
    forgetMounts(): void {
      const isUnknown = (directory: string) =>
        unreadable.some((parent) => isWithin(directory, parent))
      forgetMounts(db, folder, (directory) => mounts.has(directory) || isUnknown(directory))
    },
  }
}

const isWithin = (directory: string, parent: string) =>
  parent === '' || directory === parent || directory.startsWith(`${parent}/`)

/** The deepest paths fill a screen. */
const clipped = (path: string) =>
  path.length <= 300 ? path : `${path.slice(0, 150)}…${path.slice(-100)}`

/** Without the path, which Node appends. */
const reasonOf = (error: unknown) => messageOf(error).split(',')[0]

function isDirectory(path: string): boolean {
  try {
    return lstatSync(openable(path)).isDirectory()
  } catch {
    return false
  }
}

function breather(signal: AbortSignal, rest: Rest): ScanContext['breathe'] {
  let sliceStart = performance.now()
  const goOn = () => {
    signal.throwIfAborted()
    if (rest.isResting()) throw new RestError()
  }
  return () => {
    goOn()
    if (performance.now() - sliceStart < SLICE_MS) return
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        sliceStart = performance.now()
        resolve()
      })
    }).then(goOn)
  }
}
