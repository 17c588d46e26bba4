import { constants, setPriority } from 'node:os'
import sharp from 'sharp'
import type { HeatMap } from '../../contract/domain.ts'
import { UserError } from '../../contract/errors.ts'
import type { Execution, Provider } from '../rpc/execution.ts'
import type {
  HashOutcome,
  LookOutcome,
  ModelReport,
  ProbeReport,
  Retreat,
  VisionLibraries,
  VisionModel,
} from '../rpc/visionCommands.ts'
import { type Classified, type Classifier, createClassifier } from './classifier.ts'
import type { Pixels } from './decode.ts'
import { createGate } from './gate.ts'
import { activationMap, seenRegion } from './heatMap.ts'
import {
  createFileDecoder,
  type Seen,
  stampOf,
  type Unseen,
  unreadable,
  versionOf,
} from './photoFile.ts'
import { openProbe, type Probe } from './probe.ts'
import { createExifTool } from './raw/exifTool.ts'
import { loadRuntime } from './session.ts'

const MAXIMUM_BYTES = 1_000_000_000
/** Bytes of photos held at once: a few large scans wait for each other, small ones do not. */
const BYTES_IN_FLIGHT = 192_000_000

export interface Vision {
  loadModel(input: { model: VisionModel | null; execution: Execution }): Promise<ModelReport | null>
  heatMap(input: { path: string; output: number }): Promise<HeatMap | null>
  libraries(): Promise<VisionLibraries>
  openProbe(input: {
    model: VisionModel
    provider: Provider
    maximumMs: number
  }): Promise<ProbeReport>
  timeProbe(input: { batchSize: number; runs: number }): Promise<number>
  /** `signal`: nobody waits for the answer any more, so what was not begun need not be. */
  look(
    input: { path: string; classify: boolean },
    context?: { signal: AbortSignal },
  ): Promise<LookOutcome>
  hash(input: { path: string }, context?: { signal: AbortSignal }): Promise<HashOutcome>
  render(input: { path: string; maximumSide: number }): Promise<Uint8Array | null>
}

export interface VisionOptions {
  /** A run failed: the model runs in another way from now on. */
  onRetreat?: (retreat: Retreat) => void
}

/**
 * Looks at photos: bytes in; identity, metadata, thumbnail and predictions out.
 * Ask for several photos at once: the next batch is decoded while one runs.
 */
export function createVision({ onRetreat = () => {} }: VisionOptions = {}): Vision {
  let probe: Probe | null = null
  let classifier: Classifier | null = null
  let decoding = 0
  const bytesGate = createGate(BYTES_IN_FLIGHT)
  const { decodeFile, hashFile, renderFile } = createFileDecoder(createExifTool())

  /** Resolves as soon as the photo is decoded; what it is `classified` as comes when its batch has run. */
  async function decodeAndQueue(
    path: string,
    model: Classifier | null,
    signal: AbortSignal,
  ): Promise<Queued> {
    decoding++
    try {
      signal.throwIfAborted()
      const queued: { classified: Promise<Classified> | null } = { classified: null }
      const onSquare = (square: Pixels) => {
        queued.classified = model?.classify(square, signal) ?? null
        // Whoever waits hears of it; nobody may be waiting yet, or any more.
        queued.classified?.catch(() => {})
      }
      const decoded = await decodeFile(path, model, { onSquare, signal })
      return decoded.state === 'decoded'
        ? { outcome: decoded.seen, ...queued }
        : { outcome: decoded, classified: null }
    } finally {
      decoding--
      // When nothing is being decoded any more, a batch that is not full will never be.
      if (decoding === 0) classifier?.flush()
    }
  }

  /** The photo that was looked into last: whoever asks for one of its tags may ask for the next. */
  let lookedInto: { key: string; model: Classifier; inside: Inside } | null = null

  async function lookInside(path: string, model: Classifier): Promise<Inside | null> {
    const key = `${path}\n${await versionOf(path)}`
    if (lookedInto?.key === key && lookedInto.model === model) return lookedInto.inside
    const decoded = await decodeFile(path, model)
    if (decoded.state !== 'decoded' || !decoded.square) return null
    const inside = await model.lookInside(decoded.square)
    if (!inside) throw withoutHeatMap()
    const region = seenRegion(decoded.seen, model.model)
    lookedInto = { key, model, inside: { ...inside, region } }
    return lookedInto.inside
  }

  return {
    async loadModel({ model, execution }) {
      if (execution.lowPriority) lowerPriority()
      const next = model && (await createClassifier({ model, execution, onRetreat }))
      const before = classifier
      classifier = next
      lookedInto = null
      await before?.close()
      return next && { provider: next.provider(), batchSize: next.batchSize() }
    },

    async heatMap({ path, output }) {
      const model = classifier
      if (!model) throw new Error('heatMap: no model is loaded')
      const looked = await lookInside(path, model)
      if (!looked) return null
      const { maps, weights, region } = looked
      return { ...activationMap(maps, weights, output), region }
    },

    async libraries() {
      const ort = await loadRuntime()
      return {
        onnxruntime: ort.env.versions.node ?? ort.env.versions.common,
        sharp: sharp.versions.sharp ?? 'unknown',
        libvips: sharp.versions.vips,
        providers: ort.listSupportedBackends(),
      }
    },

    async openProbe({ model, provider, maximumMs }) {
      probe = await openProbe(model, provider, maximumMs)
      return probe.report
    },

    async timeProbe({ batchSize, runs }) {
      if (!probe) throw new Error('timeProbe: no probe is open')
      return probe.time(batchSize, runs)
    },

    async look({ path, classify }, { signal } = unwatched) {
      const model = classify ? classifier : null
      if (classify && !model) throw new Error('look: no model is loaded')
      const read = await stampOf(path)
      if ('state' in read) return read
      const { size } = read
      if (size === 0) return unreadable('empty', 'The file is empty.')
      if (size > MAXIMUM_BYTES) return tooLarge()
      const release = await bytesGate.enter(size)
      const { outcome, classified } = await unlessAborted(
        decodeAndQueue(path, model, signal).finally(release),
        signal,
      )
      if (outcome.state !== 'seen') return outcome
      return { ...outcome, read, ...(await classified) }
    },

    async hash({ path }, { signal } = unwatched) {
      const read = await stampOf(path)
      if ('state' in read) return read
      const { size } = read
      if (size > MAXIMUM_BYTES) return tooLarge()
      const release = await bytesGate.enter(size)
      const hashing = async () => {
        // Those that waited for their turn are not begun.
        signal.throwIfAborted()
        return await hashFile(path, signal)
      }
      return await unlessAborted(hashing().finally(release), signal)
    },

    render: ({ path, maximumSide }) => renderFile(path, maximumSide),
  }
}

/** Of this process; where the system forbids it, it works on as it was. */
function lowerPriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW)
  } catch {}
}

const unwatched = { signal: new AbortController().signal }

/** Does not wait for what cannot be stopped, such as a decoder at work. */
const unlessAborted = <Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    }),
  ])

const tooLarge = () =>
  unreadable('too-large', 'The file is larger than 1 GB, which no photo should be.')

const withoutHeatMap = () =>
  new UserError(
    'no-heat-map',
    'This model cannot show where it saw a tag: choose a ResNet for that.',
  )

type Inside = NonNullable<Awaited<ReturnType<Classifier['lookInside']>>> & Pick<HeatMap, 'region'>

interface Queued {
  outcome: Seen | Unseen
  classified: Promise<Classified> | null
}
