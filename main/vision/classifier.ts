import { availableParallelism } from 'node:os'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { messageOf, UserError } from '../../contract/errors.ts'
import type { ModelReport, Prediction, VisionModel } from '../rpc/visionCommands.ts'
import type { Pixels } from './decode.ts'

/** How many of a photo's classes are kept, best first. */
const TOP_K = 5
/** On a CPU a larger batch is no faster (measured 1 to 32, ResNet-18) and takes more memory. */
const CPU_BATCH = 4

export interface Classifier extends ModelReport {
  model: VisionModel
  /** `square`: `inputSize` wide and high. Resolves when its batch has run. */
  classify(square: Pixels): Promise<Prediction[]>
  /** Runs what is waiting although the batch is not full. */
  flush(): void
  close(): Promise<void>
}

interface Waiting {
  square: Pixels
  resolve: (predictions: Prediction[]) => void
  reject: (error: unknown) => void
}

/** Throws UserError for a file that ONNX Runtime cannot run. */
export async function createClassifier(model: VisionModel): Promise<Classifier> {
  const session = await openSession(model)
  const side = model.inputSize
  const planes = 3 * side * side
  const fixed = fixedBatch(session, model)
  const batchSize = fixed ?? CPU_BATCH
  const input = new Float32Array(batchSize * planes)
  const tables = normalisationTables(model)
  let queue: Waiting[] = []
  let running = false
  let flushing = false

  /** session.run blocks this thread: decoding goes on in libuv's threads meanwhile. */
  async function runBatches(): Promise<void> {
    if (running) return
    running = true
    while (queue.length >= batchSize || (flushing && queue.length > 0)) {
      const batch = queue.splice(0, batchSize)
      await runBatch(batch)
      // Lets finished reads and decodes start their next step before the thread blocks again.
      await new Promise(setImmediate)
    }
    flushing = false
    running = false
  }

  async function runBatch(batch: Waiting[]): Promise<void> {
    try {
      for (const [index, { square }] of batch.entries()) {
        const place = input.subarray(index * planes, (index + 1) * planes)
        fillPlanes(place, square.data, tables, model.channels)
      }
      // A model that takes batches of one size gets what the last one left in the rest.
      const count = fixed ?? batch.length
      const tensor = new Tensor('float32', input.subarray(0, count * planes), [
        count,
        3,
        side,
        side,
      ])
      const outputs = await session.run({ [model.inputName]: tensor }, [model.outputName])
      const values = outputs[model.outputName]?.data as Float32Array
      const classes = values.length / count
      for (const [index, { resolve }] of batch.entries()) {
        const row = values.subarray(index * classes, (index + 1) * classes)
        resolve(topPredictions(row, model, TOP_K))
      }
    } catch (error) {
      // Every photo arrives in the same shape: no photo is to blame.
      for (const { reject } of batch) reject(unusable(model, error))
    }
  }

  return {
    model,
    provider: 'cpu',
    batchSize,
    classify: (square) =>
      new Promise((resolve, reject) => {
        queue.push({ square, resolve, reject })
        void runBatches()
      }),
    flush() {
      flushing = queue.length > 0
      void runBatches()
    },
    async close() {
      for (const { reject } of queue) reject(new Error('The model was unloaded.'))
      queue = []
      await session.release()
    },
  }
}

async function openSession(model: VisionModel): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model.file, {
      executionProviders: ['cpu'],
      intraOpNumThreads: availableParallelism(),
      interOpNumThreads: 1,
      // Threads that spin while they wait would take the cores from the decoders.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
  } catch (error) {
    throw unusable(model, error)
  }
}

const unusable = (model: VisionModel, error: unknown) =>
  new UserError(
    'model-unusable',
    `${model.file} cannot be run by ONNX Runtime (${messageOf(error)}): choose another model.`,
    { cause: error },
  )

/**
 * How many photos a model insists on getting at once; `null`: any number. The Caffe2 ResNets of the
 * ONNX model zoo leave it open at the input and fix it at the output: a reshape before the
 * classifier names it.
 */
function fixedBatch(
  { inputMetadata, outputMetadata }: InferenceSession,
  { inputName, outputName }: VisionModel,
): number | null {
  for (const value of [...inputMetadata, ...outputMetadata]) {
    if (value.name !== inputName && value.name !== outputName) continue
    const first = value.isTensor ? value.shape[0] : undefined
    if (typeof first === 'number' && first > 0) return first
  }
  return null
}

/** For each RGB channel, the float that each byte becomes: (byte / 255 - mean) / std. */
export function normalisationTables({
  mean,
  std,
}: Pick<VisionModel, 'mean' | 'std'>): Float32Array[] {
  return mean.map((offset, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - offset) / (std[channel] ?? 1)),
  )
}

/**
 * Writes one photo as [3, height, width] floats, the planes in the order of `channels`.
 * `pixels`: RGB, row-major, uint8, [height, width, 3]. `planes`: as long as `pixels`.
 */
export function fillPlanes(
  planes: Float32Array,
  pixels: Uint8Array,
  tables: Float32Array[],
  channels: VisionModel['channels'],
): void {
  const size = planes.length / 3
  const [red, green, blue] = tables
  if (!red || !green || !blue) throw new Error('three channels needed')
  const redPlane = channels === 'rgb' ? 0 : 2 * size
  const bluePlane = 2 * size - redPlane
  for (let at = 0, from = 0; at < size; at++, from += 3) {
    planes[redPlane + at] = red[pixels[from] as number] as number
    planes[at + size] = green[pixels[from + 1] as number] as number
    planes[bluePlane + at] = blue[pixels[from + 2] as number] as number
  }
}

/** The `count` best classes of one row of outputs, best first; what is no number is none. */
export function topPredictions(
  row: Float32Array,
  { outputKind, temperature }: Pick<VisionModel, 'outputKind' | 'temperature'>,
  count: number,
): Prediction[] {
  const scores = outputKind === 'logits' ? softmax(row, temperature) : row
  const best: Prediction[] = []
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] as number
    if (!Number.isFinite(score)) continue
    if (best.length === count && score <= (best[count - 1] as Prediction).score) continue
    let at = best.length
    while (at > 0 && (best[at - 1] as Prediction).score < score) at--
    best.splice(at, 0, { index, score })
    if (best.length > count) best.pop()
  }
  return best
}

function softmax(logits: Float32Array, temperature: number): Float64Array {
  let maximum = Number.NEGATIVE_INFINITY
  for (const logit of logits) if (logit > maximum) maximum = logit
  const exponentials = Float64Array.from(logits, (logit) =>
    Math.exp((logit - maximum) / temperature),
  )
  let sum = 0
  for (const value of exponentials) sum += value
  return exponentials.map((value) => value / sum)
}
