import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import sharp from 'sharp'
import type { HeatMap } from '../../contract/domain.ts'
import { messageOf, UserError } from '../../contract/errors.ts'
import type { Execution, Provider } from '../rpc/execution.ts'
import type {
  LookOutcome,
  ModelReport,
  Prediction,
  ProbeReport,
  Retreat,
  UnreadableCode,
  VisionLibraries,
  VisionModel,
} from '../rpc/visionCommands.ts'
import { type Classifier, createClassifier } from './classifier.ts'
import { decodePhoto, MAXIMUM_PIXELS, renderPhoto, TooManyPixelsError } from './decode.ts'
import { recogniseFormat } from './formats.ts'
import { createGate } from './gate.ts'
import { activationMap, seenRegion } from './heatMap.ts'
import { readMetadata } from './metadata.ts'
import { openProbe, type Probe } from './probe.ts'
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
  look(input: { path: string; classify: boolean }): Promise<LookOutcome>
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

  /** Resolves as soon as the photo is decoded; its `predictions` come when its batch has run. */
  async function decodeAndQueue(path: string, model: Classifier | null): Promise<Queued> {
    decoding++
    try {
      const decoded = await decodeFile(path, model)
      if (decoded.state !== 'decoded') return { outcome: decoded, predictions: null }
      const { seen, square } = decoded
      return { outcome: seen, predictions: model && square ? model.classify(square) : null }
    } finally {
      decoding--
      // When nothing is being decoded any more, a batch that is not full will never be.
      if (decoding === 0) classifier?.flush()
    }
  }

  return {
    async loadModel({ model, execution }) {
      const next = model && (await createClassifier({ model, execution, onRetreat }))
      const before = classifier
      classifier = next
      await before?.close()
      return next && { provider: next.provider(), batchSize: next.batchSize() }
    },

    async heatMap({ path, output }) {
      const model = classifier
      if (!model) throw new Error('heatMap: no model is loaded')
      const decoded = await decodeFile(path, model)
      if (decoded.state !== 'decoded' || !decoded.square) return null
      const inside = await model.lookInside(decoded.square)
      if (!inside) throw withoutHeatMap()
      const region = seenRegion(decoded.seen, model.model)
      return { ...activationMap(inside.maps, inside.weights, output), region }
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

    async look({ path, classify }) {
      const model = classify ? classifier : null
      if (classify && !model) throw new Error('look: no model is loaded')
      const size = await sizeOf(path)
      if (typeof size !== 'number') return size
      if (size === 0) return unreadable('empty', 'The file is empty.')
      if (size > MAXIMUM_BYTES) {
        return unreadable('too-large', 'The file is larger than 1 GB, which no photo should be.')
      }
      const release = await bytesGate.enter(size)
      const { outcome, predictions } = await decodeAndQueue(path, model).finally(release)
      if (outcome.state !== 'seen') return outcome
      return { ...outcome, predictions: await predictions }
    },

    async render({ path, maximumSide }) {
      try {
        const bytes = await readFile(path)
        const recognised = recogniseFormat(bytes)
        if (recognised.kind !== 'photo') return null
        return await renderPhoto(bytes, recognised.format, maximumSide)
      } catch {
        return null
      }
    },
  }
}

const withoutHeatMap = () =>
  new UserError(
    'no-heat-map',
    'This model cannot show where it saw a tag: choose a ResNet for that.',
  )

interface Queued {
  outcome: LookOutcome
  predictions: Promise<Prediction[]> | null
}

type Seen = Extract<LookOutcome, { state: 'seen' }>
type Decoded =
  | Exclude<LookOutcome, Seen>
  | { state: 'decoded'; seen: Seen; square: Awaited<ReturnType<typeof decodePhoto>>['square'] }

async function decodeFile(path: string, classifier: Classifier | null): Promise<Decoded> {
  const bytes = await readPhoto(path)
  if (!Buffer.isBuffer(bytes)) return bytes
  const recognised = recogniseFormat(bytes)
  if (recognised.kind === 'unknown') {
    return unreadable('not-a-photo', 'The file does not hold a picture of a format Albumen knows.')
  }
  if (recognised.kind === 'unsupported') {
    return unreadable('unsupported-format', `${recognised.name} files are not supported.`)
  }
  try {
    const { format } = recognised
    const { width, height, thumbnail, square } = await decodePhoto(
      bytes,
      format,
      classifier?.model ?? null,
    )
    const contentHash = createHash('sha256').update(bytes).digest()
    const metadata = readMetadata(bytes)
    const seen = { contentHash, format, width, height, metadata, thumbnail, predictions: null }
    return { state: 'decoded', seen: { state: 'seen', ...seen }, square }
  } catch (error) {
    return whyUndecodable(error)
  }
}

async function sizeOf(path: string): Promise<number | LookOutcome> {
  try {
    return (await stat(path)).size
  } catch (error) {
    return whyUnopenable(error)
  }
}

async function readPhoto(path: string): Promise<Buffer | Exclude<LookOutcome, Seen>> {
  try {
    return await readFile(path)
  } catch (error) {
    return whyUnopenable(error)
  }
}

const unreadable = (code: UnreadableCode, reason: string) =>
  ({ state: 'unreadable', code, reason }) as const

function whyUnopenable(error: unknown): Exclude<LookOutcome, Seen> {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EACCES' || code === 'EPERM') {
    return unreadable('no-permission', 'Albumen may not read the file: check its permissions.')
  }
  if (code === 'EIO') return unreadable('damaged', 'The disk reports an error reading the file.')
  return { state: 'missing' }
}

function whyUndecodable(error: unknown): Exclude<LookOutcome, Seen> {
  const message = messageOf(error).split('\n')[0] ?? ''
  if (error instanceof TooManyPixelsError) {
    const limit = MAXIMUM_PIXELS / 1e6
    return unreadable(
      'too-many-pixels',
      `The picture has ${message}, over the limit of ${limit} million.`,
    )
  }
  if (/timeout/i.test(message)) {
    return unreadable('too-slow', 'Decoding took over a minute and was stopped.')
  }
  return unreadable('damaged', `The picture cannot be decoded: ${message}.`)
}
