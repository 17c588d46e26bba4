import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { albumen, median, option } from './albumen.ts'
import { makePhotos, requireShared, sharedModel, work } from './photos.ts'

interface Limits {
  /** Photos a second of sharp alone, all cores. */
  decode: number
  /** Photos a second of session.run alone, all cores, at its best batch. */
  infer: number
  batch: number
}

/** In a process of its own, so that neither measurement inherits the other's memory and threads. */
function measureLimits(photos: number): Promise<Limits> {
  const entry = fileURLToPath(new URL('./limits.ts', import.meta.url))
  const child = spawn(process.execPath, [entry, String(photos)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (data) => {
    output += data
  })
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as Limits)
      else reject(new Error(`limits ended with ${code}`))
    })
  })
}

/** `index` from the first byte of the command to its end, as a share of 1 / (1/decode + 1/infer). */
export async function benchPipeline(args: string[]): Promise<void> {
  requireShared()
  const photos = option(args, '--photos', 2000)
  const rounds = option(args, '--rounds', 3)
  const folder = makePhotos(photos)
  const library = join(work, 'library-pipeline')
  const shares: number[] = []
  const speeds: number[] = []
  console.log(`${rounds} rounds of ${photos} photos; limits and index in turn`)
  for (let round = 1; round <= rounds; round++) {
    const before = await measureLimits(Math.ceil(photos / 2))
    rmSync(library, { recursive: true, force: true })
    const run = await albumen('index', folder, '--library', library, '--model', sharedModel)
    const after = await measureLimits(Math.ceil(photos / 2))
    const limit = (limitOf(before) + limitOf(after)) / 2
    const speed = photos / run.seconds
    shares.push(speed / limit)
    speeds.push(speed)
    console.log(
      `round ${round}: decode ${mean(before.decode, after.decode)}/s, infer ${mean(before.infer, after.infer)}/s (batch ${after.batch}), ` +
        `limit ${limit.toFixed(2)}/s, index ${speed.toFixed(2)}/s = ${(speed / limit).toFixed(3)}, ` +
        `vision ${Math.round(run.visionMegabytes)} MB, engine ${Math.round(run.engineMegabytes)} MB`,
    )
  }
  console.log(
    `median: index ${median(speeds).toFixed(2)} photos/s, ${median(shares).toFixed(3)} of the limit`,
  )
}

const limitOf = ({ decode, infer }: Limits) => 1 / (1 / decode + 1 / infer)
const mean = (a: number, b: number) => ((a + b) / 2).toFixed(1)
