import type { ProviderCandidate } from '../../../contract/domain.ts'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { cpuExecution, type Provider } from '../../rpc/execution.ts'
import type { ProbeReport, VisionLibraries, VisionModel } from '../../rpc/visionCommands.ts'
import type { StartVision } from '../jobs/visionSupervisor.ts'
import type { CandidateProvider } from './candidates.ts'
import { CPU_INT8, judge, type Timing, type Trial, type Way } from './judge.ts'
import { type ProbeProcess, startProbe } from './probeProcess.ts'

export interface MeasureOptions {
  model: VisionModel
  /** Its int8 variant, where there is one and a person allows it; or why that cannot be used. */
  int8: VisionModel | UserError | null
  /** Whether the CPU is timed also where nothing else is to be had. */
  evenAlone: boolean
  candidates: readonly CandidateProvider[]
  start: StartVision
  /** Keeps the machine quiet while times are taken; resolves when it is. */
  quiet: () => Promise<() => void>
  signal: AbortSignal
}

export interface Measured {
  candidates: ProviderCandidate[]
  /** Version of ONNX Runtime. */
  runtime: string
}

const SOON_MS = 30_000
/** A graphics card prepares itself for a network during the first photo; ResNet-152 in half a minute. */
const OPEN_MS = 180_000
/** For the built-in pictures after the first. */
const PICTURES_MS = 10_000
const CPU_BATCHES = [1, 4, 16]
const BATCHES = [1, 8, 32, 64]
const RUNS = 3
/** A larger batch must bring this much more, or the smaller one is kept: it answers sooner. */
const WORTHWHILE = 1.05
/** A provider that took this many times as long as the CPU for a photo alone is not timed further. */
const HOPELESS = 8

/**
 * Tries every execution provider that this platform may have, each in a process of its own, on the
 * real model. Without any but the CPU nothing needs to be timed: there is nothing to choose.
 */
export async function measureProviders(options: MeasureOptions): Promise<Measured> {
  const { start, signal } = options
  const probes: ProbeProcess[] = []
  const probe = async () => {
    const started = await startProbe(start, signal)
    probes.push(started)
    return started
  }
  try {
    const cpu = await probe()
    const libraries = await cpu.call<VisionLibraries>('libraries', {}, SOON_MS)
    const opened: (Opened | Trial)[] = []
    for (const provider of options.candidates) {
      opened.push(await openCandidate(provider, options.model, libraries, probe))
    }
    if (options.int8) opened.push(await openInt8(options.int8, probe))
    const runtime = libraries.onnxruntime
    if (!opened.some(isOpen) && !options.evenAlone)
      return { runtime, candidates: [aloneOnCpu, ...opened.map(failed)] }
    return { runtime, candidates: await compare(cpu, opened, options) }
  } finally {
    for (const each of probes) each.close()
  }
}

interface Opened {
  provider: Way
  process: ProbeProcess
  report: ProbeReport
}

const isOpen = (candidate: Opened | Trial): candidate is Opened => 'process' in candidate

const aloneOnCpu: ProviderCandidate = {
  provider: 'cpu',
  outcome: 'chosen',
  reason: 'No other execution provider works on this machine.',
  photosPerSecond: null,
  batchSize: cpuExecution.batchSize,
  difference: null,
}

const failed = (trial: Opened | Trial): ProviderCandidate => ({
  provider: trial.provider,
  outcome: 'state' in trial && trial.state === 'unavailable' ? 'unavailable' : 'failed',
  reason: 'reason' in trial ? trial.reason : '',
  photosPerSecond: null,
  batchSize: null,
  difference: null,
})

async function openCandidate(
  provider: Provider,
  model: VisionModel,
  { providers }: VisionLibraries,
  probe: () => Promise<ProbeProcess>,
): Promise<Opened | Trial> {
  if (!providers.some(({ name }) => name === provider)) {
    const reason = 'ONNX Runtime was built without it for this platform.'
    return { provider, state: 'unavailable', reason }
  }
  return open(provider, { model, provider }, probe)
}

async function openInt8(
  model: VisionModel | UserError,
  probe: () => Promise<ProbeProcess>,
): Promise<Opened | Trial> {
  if (!(model instanceof UserError)) return open(CPU_INT8, { model, provider: 'cpu' }, probe)
  return { provider: CPU_INT8, state: 'failed', reason: model.message }
}

async function open(
  way: Way,
  input: { model: VisionModel; provider: Provider },
  probe: () => Promise<ProbeProcess>,
): Promise<Opened | Trial> {
  const process = await probe()
  try {
    const wanted = { ...input, maximumMs: PICTURES_MS }
    const report = await process.call<ProbeReport>('openProbe', wanted, OPEN_MS)
    return { provider: way, process, report }
  } catch (error) {
    process.close()
    return { provider: way, state: 'failed', reason: messageOf(error) }
  }
}

async function compare(
  cpuProcess: ProbeProcess,
  opened: readonly (Opened | Trial)[],
  { model, quiet }: MeasureOptions,
): Promise<ProviderCandidate[]> {
  const resume = await quiet()
  try {
    const input = { model, provider: 'cpu', maximumMs: PICTURES_MS }
    const { scores } = await cpuProcess.call<ProbeReport>('openProbe', input, OPEN_MS)
    const timing = await bestTiming(cpuProcess, CPU_BATCHES)
    const trials: Trial[] = []
    for (const each of opened) {
      trials.push(isOpen(each) ? await timed(each, timing) : each)
    }
    return judge({ provider: 'cpu', state: 'ran', scores, timing }, trials)
  } finally {
    resume()
  }
}

async function timed({ provider, process, report }: Opened, cpu: Timing): Promise<Trial> {
  const { scores, milliseconds } = report
  if (milliseconds > (HOPELESS * 1000) / cpu.photosPerSecond) {
    const timing = { batchSize: 1, photosPerSecond: 1000 / milliseconds }
    return { provider, state: 'ran', scores, timing }
  }
  try {
    const sizes = provider === CPU_INT8 ? CPU_BATCHES : BATCHES
    return { provider, state: 'ran', scores, timing: await bestTiming(process, sizes) }
  } catch (error) {
    return { provider, state: 'failed', reason: messageOf(error) }
  }
}

/** Grows the batch as long as that pays. */
async function bestTiming(process: ProbeProcess, sizes: readonly number[]): Promise<Timing> {
  let best: Timing | null = null
  for (const batchSize of sizes) {
    try {
      const input = { batchSize, runs: RUNS }
      const milliseconds = await process.call<number>('timeProbe', input, OPEN_MS)
      const photosPerSecond = 1000 / milliseconds
      if (best && photosPerSecond < best.photosPerSecond * WORTHWHILE) return best
      best = { batchSize, photosPerSecond }
    } catch (error) {
      // Too large a batch for its memory: the smaller one did.
      if (best) return best
      throw error
    }
  }
  if (!best) throw new Error('no batch size to try')
  return best
}
