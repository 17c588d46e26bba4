import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EngineCommandName, OutputOf, RawInputOf } from '../contract/commands.ts'
import { thisMachine } from '../main/engine/acceleration/machine.ts'
import { openLibrary } from '../main/engine/db/open.ts'
import { createEngine, type EngineParts, systemClock } from '../main/engine/engine.ts'
import { systemWatch } from '../main/engine/watching/systemWatch.ts'
import { usualWatchTiming } from '../main/engine/watching/watching.ts'
import { backupThreadEntry, processEntry } from '../main/processes/entries.ts'
import { forkVision } from '../main/processes/vision.ts'
import { median, option } from './albumen.ts'
import { makePhotos, requireShared, work } from './photos.ts'

/**
 * How long it takes until photos that were moved are where they are now, in the library and in what
 * the window is told: a folder renamed in a watched root, the same found by a scan of all, and every
 * file renamed in a watched root, so that each is read again to be recognised.
 */
export async function benchMoved(args: string[]): Promise<void> {
  requireShared()
  const count = option(args, '--photos', 10_000)
  const rounds = option(args, '--rounds', 3)
  const root = join(work, `moved-${count}`)
  const library = join(work, `library-moved-${count}`)
  if (!existsSync(join(root, 'one'))) {
    rmSync(root, { recursive: true, force: true })
    mkdirSync(root)
    cpSync(makePhotos(count), join(root, 'one'), { recursive: true, preserveTimestamps: true })
  }
  const rename = (from: string, to: string) => renameSync(join(root, from), join(root, to))
  const watch = { watchRoot: systemWatch(), timing: usualWatchTiming }
  const seconds = { watched: [] as number[], scanned: [] as number[], renamed: [] as number[] }
  const looked = { watched: 0, scanned: 0, renamed: 0 }
  for (const kind of ['watched', 'scanned', 'renamed'] as const) {
    const opened = await open(library, kind === 'scanned' ? null : watch)
    opened.engine.indexFolder(root)
    await opened.engine.idle()
    opened.looks.count = 0
    for (let round = 0; round < rounds; round++) {
      const started = performance.now()
      rename('one', 'two')
      if (kind === 'renamed') renameFiles(join(root, 'two'), `r${round}`)
      if (kind === 'scanned') opened.engine.scan()
      await opened.shows('two', count)
      seconds[kind].push((performance.now() - started) / 1000)
      await opened.settled()
      rename('two', 'one')
      if (kind === 'scanned') opened.engine.scan()
      await opened.shows('one', count)
      await opened.settled()
    }
    looked[kind] = opened.looks.count
    opened.engine.close()
  }
  const of = (kind: keyof typeof seconds) =>
    `${median(seconds[kind]).toFixed(2)} s (${looked[kind]} decoded)`
  console.log(
    `medians of ${rounds} for ${count} photos: a renamed folder, watched ${of('watched')}; found by a scan of all ${of('scanned')}; all files renamed, watched ${of('renamed')}`,
  )
}

function renameFiles(folder: string, mark: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue
    const plain = entry.name.replace(/^r\d+ /, '')
    renameSync(join(entry.parentPath, entry.name), join(entry.parentPath, `${mark} ${plain}`))
  }
}

async function open(directory: string, watch: EngineParts['watch']) {
  const library = openLibrary(directory)
  const looks = { count: 0 }
  const startVision = forkVision(processEntry('vision'), null)
  const engine = createEngine({
    library,
    startVision: async () => {
      const vision = await startVision()
      const send: typeof vision.channel.send = (message) => {
        if (message.type === 'call' && message.name === 'look') looks.count++
        vision.channel.send(message)
      }
      return { ...vision, channel: { ...vision.channel, send } }
    },
    startProbe: startVision,
    machine: thisMachine,
    // Nothing is classified: that takes the longest, and tells nothing here.
    modelDirectories: [],
    catalog: [],
    backupThread: backupThreadEntry(),
    clock: systemClock,
    watch,
    log: console.error,
  })
  await engine.useModel({ model: null, anyArchitecture: false })
  let news = 0
  engine.events.on('stale', () => news++)
  const context = { signal: new AbortController().signal, onProgress: () => {} }
  const ask = <Name extends EngineCommandName>(name: Name, input: RawInputOf<Name>) =>
    engine.handlers[name](input as never, context as never) as Promise<Awaited<OutputOf<Name>>>
  const present = library.db
    .prepare(
      `SELECT count(*) FROM file WHERE state = 'present' AND directory >= ? || '/'
         AND directory < ? || '0'`,
    )
    .pluck()
  const until = async (done: () => boolean | Promise<boolean>) => {
    while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return {
    engine,
    looks,
    /** Every row is there, the window was told, and what it asks then says so. */
    async shows(folder: string, count: number): Promise<void> {
      await until(() => present.get(folder, folder) === count)
      const before = news
      await until(() => news > before)
      const [card] = await ask('photoPage', { query: '', sort: 'newest', offset: 0, limit: 100 })
      const detail = card && (await ask('photoDetail', { id: card.id }))
      if (detail?.files.some(({ path }) => path.includes(`/${folder}/`))) return
      throw new Error(`${JSON.stringify(detail?.files)} is not in ${folder}`)
    },
    async settled(): Promise<void> {
      await until(async () => (await ask('libraryStatus', {})).pending === 0)
      await until(() => engine.jobs().state === 'idle')
    },
  }
}
