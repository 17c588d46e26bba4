import { existsSync } from 'node:fs'
import { nameText } from '../../contract/commands.ts'
import type { ChangeReport } from '../../contract/domain.ts'
import { UserError } from '../../contract/errors.ts'
import { resetPredictions } from '../engine/db/predictions.ts'
import { countUnfinished } from '../engine/db/work.ts'
import { photoAtPath } from '../engine/library/folders.ts'
import { idsOf } from '../engine/search/target.ts'
import { createChanges } from '../engine/tags/changes.ts'
import { resolveTag } from '../engine/tags/resolve.ts'
import type { CommonOptions } from './index.ts'
import { openForChanging, type ReadableLibrary } from './openLibrary.ts'

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
    const target = { ids: [...idsOf(source.search, targetOf(source, what), 'oldest')] }
    const named = wanted.map(({ name, verdict, known }) => ({
      name: tagName(name),
      verdict,
      known,
    }))
    for (const { name, known } of named) {
      if (known) resolveTag(source, { name }, { create: false })
    }
    for (const { name, verdict } of named) {
      const report = await changes.tagPhotos({ target, tag: { name }, verdict }, context)
      tell(report, options)
    }
  } finally {
    source.library.close()
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

/** A path that is there, or that the library knows, is a photo; anything else is a search. */
function targetOf({ db }: ReadableLibrary, what: string) {
  const id = photoAtPath(db, what)
  if (id !== null) return { ids: [id] }
  if (!existsSync(what)) return { query: what }
  throw new UserError(
    'unknown-photo',
    `The library does not know ${what}: run "albumen index" on the folder that it lies in.`,
  )
}

function tell({ photos, title }: ChangeReport, { json }: CommonOptions): void {
  console.log(json ? JSON.stringify({ photos, title }) : photos > 0 ? title : 'Nothing changed.')
}
