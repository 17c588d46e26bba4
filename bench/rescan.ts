import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { albumen, median, option } from './albumen.ts'
import { makePhotos, requireShared, sharedModel, work } from './photos.ts'

/** A second `index` of an unchanged tree, against `find` plus an empty start of the command. */
export async function benchRescan(args: string[]): Promise<void> {
  requireShared()
  const count = option(args, '--photos', 20_000)
  const rounds = option(args, '--rounds', 7)
  const folder = makePhotos(count)
  const library = join(work, `library-${count}`)
  const model = ['--library', library, '--model', sharedModel]
  if (!existsSync(library)) {
    console.log(`indexing ${count} photos first`)
    await albumen('index', folder, ...model)
  }
  const empty = join(work, 'empty')
  mkdirSync(empty, { recursive: true })
  const emptyModel = ['--library', join(work, 'library-empty'), '--model', sharedModel]
  await albumen('index', empty, ...emptyModel)

  const times = { find: [] as number[], start: [] as number[], index: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    execFileSync('find', [folder, '-printf', '%s %T@\n'], { maxBuffer: 1e9 })
    times.find.push((performance.now() - started) / 1000)
    times.start.push((await albumen('index', empty, ...emptyModel)).seconds)
    const run = await albumen('index', folder, ...model)
    if (run.visionMegabytes > 0) throw new Error('the second index started vision')
    times.index.push(run.seconds)
  }
  const [find, start, index] = [times.find, times.start, times.index].map(median) as [
    number,
    number,
    number,
  ]
  console.log(
    `medians of ${rounds}: find ${find.toFixed(3)} s, empty start ${start.toFixed(3)} s, second index of ${count} files ${index.toFixed(3)} s = ${(index / (find + start)).toFixed(2)} times their sum`,
  )
}
