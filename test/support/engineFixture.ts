/** An engine on a real library in a folder of its own, with photos beside it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import {
  type EngineCommandName,
  engineCommands,
  type OutputOf,
  type RawInputOf,
} from '../../contract/commands.ts'
import type { ModelStatus, PhotoCard, PhotoDetail } from '../../contract/domain.ts'
import { UserError } from '../../contract/errors.ts'
import { type Machine, thisMachine } from '../../main/engine/acceleration/machine.ts'
import { openLibrary } from '../../main/engine/db/open.ts'
import {
  createEngine,
  type Engine,
  type EngineParts,
  systemClock,
} from '../../main/engine/engine.ts'
import type { StartVision, VisionProcess } from '../../main/engine/jobs/visionSupervisor.ts'
import { createSearch } from '../../main/engine/search/search.ts'
import { currentModelId } from '../../main/engine/tags/currentModel.ts'
import { backupThreadEntry } from '../../main/processes/entries.ts'
import { loadTaxonomy } from '../../models/taxonomy/taxonomy.ts'
import { inProcessVision } from './inProcessVision.ts'
import { writePicture, writeSmallModel } from './pictures.ts'

const taxonomy = loadTaxonomy()

export interface OpenEngine {
  engine: Engine
  db: Database
  /** Paths that vision was asked to look at, in order. */
  looks: string[]
  log: string[]
  /** The vision process of now. */
  vision(): VisionProcess
  ask<Name extends EngineCommandName>(
    name: Name,
    input: RawInputOf<Name>,
  ): Promise<Awaited<OutputOf<Name>>>
  /** `null`: the one used last. */
  useModel(model: string | null): Promise<ModelStatus>
  /** Adds the folder of photos, or another, and waits until all that can be done is done. */
  index(path?: string): Promise<void>
  rescan(): Promise<void>
  /** Files are found, but not read, until `resumeJobs`. */
  readNothing(): void
  /** Photos by file name. */
  cards(query?: string): PhotoCard[]
  names(query?: string): string[]
  /** The photo of a name. */
  detail(name: string): Promise<PhotoDetail>
  close(): void
}

export interface OpenOptions {
  model?: string | null
  startVision?: StartVision
  startProbe?: StartVision
  machine?: Partial<Machine>
  /** Without it, changes are found by scans alone. */
  watch?: EngineParts['watch']
}

/** Has nothing but its processor. */
const quietMachine: Machine = {
  candidates: [],
  processor: 'of the tests',
  runtime: thisMachine.runtime,
  graphics: async () => [],
}

export interface EngineFixture {
  root: string
  photos: string
  library: string
  /** Path of a small model. */
  model: string
  /** Writes a picture into the folder of photos; each `seed` has bytes of its own. */
  picture(name: string, seed: number): Promise<string>
  /** `model`: `null` for the one used last, if there was one. */
  open(options?: OpenOptions): Promise<OpenEngine>
  remove(): void
}

export function createEngineFixture(): EngineFixture {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'albumen-engine-test-')))
  const photos = join(root, 'photos')
  const library = join(root, 'library')
  mkdirSync(photos)
  const model = writeSmallModel(join(root, 'models'), 'small', 1)
  const opened = new Set<OpenEngine>()
  return {
    root,
    photos,
    library,
    model,
    async picture(name, seed) {
      const path = join(photos, name)
      await writePicture(path, seed)
      return path
    },
    async open(options = {}) {
      const engine = openEngine(library, photos, options)
      opened.add(engine)
      const wanted = options.model === undefined ? model : options.model
      await engine.useModel(wanted)
      return engine
    },
    remove() {
      for (const engine of opened) engine.close()
      rmSync(root, { recursive: true, maxRetries: 5 })
    },
  }
}

function openEngine(library: string, photos: string, options: OpenOptions): OpenEngine {
  const { startVision = inProcessVision } = options
  const looks: string[] = []
  const log: string[] = []
  let vision: VisionProcess | undefined
  const opened = openLibrary(library)
  const { db } = opened
  const engine = createEngine({
    library: opened,
    startVision: async () => {
      const started = await startVision()
      vision = started
      return { ...started, channel: { ...started.channel, send: spyOnLooks(started, looks) } }
    },
    startProbe: options.startProbe ?? inProcessVision,
    machine: { ...quietMachine, ...options.machine },
    // The models that Albumen brings stay out of these tests.
    modelDirectories: [],
    catalog: [],
    backupThread: backupThreadEntry(),
    clock: systemClock,
    watch: options.watch ?? null,
    log: (line) => log.push(line),
  })
  const context = { signal: new AbortController().signal, onProgress: () => {} }
  const ask: OpenEngine['ask'] = async (name, input) =>
    (await engine.handlers[name](
      engineCommands[name].input.parse(input) as never,
      context as never,
    )) as never
  // The engine's own search keeps its results until it tells that they are stale, up to a second.
  const cards = (query = '') =>
    createSearch({ db, taxonomy, currentModelId: () => currentModelId(db) }).page(
      query,
      'name',
      0,
      1000,
    )
  let open = true
  return {
    engine,
    db,
    looks,
    log,
    vision() {
      if (!vision) throw new Error('vision was not started')
      return vision
    },
    ask,
    useModel: (model) => engine.useModel({ model, anyArchitecture: false }),
    async index(path = photos) {
      engine.indexFolder(path)
      await engine.idle()
    },
    async rescan() {
      engine.scan()
      await engine.idle()
    },
    readNothing: () => engine.stopWork(new UserError('busy', 'Nothing is read for now.')),
    cards,
    names: (query) => cards(query).map(({ name }) => name),
    async detail(name) {
      const found = cards().find((card) => card.name === name)
      const detail = found && (await ask('photoDetail', { id: found.id }))
      if (!detail) throw new Error(`there is no photo ${name}`)
      return detail
    },
    close() {
      if (open) engine.close()
      open = false
    },
  }
}

const spyOnLooks =
  ({ channel }: VisionProcess, looks: string[]): VisionProcess['channel']['send'] =>
  (message) => {
    if (message.type === 'call' && message.name === 'look') {
      looks.push((message.input as { path: string }).path)
    }
    channel.send(message)
  }
