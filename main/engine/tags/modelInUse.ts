import type { Database } from 'better-sqlite3'
import type { Acceleration, ModelStatus } from '../../../contract/domain.ts'
import { messageOf, UserError } from '../../../contract/errors.ts'
import type { LoadedModel } from '../../../models/manifest.ts'
import { cpuExecution, type Execution, inBackground } from '../../rpc/execution.ts'
import type { Retreat } from '../../rpc/visionCommands.ts'
import { chosenWay, sameCards, triedInt8, validFor } from '../acceleration/chosen.ts'
import type { Machine } from '../acceleration/machine.ts'
import { measureProviders } from '../acceleration/measure.ts'
import { readAcceleration, type StoredAcceleration, writeAcceleration } from '../db/acceleration.ts'
import { readSetting, writeSetting } from '../db/settings.ts'
import { looksFor, type Runner } from '../jobs/runner.ts'
import type { StartVision, VisionSupervisor } from '../jobs/visionSupervisor.ts'
import {
  adoptModel,
  failedModel,
  findModelFile,
  int8VariantOf,
  type ModelChoice,
  type ModelDirectories,
  noModel,
  provenProvider,
  readModel,
  visionModel,
} from './currentModel.ts'
import { int8Variant } from './int8Variant.ts'

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
  /** What a failure of storage means; `null` for another error. */
  explain: (error: unknown) => UserError | null
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
  /** Starts again what storage has prevented. */
  resume(): void
  acceleration(): Acceleration
  /** Photos are being looked at: sees to it that the fastest way does that, in the background. */
  worked(): void
  /** Tries every way to run the model anew. Throws UserError without a model. */
  measure(): Promise<Acceleration>
  /** A person allowed or forbade the int8 variant. */
  int8Allowed(): void
  /** A person wants it done in the background, or no longer. */
  backgroundWanted(): Promise<void>
  /** Nothing is to work now: measuring that nobody asked for ends, and begins anew when photos do. */
  rest(): void
  /** The model runs in another way than it was asked to. */
  retreated(retreat: Retreat): void
  close(): void
}

interface InUse {
  /** What a person chose. */
  chosen: LoadedModel
  /** What runs: the same, or its int8 variant. */
  running: LoadedModel
  execution: Execution
  /** Of the chosen model, on this machine. */
  stored: StoredAcceleration | null
  retreat: string | null
  /** Whether the way it runs is known to be the fastest, or being found out. */
  checked: boolean
}

export function createModelInUse(options: ModelInUseOptions): ModelInUse {
  const { db, vision, runner, machine, log, onChange } = options
  let status: ModelStatus = noModel
  let inUse: InUse | null = null
  let prevented: ModelChoice | null = null
  let measuring: {
    controller: AbortController
    ended: Promise<unknown>
    asked: boolean
  } | null = null

  async function use(choice: ModelChoice): Promise<ModelStatus> {
    const file = findModelFile(db, choice.model, options.modelDirectories)
    if (file === null) {
      status = noModel
      return status
    }
    const chosen = await readModel(db, file, choice)
    measuring?.controller.abort()
    await measuring?.ended
    await takeUp(chosen, false)
    return status
  }

  /** Runs a model in the way that is known to be the fastest. */
  async function takeUp(chosen: LoadedModel, checked: boolean): Promise<void> {
    const stored = validFor(readAcceleration(db, chosen.manifest.sha256), machine)
    const way = chosenWay(stored)
    const variant = way?.int8 ? await int8Variant(db, chosen) : null
    if (variant instanceof UserError) log(variant.message)
    const running = variant instanceof UserError ? chosen : (variant ?? chosen)
    const execution = asWanted(
      (way?.int8 === (running !== chosen) && way?.execution) || cpuExecution,
    )
    // What one model is looking at must not be stored as another's.
    await runner.hold()
    const ranBefore = provenProvider(db, running)
    const before = inUse
    inUse = { chosen, running, execution, stored, retreat: null, checked }
    try {
      const proven = ranBefore !== null && !checked
      const report = await vision.useModel(visionModel(running), { execution, proven })
      if (report) ranAs(inUse, report)
    } catch (error) {
      inUse = before
      throw error
    }
    runner.useModel(adoptModel(db, running, chosen.file))
    settle(inUse)
  }

  const asWanted = (execution: Execution): Execution =>
    readSetting(db, 'background') === '1' ? inBackground(execution) : execution

  function ranAs(model: InUse, { provider, batchSize }: Pick<Execution, 'provider' | 'batchSize'>) {
    model.execution = { ...model.execution, provider, batchSize }
  }

  /** What runs the model now, told and remembered. */
  function settle({ running, execution }: InUse): void {
    runner.setInFlight(execution.lowPriority ? 1 : looksFor(execution.batchSize))
    writeSetting(db, 'provider', execution.provider)
    const { id, name, labels } = running.manifest
    status = { state: 'ready', id, name, classes: labels.length, provider: execution.provider }
    onChange()
  }

  /** Measures; `anyway`: also where it is known already, for these graphics cards and drivers. */
  async function check(model: InUse, anyway: boolean, signal: AbortSignal): Promise<void> {
    const graphics = await machine.graphics().catch(() => [])
    const int8 = await int8Variant(db, model.chosen)
    const isKnown =
      sameCards(model.stored?.graphics, graphics) && triedInt8(model.stored) === (int8 !== null)
    if (!anyway && isKnown) return
    const measured = await measureProviders({
      model: visionModel(model.chosen),
      int8: int8 instanceof UserError ? int8 : int8 && visionModel(int8),
      evenAlone: anyway,
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
    writeAcceleration(db, model.chosen.manifest.sha256, model.stored)
    const way = chosenWay(model.stored)
    if (!way || (runsSo(model, asWanted(way.execution)) && way.int8 === runsInt8(model))) return
    await takeUp(model.chosen, true).finally(runner.release)
  }

  function measureLater(model: InUse, anyway: boolean): Promise<void> {
    model.checked = true
    const controller = new AbortController()
    const ended = check(model, anyway, controller.signal)
      .catch((error: unknown) => {
        if (!controller.signal.aborted) log(`Measuring what runs the model: ${messageOf(error)}`)
      })
      .finally(() => {
        measuring = null
        if (!controller.signal.aborted) onChange()
      })
    measuring = { controller, ended, asked: anyway }
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

  async function start(choice: ModelChoice): Promise<ModelStatus> {
    prevented = null
    try {
      return await use(choice).finally(runner.release)
    } catch (error) {
      const told = options.explain(error)
      if (told) prevented = choice
      const failure = error instanceof UserError ? error : told
      if (!failure) throw error
      status = failedModel(choice.model, failure)
      onChange()
      return status
    }
  }

  return {
    status: () => status,
    use: (choice) => use(choice).finally(runner.release),
    start,
    resume() {
      if (prevented) void start(prevented)
    },
    acceleration,
    worked() {
      // It takes all cores for a while, and their times mean nothing where others go first.
      if (readSetting(db, 'background') === '1') return
      if (inUse && !inUse.checked && !measuring) void measureLater(inUse, false)
    },
    rest() {
      if (!inUse || !measuring || measuring.asked) return
      measuring.controller.abort()
      inUse.checked = false
    },
    async measure() {
      if (!inUse) throw new UserError('no-model', noModel.advice)
      await measuring?.ended
      await measureLater(inUse, true)
      return acceleration()
    },
    int8Allowed() {
      const model = inUse
      if (!model || int8VariantOf(model.chosen.file) === null) return
      void Promise.resolve(measuring?.ended).then(() => measureLater(model, true))
    },
    async backgroundWanted() {
      if (inUse) await takeUp(inUse.chosen, inUse.checked).finally(runner.release)
    },
    retreated(retreat) {
      const reason = retreat.reason.replace(/\.$/, '')
      const now = `${retreat.provider}, ${retreat.batchSize} photos at a time`
      log(`The model goes on with ${now} (${reason}).`)
      if (!inUse) return
      inUse.retreat = `It runs on ${now}, since this happened: ${reason}.`
      ranAs(inUse, retreat)
      settle(inUse)
    },
    close: () => measuring?.controller.abort(),
  }
}

const runsSo = ({ execution }: InUse, { provider, batchSize }: Execution) =>
  execution.provider === provider && execution.batchSize === batchSize

const runsInt8 = ({ chosen, running }: InUse) => running !== chosen
