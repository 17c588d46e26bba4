/**
 * @file Classifies photos with @huggingface/transformers, as its documentation shows: one JSON line.
 * Arguments: folder of the prepared model, folder of photos, photos that go together.
 */
import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { env, pipeline } from '@huggingface/transformers'

const [model = '', folder = '', together = '1'] = process.argv.slice(2)
env.allowRemoteModels = false
env.localModelPath = dirname(model)

const started = performance.now()
const classify = await pipeline('image-classification', basename(model), {
  device: 'cpu',
  dtype: 'fp32',
})
const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.jpe?g$/i.test(name))
  .sort()
  .map((name) => join(folder, name))
const size = Number(together)
const best = {}
for (let at = 0; at < paths.length; at += size) {
  const batch = paths.slice(at, at + size)
  const answers = await classify(batch, { top_k: 5 })
  for (const [index, path] of batch.entries()) best[path] = answers[index]?.[0]?.label ?? ''
}
const seconds = (performance.now() - started) / 1000
const right = paths.filter((path) => basename(path).startsWith(best[path] ?? '?')).length
console.log(JSON.stringify({ photos: paths.length, seconds, right }))
