import { existsSync, statfsSync } from 'node:fs'
import { freemem, release, totalmem, type } from 'node:os'
import { dirname } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { GraphicsCard, ProviderCandidate } from '../../contract/domain.ts'
import { UserError } from '../../contract/errors.ts'
import { type Machine, thisMachine } from '../engine/acceleration/machine.ts'
import { measureProviders } from '../engine/acceleration/measure.ts'
import { startProbe } from '../engine/acceleration/probeProcess.ts'
import { readAcceleration, writeAcceleration } from '../engine/db/acceleration.ts'
import { type LibraryDatabase, libraryFile, openLibrary } from '../engine/db/open.ts'
import { isSound } from '../engine/db/soundness.ts'
import { failureOf } from '../engine/library/failure.ts'
import { findModelFile, readModel, visionModel } from '../engine/tags/currentModel.ts'
import { int8Variant } from '../engine/tags/int8Variant.ts'
import { modelDirectories } from '../engine/tags/modelDirectories.ts'
import { processEntry } from '../processes/entries.ts'
import { forkVision } from '../processes/vision.ts'
import type { VisionLibraries } from '../rpc/visionCommands.ts'
import type { CommonOptions } from './index.ts'
import { createStatusLine } from './statusLine.ts'
import { version } from './version.ts'

const SOON_MS = 30_000

/** What `albumen doctor --json` prints. Sizes are bytes. */
export interface Checkup {
  albumen: string
  node: string
  system: string
  processor: string
  memory: { total: number; free: number }
  graphics: GraphicsCard[]
  libraries: Pick<VisionLibraries, 'onnxruntime' | 'sharp' | 'libvips'> | null
  library: { path: string; state: 'none' | 'sound' | 'damaged'; free: number }
  model: { id: string; name: string; file: string } | null
  /** Empty without a model. */
  candidates: ProviderCandidate[]
  /** What is wrong, each with what to do. */
  problems: string[]
}

/** Looks at what Albumen runs on. With `measure`, every way to run the model is measured anew. */
export async function runDoctor(options: CommonOptions & { measure: boolean }): Promise<void> {
  const line = createStatusLine(process.stderr)
  const known = existsSync(libraryFile(options.library))
  const library = known ? openLibrary(options.library, 'shared') : null
  try {
    line.show('Looking at this machine…')
    const graphics = await thisMachine.graphics().catch(() => [])
    const checkup = await examine(options, { library, graphics, tell: line.show })
    line.end()
    console.log(options.json ? JSON.stringify(checkup) : inWords(checkup))
    if (checkup.problems.length > 0) process.exitCode = 1
  } finally {
    line.end()
    library?.close()
  }
}

interface Surroundings {
  library: LibraryDatabase | null
  graphics: GraphicsCard[]
  tell: (text: string) => void
}

async function examine(
  options: CommonOptions & { measure: boolean },
  { library, graphics, tell }: Surroundings,
): Promise<Checkup> {
  const problems: string[] = []
  const state = library ? soundness(library.db) : 'none'
  if (state === 'damaged') {
    problems.push(failureOf('damaged', options.library, 'SQLite finds pages out of place').message)
  }
  const checkup: Checkup = {
    albumen: version(),
    node: process.version,
    system: `${type()} ${release()}`,
    processor: thisMachine.processor,
    memory: { total: totalmem(), free: freemem() },
    graphics,
    libraries: null,
    library: { path: options.library, state, free: freeSpace(options.library) },
    model: null,
    candidates: [],
    problems,
  }
  try {
    checkup.libraries = await visionLibraries()
    const model = await modelOf(options, library)
    if (!model) return checkup
    const { id, name, sha256 } = model.manifest
    checkup.model = { id, name, file: model.file }
    const stored = library && readAcceleration(library.db, sha256)
    const valid = stored && isValid(stored, thisMachine, graphics)
    if (valid && !options.measure) return { ...checkup, candidates: stored.candidates }
    tell('Measuring what runs the model…')
    const int8 = await int8Variant(library?.db ?? null, model)
    const measured = await measureProviders({
      model: visionModel(model),
      int8: int8 instanceof UserError ? int8 : int8 && visionModel(int8),
      evenAlone: true,
      candidates: thisMachine.candidates,
      start: forkVision(processEntry('vision'), null),
      quiet: async () => () => {},
      signal: AbortSignal.any([]),
    })
    const report = {
      ...measured,
      ...{ graphics, processor: thisMachine.processor },
      measuredAt: new Date().toISOString(),
    }
    if (library?.readOnly === null) writeAcceleration(library.db, sha256, report)
    return { ...checkup, candidates: measured.candidates }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    problems.push(error.message)
    return checkup
  }
}

const isValid = (
  stored: NonNullable<ReturnType<typeof readAcceleration>>,
  { processor, runtime }: Machine,
  graphics: GraphicsCard[],
) =>
  stored.processor === processor &&
  stored.runtime === runtime &&
  JSON.stringify(stored.graphics) === JSON.stringify(graphics)

async function modelOf(options: CommonOptions, library: LibraryDatabase | null) {
  const directories = modelDirectories(options.library)
  const db = library?.db ?? null
  const file = findModelFile(db, options.model, directories)
  return file === null ? null : readModel(db, file, options)
}

async function visionLibraries(): Promise<VisionLibraries> {
  const process = await startProbe(
    forkVision(processEntry('vision'), null),
    new AbortController().signal,
  )
  try {
    return await process.call<VisionLibraries>('libraries', {}, SOON_MS)
  } finally {
    process.close()
  }
}

const soundness = (db: Database) => (isSound(db, 'main') ? 'sound' : 'damaged')

function freeSpace(path: string): number {
  let existing = path
  while (!existsSync(existing) && existing !== dirname(existing)) existing = dirname(existing)
  const { bavail, bsize } = statfsSync(existing)
  return bavail * bsize
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

function inWords(checkup: Checkup): string {
  const { libraries, library, model, memory } = checkup
  const states = { none: 'not made yet', sound: 'sound', damaged: 'damaged' }
  const cards = checkup.graphics.map(({ name, driver }) =>
    driver === null ? name : `${name} (driver ${driver})`,
  )
  const rows: [string, string][] = [
    ['Albumen', `${checkup.albumen}, Node ${checkup.node}`],
    ['System', checkup.system],
    ['Processor', checkup.processor],
    ['Memory', `${gigabytes(memory.total)}, ${gigabytes(memory.free)} free`],
    ['Graphics', cards.join('; ') || 'the system names none'],
    ...(libraries
      ? ([
          ['ONNX Runtime', libraries.onnxruntime],
          ['sharp', `${libraries.sharp}, libvips ${libraries.libvips}`],
        ] satisfies [string, string][])
      : []),
    ['Library', `${library.path}: ${states[library.state]}, ${gigabytes(library.free)} free`],
    ['Model', model ? `${model.name} (${model.file})` : 'none'],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return [
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    ...(checkup.candidates.length > 0 ? ['', 'What can run the model:'] : []),
    ...checkup.candidates.map(candidateInWords),
    ...(checkup.problems.length > 0 ? ['', ...checkup.problems] : []),
  ].join('\n')
}

function candidateInWords({ provider, outcome, reason, ...rest }: ProviderCandidate): string {
  const { photosPerSecond, batchSize } = rest
  const speed =
    photosPerSecond === null
      ? ''
      : `, ${Number(photosPerSecond.toPrecision(3))} photos a second in batches of ${batchSize}`
  const mark = outcome === 'chosen' ? '*' : ' '
  return `${mark} ${provider.padEnd(9)} ${outcome}${speed}. ${reason}`
}
