/** @file What decoding alone and inference alone reach on this machine: one JSON line. */
import { availableParallelism } from 'node:os'
import { visionModel } from '../main/engine/tags/currentModel.ts'
import { decodePhoto } from '../main/vision/decode.ts'
import { openSession } from '../main/vision/session.ts'
import { loadModel } from '../models/manifest.ts'
import { imagenet1kLabels } from '../models/taxonomy/taxonomy.ts'
import { loadPhotos, sharedModel } from './photos.ts'

const photos = Number(process.argv[2])
const rule = { resize: 256, inputSize: 224 }
const BATCHES = [1, 4, 16]

async function decodeSpeed(): Promise<number> {
  const originals = loadPhotos()
  let next = 0
  const worker = async () => {
    while (next < photos) {
      const bytes = originals[next++ % originals.length] as Buffer
      await decodePhoto(bytes, 'jpeg', rule)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker))
  return (photos * 1000) / (performance.now() - started)
}

async function inferSpeed(): Promise<{ infer: number; batch: number }> {
  const model = visionModel(await loadModel(sharedModel, { imagenetLabels: imagenet1kLabels }))
  const session = await openSession(model, { provider: 'cpu', threads: availableParallelism() })
  const side = rule.inputSize
  const input = Float32Array.from({ length: Math.max(...BATCHES) * 3 * side * side }, Math.random)
  const speeds = BATCHES.map((batch) => ({ batch, done: 0, milliseconds: 0 }))
  // In turn, so that a disturbance does not hit one batch size alone.
  for (let total = -1; total < photos / 4 / BATCHES.length; total++) {
    for (const speed of speeds) {
      const started = performance.now()
      await session.run(input, speed.batch)
      if (total < 0) continue
      speed.milliseconds += performance.now() - started
      speed.done += speed.batch
    }
  }
  const perSecond = ({ done, milliseconds }: (typeof speeds)[number]) =>
    (done * 1000) / milliseconds
  const best = speeds.reduce((a, b) => (perSecond(b) > perSecond(a) ? b : a))
  return { infer: perSecond(best), batch: best.batch }
}

console.log(JSON.stringify({ decode: await decodeSpeed(), ...(await inferSpeed()) }))
