import type { Database } from 'better-sqlite3'
import type { Acceleration, GraphicsCard, ModelStatus } from '../../../contract/domain.ts'
import { messageOf, UserError } from '../../../contract/errors.ts'
import type { LoadedModel } from '../../../models/manifest.ts'
import { cpuExecution, type Execution, provider } from '../../rpc/execution.ts'
import type { Retreat } from '../../rpc/visionCommands.ts'
import type { Machine } from '../acceleration/machine.ts'
import { measureProviders } from '../acceleration/measure.ts'
import { readAcceleration, type StoredAcceleration, writeAcceleration } from '../db/acceleration.ts'
import { writeSetting } from '../db/settings.ts'
import type { Runner } from '../jobs/runner.ts'
import type { StartVision, VisionSupervisor } from '../jobs/visionSupervisor.ts'
import {
  adoptModel,
  failedModel,
  findModelFile,
  type ModelChoice,
  type ModelDirectories,
  noModel,
  provenProvider,
  readModel,
  visionModel,
} from './currentModel.ts'

export interface ModelInUseOptions {
  db: Database
  vision: VisionSupervisor
  /** For trying providers, beside the process that looks at photos. */
  startProbe: StartVision
  runner: Runner
  machine: Machine
  modelDirectories: ModelDirectories
  now: () => number
  log: (line: string) => void
  /** The model or the way it runs changed. */
  onChange: () => void
}

/** The model whose predictions are tags, and what runs it. */
export interface ModelInUse {
  status(): ModelStatus
  /** Throws UserError for a model that cannot be used; the one before stays in use then. */
  use(choice: ModelChoice): Promise<ModelStatus>
  /** As `use`; a model that cannot be used becomes the status. */
  start(choice: ModelChoice): Promise<ModelStatus>
  acceleration(): Acceleration
  /** Photos are being looked at: sees to it that the fastest provider does that, in the background. */
  worked(): void
  /** Tries every provider anew. Throws UserError without a model. */
  measure(): Promise<Acceleration>
  /** The model runs in another way than it was asked to. */
  retreated(retreat: Retreat): void
  close(): void
}

interface InUse {
  loaded: LoadedModel
  execution: Execution
  stored: StoredAcceleration | null
  retreat: string | null
  /** Whether it is known to be the fastest, or being found out. */
  checked: boolean
}

export function createModelInUse(options: ModelInUseOptions): ModelInUse {
  const { db, vision, runner, machine, log, onChange } = options
  let status: ModelStatus = noModel
  let inUse: InUse | null = null
  let measuring: { controller: AbortController; ended: Promise<unknown> } | null = null

  async function use(choice: ModelChoice): Promise<ModelStatus> {
    const file = findModelFile(db, choice.model, options.modelDirectories)
    if (file === null) {
      status = noModel
      return status
    }
    const loaded = await readModel(db, file, choice)
    measuring?.controller.abort()
    await measuring?.ended
    // What one model is looking at must not be stored as another's.
    await runner.hold()
    const { sha256 } = loaded.manifest
    const stored = readAcceleration(db, sha256)
    const valid = stored?.processor === machine.processor && stored.runtime === machine.runtime
    const execution = (valid && chosenExecution(stored)) || cpuExecution(null)
    const ranBefore = provenProvider(db, loaded)
    const before = inUse
    inUse = { loaded, execution, stored: valid ? stored : null, retreat: null, checked: false }
    try {
      const proven = ranBefore !== null
      const report = await vision.useModel(visionModel(loaded), { execution, proven })
      if (report) ranAs(inUse, report)
    } catch (error) {
      inUse = before
      throw error
    }
    runner.useModel(adoptModel(db, loaded))
    settle(inUse)
    return status
  }

  function ranAs(model: InUse, { provider, batchSize }: Pick<Execution, 'provider' | 'batchSize'>) {
    model.execution = { ...model.execution, provider, batchSize }
  }

  /** What runs the model now, told and remembered. */
  function settle({ loaded, execution }: InUse): void {
    runner.setBatchSize(execution.batchSize)
    writeSetting(db, 'provider', execution.provider)
    const { id, name, labels } = loaded.manifest
    status = { state: 'ready', id, name, classes: labels.length, provider: execution.provider }
    onChange()
  }

  /** Measures where nobody did yet, or with another graphics card or driver. */
  async function check(model: InUse, signal: AbortSignal): Promise<void> {
    const graphics = await machine.graphics().catch(() => [])
    if (sameCards(model.stored?.graphics, graphics)) return
    await measure(model, graphics, signal)
  }

  async function measure(
    model: InUse,
    graphics: GraphicsCard[],
    signal: AbortSignal,
  ): Promise<void> {
    const measured = await measureProviders({
      model: visionModel(model.loaded),
      candidates: machine.candidates,
      start: options.startProbe,
      signal,
      async quiet() {
        await runner.hold()
        return runner.release
      },
    })
    signal.throwIfAborted()
    const { processor } = machine
    const measuredAt = new Date(options.now()).toISOString()
    model.stored = { ...measured, graphics, processor, measuredAt }
    writeAcceleration(db, model.loaded.manifest.sha256, model.stored)
    const chosen = chosenExecution(model.stored)
    if (!chosen || sameWay(chosen, model.execution)) return
    await runner.hold()
    try {
      model.execution = chosen
      model.retreat = null
      const report = await vision.useModel(visionModel(model.loaded), {
        execution: chosen,
        proven: false,
      })
      if (report) ranAs(model, report)
      settle(model)
    } finally {
      runner.release()
    }
  }

  function inBackground(work: (model: InUse, signal: AbortSignal) => Promise<void>, model: InUse) {
    const controller = new AbortController()
    const ended = work(model, controller.signal)
      .catch((error: unknown) => {
        if (!controller.signal.aborted) log(`Measuring what runs the model: ${messageOf(error)}`)
      })
      .finally(() => {
        measuring = null
        if (!controller.signal.aborted) onChange()
      })
    measuring = { controller, ended }
    onChange()
    return ended
  }

  function acceleration(): Acceleration {
    const { stored, execution, retreat } = inUse ?? {}
    return {
      state: measuring ? 'measuring' : stored ? 'measured' : 'not-measured',
      provider: execution?.provider ?? null,
      batchSize: execution?.batchSize ?? null,
      retreat: retreat ?? null,
      candidates: stored?.candidates ?? [],
      graphics: stored?.graphics ?? [],
      processor: machine.processor,
      runtime: stored?.runtime ?? machine.runtime,
      measuredAt: stored?.measuredAt ?? null,
    }
  }

  return {
    status: () => status,
    use: (choice) => use(choice).finally(runner.release),
    async start(choice) {
      try {
        return await use(choice).finally(runner.release)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        status = failedModel(choice.model, error)
        onChange()
        return status
      }
    },
    acceleration,
    worked() {
      if (!inUse || inUse.checked || measuring) return
      inUse.checked = true
      void inBackground(check, inUse)
    },
    async measure() {
      if (!inUse) throw new UserError('no-model', noModel.advice)
      inUse.checked = true
      await measuring?.ended
      await inBackground(
        async (model, signal) => measure(model, await machine.graphics().catch(() => []), signal),
        inUse,
      )
      return acceleration()
    },
    retreated(retreat) {
      log(
        `The model goes on with ${retreat.provider}, ${retreat.batchSize} photos at a time (${retreat.reason}).`,
      )
      if (!inUse) return
      inUse.retreat = `It runs on ${retreat.provider}, ${retreat.batchSize} photos at a time, since this happened: ${retreat.reason}.`
      ranAs(inUse, retreat)
      settle(inUse)
    },
    close: () => measuring?.controller.abort(),
  }
}

function chosenExecution(stored: StoredAcceleration | null): Execution | null {
  const chosen = stored?.candidates.find(({ outcome }) => outcome === 'chosen')
  const known = provider.safeParse(chosen?.provider)
  if (!chosen?.batchSize || !known.success) return null
  return { provider: known.data, batchSize: chosen.batchSize, threads: null }
}

const sameWay = (a: Execution, b: Execution) =>
  a.provider === b.provider && a.batchSize === b.batchSize

const sameCards = (before: readonly GraphicsCard[] | undefined, now: readonly GraphicsCard[]) =>
  before !== undefined && JSON.stringify(before) === JSON.stringify(now)
