import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { commandLine, median, option } from './albumen.ts'
import { copyPhotos, requireShared, sharedModel, work } from './photos.ts'

const POLL_MS = 5

/** From the start of `albumen index` in a new library to the first tag in the database. */
export async function benchFirstTag(args: string[]): Promise<void> {
  requireShared()
  const rounds = option(args, '--rounds', 5)
  const folder = copyPhotos()
  for (const [name, model] of [
    ['the starter model', []],
    ['ResNet-18', ['--model', sharedModel]],
  ] as const) {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) times.push(await firstTag(folder, model))
    console.log(`${name}: first tag after ${median(times).toFixed(2)} s (median of ${rounds})`)
  }
}

async function firstTag(folder: string, model: readonly string[]): Promise<number> {
  const library = join(work, 'library-first-tag')
  rmSync(library, { recursive: true, force: true })
  const started = performance.now()
  const child = spawn(
    process.execPath,
    [commandLine, 'index', folder, '--library', library, ...model],
    { stdio: 'ignore' },
  )
  while (child.exitCode === null && !hasTag(join(library, 'library.sqlite'))) {
    await setTimeout(POLL_MS)
  }
  const seconds = (performance.now() - started) / 1000
  child.kill('SIGINT')
  await new Promise((resolve) => child.once('exit', resolve))
  return seconds
}

function hasTag(file: string): boolean {
  if (!existsSync(file)) return false
  try {
    const db = new Sqlite(file, { readonly: true })
    try {
      return db.prepare('SELECT 1 FROM prediction LIMIT 1').get() !== undefined
    } finally {
      db.close()
    }
  } catch {
    // Not made yet.
    return false
  }
}
