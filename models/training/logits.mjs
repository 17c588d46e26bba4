// Runs an ONNX model over the validation photos with ONNX Runtime, as the app will, and writes its logits:
//   node logits.mjs MODEL.onnx /var/tmp/albumen-training LOGITS.bin
// LOGITS.bin: float32 [photos, classes], in the order of the validation photos. Prints accuracy and speed.
import { open, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { InferenceSession, Tensor } from 'onnxruntime-node'

const SIDE = 64
const BYTES = SIDE * SIDE * 3
const BATCH = 64
const MEAN = [0.485, 0.456, 0.406]
const STD = [0.229, 0.224, 0.225]

const [modelPath, trainingFolder, logitsPath] = process.argv.slice(2)
const cache = join(trainingFolder, 'cache')

/** Where an .npy file's values begin: after magic, version, and a header whose length stands at byte 8. */
const valuesStart = (bytes) => 10 + bytes.readUInt16LE(8)

const heldOut = await readFile(join(cache, 'validation.npy'))
const labelBytes = await readFile(join(cache, 'labels.npy'))
const rows = []
for (let row = 0, at = valuesStart(heldOut); at < heldOut.length; row++, at++) {
  if (heldOut[at]) rows.push(row)
}
const labels = rows.map((row) =>
  Number(labelBytes.readBigInt64LE(valuesStart(labelBytes) + row * 8)),
)

const photos = await open(join(cache, 'photos.npy'))
const header = Buffer.alloc(10)
await photos.read(header, 0, 10, 0)
const photosStart = valuesStart(header)

const session = await InferenceSession.create(modelPath, {
  intraOpNumThreads: availableParallelism(),
})
const pixels = Buffer.alloc(BYTES)
const parts = []
let running = 0
for (let first = 0; first < rows.length; first += BATCH) {
  const batch = rows.slice(first, first + BATCH)
  const planes = new Float32Array(batch.length * BYTES)
  for (const [position, row] of batch.entries()) {
    await photos.read(pixels, 0, BYTES, photosStart + row * BYTES)
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        planes[position * BYTES + channel * SIDE * SIDE + pixel] =
          (pixels[pixel * 3 + channel] / 255 - MEAN[channel]) / STD[channel]
      }
    }
  }
  const started = performance.now()
  const { logits } = await session.run({
    input: new Tensor('float32', planes, [batch.length, 3, SIDE, SIDE]),
  })
  running += performance.now() - started
  parts.push(logits.data)
}
await photos.close()

const classes = parts[0].length / Math.min(BATCH, rows.length)
const logits = new Float32Array(rows.length * classes)
let offset = 0
for (const part of parts) {
  logits.set(part, offset)
  offset += part.length
}
await writeFile(logitsPath, new Uint8Array(logits.buffer))

let first = 0
let amongFive = 0
for (const [position, label] of labels.entries()) {
  const row = logits.subarray(position * classes, (position + 1) * classes)
  let better = 0
  for (const value of row) if (value > row[label]) better++
  if (better === 0) first++
  if (better < 5) amongFive++
}
const percent = (count) => `${((100 * count) / rows.length).toFixed(2)} %`
console.log(
  `${modelPath}: top-1 ${percent(first)}, top-5 ${percent(amongFive)} of ${rows.length}; ` +
    `${Math.round((1000 * rows.length) / running)} photos/s`,
)
