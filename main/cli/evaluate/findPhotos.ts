/** Which photos to look at, and the words that say what is on them. */
import type { Dirent } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { isMissing } from '../../../models/onnx/file.ts'
import { isSkippedDirectory, mayBePhoto } from '../../engine/library/candidates.ts'
import { classWord } from './classWord.ts'
import { readLabels } from './labelsCsv.ts'

export interface FoundPhoto {
  path: string
  /** What names its class; `null` for a photo that nothing tells of. */
  word: string | null
  /** Where that stands, for people: "in line 3", "in train/tabby". */
  where: string
}

export interface FoundPhotos {
  /** The folder or CSV that they were found by. */
  source: string
  /** The folder that paths are told relative to. */
  root: string
  photos: FoundPhoto[]
  /** Folders that cannot be read. */
  unread: Unread[]
}

/** What could not be looked at. `reason`: one sentence. */
export interface Unread {
  path: string
  reason: string
}

/**
 * `source`: a folder whose folders, at any depth, or whose files name the classes, or a CSV with
 * the columns `path` and `class`. Opens no photo. Throws UserError when there is no such thing.
 */
export async function findPhotos(source: string, signal: AbortSignal): Promise<FoundPhotos> {
  const found = await stat(source).catch((error: unknown) => {
    const why = isMissing(error) ? 'is not there' : `cannot be reached (${messageOf(error)})`
    throw new UserError(
      'no-photos',
      `${source} ${why}: give a folder of photos, or a CSV with the columns "path" and "class".`,
    )
  })
  return found.isDirectory() ? findInFolder(source, signal) : findInCsv(source)
}

async function findInCsv(file: string): Promise<FoundPhotos> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UserError('unreadable-labels', `${file} cannot be read: ${messageOf(error)}.`)
  })
  const root = dirname(file)
  const lines = new Map<string, number>()
  const photos = readLabels(text, file).map(({ path: given, word, line }) => {
    const path = resolve(root, given)
    const before = lines.get(path)
    if (before !== undefined) {
      throw new UserError(
        'repeated-label',
        `Line ${line} of ${file} names ${given} again, which line ${before} did: name each photo once.`,
      )
    }
    lines.set(path, line)
    return { path, word, where: `in line ${line}` }
  })
  return { source: file, root, photos, unread: [] }
}

/** As indexing does: links to files are followed, hidden and system folders are not entered. */
async function findInFolder(root: string, signal: AbortSignal): Promise<FoundPhotos> {
  const photos: FoundPhoto[] = []
  const unread: Unread[] = []
  const queue: string[][] = [[]]
  for (let parts = queue.shift(); parts; parts = queue.shift()) {
    signal.throwIfAborted()
    const directory = join(root, ...parts)
    let entries: Dirent[]
    try {
      entries = await readdir(directory, { withFileTypes: true })
    } catch (error) {
      unread.push({ path: directory, reason: `The folder cannot be read: ${messageOf(error)}.` })
      continue
    }
    // The file system's own order is another one on every machine.
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      const { name } = entry
      if (entry.isDirectory()) {
        if (!isSkippedDirectory(name)) queue.push([...parts, name])
      } else if (mayBePhoto(name) && (await isFile(entry, directory))) {
        const word = classWord(parts.toReversed(), name)
        photos.push({ path: join(directory, name), word, where: `in ${join(...parts)}` })
      }
    }
  }
  return { source: root, root, photos, unread }
}

async function isFile(entry: Dirent, directory: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile()
  const target = await stat(join(directory, entry.name)).catch(() => null)
  return target?.isFile() ?? false
}

/** At most `limit` of the photos, evenly from the whole list, so that no class goes first. */
export function spread<Item>(items: readonly Item[], limit: number): Item[] {
  if (items.length <= limit) return [...items]
  return Array.from(
    { length: limit },
    (_, index) => items[Math.floor((index * items.length) / limit)] as Item,
  )
}
