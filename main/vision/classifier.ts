import { messageOf } from '../../contract/errors.ts'
import { packFeatures } from '../../models/features.ts'
import { type Execution, onCpu, type Provider } from '../rpc/execution.ts'
import type { Prediction, Retreat, VisionModel } from '../rpc/visionCommands.ts'
import type { Pixels } from './decode.ts'
import { fillPlanes, normalisationTables, topPredictions } from './scores.ts'
import {
  type FeatureMaps,
  firstSentence,
  type OpenSession,
  openSession,
  unusable,
} from './session.ts'

/** How many of a photo's classes are kept, best first. */
const TOP_K = 5

/** A run blocks this thread and cannot be stopped: whoever pauses waits for it. */
const LONGEST_CPU_RUN_MS = 500
/** Until it is known how long a run takes. */
const FIRST_CPU_BATCH = 4

/** What a model makes of a photo. */
export interface Classified {
  predictions: Prediction[]
  /** As `packFeatures` packs them; `null` for a model without. */
  features: Uint8Array | null
}

export interface Classifier {
  model: VisionModel
  /** How it runs now. */
  provider(): Provider
  batchSize(): number
  /**
   * `square`: `inputSize` wide and high. Resolves when its batch has run; rejects when `signal` was
   * aborted before that began.
   */
  classify(square: Pixels, signal?: AbortSignal): Promise<Classified>
  /** Runs what is waiting although the batch is not full. */
  flush(): void
  /** What the classifier weighs, and the maps that it weighs; `null` for a model without. */
  lookInside(square: Pixels): Promise<{ weights: Float32Array; maps: FeatureMaps } | null>
  close(): Promise<void>
}

export interface ClassifierOptions {
  model: VisionModel
  execution: Execution
  /** A run failed: it goes on in smaller batches, or on the CPU. */
  onRetreat: (retreat: Retreat) => void
  open?: OpenSession
}

interface Waiting {
  square: Pixels
  resolve: (classified: Classified) => void
  reject: (error: unknown) => void
}

/** Throws UserError for a model that cannot be run with the provider. */
export async function createClassifier(options: ClassifierOptions): Promise<Classifier> {
  const { model, execution, onRetreat, open = openSession } = options
  let session = await open(model, execution)
  let { provider } = execution
  let batchSize = session.fixedBatch ?? execution.batchSize
  const side = model.inputSize
  const planes = 3 * side * side
  const retreatExecution = onCpu(execution)
  const input = new Float32Array(Math.max(batchSize, retreatExecution.batchSize) * planes)
  const tables = normalisationTables(model)
  /** What runs soon enough on the CPU. */
  let quickBatch = FIRST_CPU_BATCH
  let queue: Waiting[] = []
  let running = false
  let flushing = false

  const batchNow = () =>
    provider === 'cpu' && session.fixedBatch === null ? Math.min(batchSize, quickBatch) : batchSize

  /** session.run blocks this thread: decoding goes on in libuv's threads meanwhile. */
  async function runBatches(): Promise<void> {
    if (running) return
    running = true
    while (queue.length >= batchNow() || (flushing && queue.length > 0)) {
      const batch = queue.splice(0, batchNow())
      await runBatch(batch)
      // Lets finished reads and decodes start their next step before the thread blocks again.
      await new Promise(setImmediate)
    }
    flushing = false
    running = false
  }

  async function runBatch(batch: Waiting[]): Promise<void> {
    try {
      fill(batch.map(({ square }) => square))
      const count = countFor(batch.length)
      const started = performance.now()
      const { classes, features } = await session.run(input, count)
      quickBatch = quickAmount((performance.now() - started) / count)
      const rowOf = (values: Float32Array, index: number) =>
        values.subarray((index * values.length) / count, ((index + 1) * values.length) / count)
      for (const [index, { resolve }] of batch.entries()) {
        resolve({
          predictions: topPredictions(rowOf(classes, index), model, TOP_K),
          features: features && packFeatures(rowOf(features, index)),
        })
      }
    } catch (error) {
      const retreated = await retreat(error)
      // Every photo arrives in the same shape: no photo is to blame.
      if (!retreated) for (const { reject } of batch) reject(unusable(model, error))
      else {
        queue.unshift(...batch)
        flushing = true
      }
    }
  }

  function fill(squares: readonly Pixels[]): void {
    for (const [index, { data }] of squares.entries()) {
      fillPlanes(input.subarray(index * planes, (index + 1) * planes), data, tables, model.channels)
    }
  }

  /**
   * A model of one batch size gets what the last one left in the rest, and so does a graphics
   * card: it prepares itself anew for every other shape.
   */
  const countFor = (photos: number) =>
    session.fixedBatch ?? (provider === 'cpu' ? photos : batchSize)

  /** Half the batch, then the CPU; `false` when there is no other way left. */
  async function retreat(error: unknown): Promise<boolean> {
    if (session.fixedBatch === null && batchSize > 1) batchSize = Math.floor(batchSize / 2)
    else if (provider === 'cpu') return false
    else {
      const lost = session
      try {
        session = await open(model, retreatExecution)
      } catch {
        return false
      }
      provider = 'cpu'
      batchSize = session.fixedBatch ?? retreatExecution.batchSize
      await lost.release().catch(() => {})
    }
    onRetreat({ provider, batchSize, reason: firstSentence(messageOf(error)) })
    return true
  }

  return {
    model,
    provider: () => provider,
    batchSize: () => batchSize,
    classify: (square, signal) =>
      new Promise((resolve, reject) => {
        const waiting = { square, resolve, reject }
        signal?.addEventListener('abort', () => {
          const at = queue.indexOf(waiting)
          if (at === -1) return
          queue.splice(at, 1)
          reject(signal.reason)
        })
        queue.push(waiting)
        void runBatches()
      }),
    flush() {
      flushing = queue.length > 0
      void runBatches()
    },
    async lookInside(square) {
      const { inside } = session
      if (!inside) return null
      // A buffer of its own: a batch may be running out of the other.
      const count = session.fixedBatch ?? 1
      const alone = new Float32Array(count * planes)
      fillPlanes(alone.subarray(0, planes), square.data, tables, model.channels)
      return { weights: inside.weights, maps: await inside.maps(alone, count) }
    },
    async close() {
      for (const { reject } of queue) reject(new Error('The model was unloaded.'))
      queue = []
      await session.release()
    },
  }
}

/** A power of two, so that few sizes are met: ONNX Runtime keeps a plan of memory for each. */
const quickAmount = (photoMs: number) =>
  2 ** Math.max(0, Math.floor(Math.log2(LONGEST_CPU_RUN_MS / photoMs)))
