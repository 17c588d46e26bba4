import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { albumen } from './albumen.ts'
import { makePhotos, requireShared, sharedModel, work } from './photos.ts'

/** Peak memory of each process while indexing: `memory 2000 20000`. */
export async function benchMemory(args: string[]): Promise<void> {
  requireShared()
  const counts = args.length > 0 ? args.map(Number) : [2000]
  for (const count of counts) {
    const folder = makePhotos(count)
    const library = join(work, `library-${count}`)
    rmSync(library, { recursive: true, force: true })
    const run = await albumen('index', folder, '--library', library, '--model', sharedModel)
    console.log(
      `${count} photos in ${Math.round(run.seconds)} s: peak of vision ${Math.round(run.visionMegabytes)} MB, of engine ${Math.round(run.engineMegabytes)} MB`,
    )
  }
}
