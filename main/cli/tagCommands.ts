import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { nameText } from '../../contract/commands.ts'
import type { ChangeReport, PhotoId } from '../../contract/domain.ts'
import { UserError } from '../../contract/errors.ts'
import { resetPredictions } from '../engine/db/predictions.ts'
import { countUnfinished } from '../engine/db/work.ts'
import { mayBePhoto } from '../engine/library/candidates.ts'
import { photoAtPath } from '../engine/library/folders.ts'
import { statFile } from '../engine/library/listing.ts'
import { idsOf } from '../engine/search/target.ts'
import { createChanges } from '../engine/tags/changes.ts'
import { resolveTag } from '../engine/tags/resolve.ts'
import { openable } from '../rpc/pathText.ts'
import type { CommonOptions } from './index.ts'
import { openForChanging, type ReadableLibrary, unknownPhoto } from './openLibrary.ts'

export interface TagChanges {
  add: readonly string[]
  accept: readonly string[]
  reject: readonly string[]
  remove: readonly string[]
}

const context = { signal: new AbortController().signal, onProgress: () => {} }

/** Says something of the photo at a path, or of every photo that a search finds. */
export async function runTag(
  what: string,
  { add, accept, reject, remove }: TagChanges,
  options: CommonOptions,
): Promise<void> {
  const wanted = [
    ...add.map((name) => ({ name, verdict: 'yes', known: false }) as const),
    ...accept.map((name) => ({ name, verdict: 'yes', known: true }) as const),
    ...reject.map((name) => ({ name, verdict: 'no', known: true }) as const),
    ...remove.map((name) => ({ name, verdict: 'none', known: true }) as const),
  ]
  const source = await openForChanging(options)
  try {
    const changes = changesOf(source)
    // A change may take a photo out of what is searched, and a wrong name must not stop half way.
    const target = { ids: photosMeant(source, what) }
    const named = wanted.map(({ name, verdict, known }) => ({
      name: tagName(name),
      verdict,
      known,
    }))
    for (const { name, known } of named) requireClear(source, name, { mayBeNew: !known })
    if (target.ids.length === 0) {
      if (options.json) console.log(JSON.stringify({ photos: 0, title: null }))
      else console.log(`No photo is found by “${what}”: nothing changed.`)
      return
    }
    for (const { name, verdict } of named) {
      const report = await changes.tagPhotos({ target, tag: { name }, verdict }, context)
      tell(report, options)
    }
  } finally {
    source.library.close()
  }
}

/** Throws UserError for a name that means several tags, or none unless it may be a new one. */
function requireClear(
  source: ReadableLibrary,
  name: string,
  { mayBeNew }: { mayBeNew: boolean },
): void {
  try {
    resolveTag(source, { name }, { create: false })
  } catch (error) {
    if (!(mayBeNew && error instanceof UserError && error.code === 'no-such-tag')) throw error
  }
}

export async function runUndo(direction: 'undo' | 'redo', options: CommonOptions): Promise<void> {
  const source = await openForChanging(options)
  try {
    const title = await changesOf(source)[direction]({}, context)
    if (options.json) console.log(JSON.stringify({ title }))
    else if (title === null) console.log(`There is nothing to ${direction}.`)
    else console.log(`${direction === 'undo' ? 'Undone' : 'Done again'}: ${title}`)
  } finally {
    source.library.close()
  }
}

export async function runResetPredictions(options: CommonOptions): Promise<void> {
  const { library, db } = await openForChanging(options)
  try {
    resetPredictions(db)
    const pending = countUnfinished(db, true)
    if (options.json) console.log(JSON.stringify({ pending }))
    else console.log(`${pending} photos are looked at when Albumen runs next.`)
  } finally {
    library.close()
  }
}

const changesOf = ({ db, taxonomy, search, modelId }: ReadableLibrary) =>
  createChanges({
    ...{ db, taxonomy, search, currentModelId: () => modelId },
    ...{ now: Date.now, onChange: () => search.invalidate() },
  })

function tagName(given: string): string {
  const parsed = nameText.safeParse(given)
  if (parsed.success) return parsed.data
  throw new UserError('bad-name', `“${given}” is no name for a tag: give one of 1 to 200 letters.`)
}

/** Begins with a path separator, or has one behind a first name: no search finds anything by that. */
const PATH = process.platform === 'win32' ? /^([a-z]:)?[^\s:"()|]*[/\\]/i : /^[^\s:"()|]*\//

/**
 * A file that the library knows, or that is there, is a photo, and so is what is written as a path;
 * anything else is a search, also where a folder has that name. Throws UserError for what is no photo
 * of the library.
 */
function photosMeant({ db, search }: ReadableLibrary, what: string): PhotoId[] {
  const id = photoAtPath(db, what)
  if (id !== null) return [id]
  if (typeof statFile(what) === 'object') throw unknownPhoto(what)
  if (PATH.test(what)) {
    throw existsSync(openable(what))
      ? new UserError('not-a-photo', `${what} is no photo: name one, or search for several.`)
      : noSuchFile(what)
  }
  const ids = [...idsOf(search, { query: what }, 'oldest')]
  if (ids.length === 0 && extname(what) !== '' && mayBePhoto(what)) throw noSuchFile(what)
  return ids
}

const noSuchFile = (path: string) =>
  new UserError('no-such-file', `There is no file ${path}: check the spelling of its path.`)

function tell({ photos, title }: ChangeReport, { json }: CommonOptions): void {
  console.log(json ? JSON.stringify({ photos, title }) : photos > 0 ? title : 'Nothing changed.')
}
