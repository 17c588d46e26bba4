import { cpuExecution, type Provider } from '../rpc/execution.ts'
import type { ProbeReport, VisionModel } from '../rpc/visionCommands.ts'
import { fillPlanes, normalisationTables, probabilities } from './scores.ts'
import { openSession } from './session.ts'
import { testPictures } from './testPictures.ts'

const PICTURES = 8

/** A model opened with one provider, to see whether it works and how fast. */
export interface Probe {
  report: ProbeReport
  /** Milliseconds a photo in batches of `batchSize`: the median of `runs`, after one to warm up. */
  time(batchSize: number, runs: number): Promise<number>
}

/**
 * Opens the model and runs the built-in pictures one by one: the first, whatever it takes, since
 * graphics cards prepare themselves during it, then for `maximumMs` at most.
 */
export async function openProbe(
  model: VisionModel,
  provider: Provider,
  maximumMs: number,
): Promise<Probe> {
  const session = await openSession(model, { ...cpuExecution, provider })
  const side = model.inputSize
  const planes = 3 * side * side
  const tables = normalisationTables(model)
  const fixed = session.fixedBatch
  const pictures = testPictures(side, PICTURES).map((pixels) => {
    const picture = new Float32Array(planes)
    fillPlanes(picture, pixels, tables, model.channels)
    return picture
  })

  /** The built-in pictures over and over. */
  function batchOf(count: number): Float32Array {
    const input = new Float32Array(count * planes)
    for (let at = 0; at < count; at++) input.set(pictures[at % PICTURES] ?? [], at * planes)
    return input
  }

  const scores: Float32Array[] = []
  let milliseconds = Number.POSITIVE_INFINITY
  let end = Number.POSITIVE_INFINITY
  for (const picture of pictures) {
    const input = new Float32Array((fixed ?? 1) * planes)
    input.set(picture)
    const start = performance.now()
    const { classes } = await session.run(input, fixed ?? 1)
    const took = performance.now() - start
    const row = classes.subarray(0, classes.length / (fixed ?? 1))
    scores.push(Float32Array.from(probabilities(row, model)))
    if (scores.length === 1) end = start + took + maximumMs
    else milliseconds = Math.min(milliseconds, took)
    if (performance.now() > end) break
  }
  return {
    report: { scores, milliseconds },
    async time(batchSize, runs) {
      const count = fixed ?? batchSize
      const input = batchOf(count)
      await session.run(input, count)
      const times: number[] = []
      for (let run = 0; run < runs; run++) {
        const start = performance.now()
        await session.run(input, count)
        times.push(performance.now() - start)
      }
      times.sort((a, b) => a - b)
      return (times[Math.floor(runs / 2)] as number) / count
    },
  }
}
