import type { HeatMap } from '../../../contract/domain.ts'
import { DisconnectedError, messageOf, UserError } from '../../../contract/errors.ts'
import {
  type CallOptions,
  type Channel,
  type Client,
  createClient,
} from '../../../contract/protocol.ts'
import { cpuExecution, type Execution, onCpu } from '../../rpc/execution.ts'
import type {
  HashOutcome,
  LookOutcome,
  ModelReport,
  Retreat,
  VisionModel,
} from '../../rpc/visionCommands.ts'

/** A vision process that was just started. */
export interface VisionProcess {
  channel: Channel
  kill(): void
}
export type StartVision = () => Promise<VisionProcess>

export interface VisionSupervisor {
  /**
   * Loads a model, now and after every restart. Throws UserError when it cannot be run; the one
   * before stays in use then. Where only the provider does not work, the CPU takes its place.
   * `proven`: it ran here before, so it is loaded when the process is first needed; `null` then, as
   * nothing is reported yet.
   */
  useModel(
    model: VisionModel,
    options: { execution: Execution; proven: boolean },
  ): Promise<ModelReport | null>
  /**
   * Rejects with DisconnectedError when the process died meanwhile, with UserError when it cannot
   * be started or the model not be loaded.
   */
  look(path: string, classify: boolean, signal: AbortSignal): Promise<LookOutcome>
  /** Reads a file, and decodes nothing. */
  hash(path: string, signal: AbortSignal): Promise<HashOutcome>
  render(path: string, maximumSide: number): Promise<Uint8Array | null>
  heatMap(path: string, output: number): Promise<HeatMap | null>
  /** Ends a process that hangs. The next call starts a new one. */
  kill(): void
  close(): void
}

/** Times in a row that it may end before it is ready to look. */
const STARTS = 5
/**
 * Deaths in a row without one answer between them, after which it is not tried again. A folder full
 * of photos that kill it costs about two each.
 */
const DEATHS_IN_A_ROW = 60
/** Deaths in a row after which another provider than the CPU is not trusted any more. */
const DEATHS_OF_PROVIDER = 2

const NAME = 'The vision process'

const unavailable = (deaths: number) =>
  new UserError(
    'vision-unavailable',
    `The part of Albumen that looks at photos stopped ${deaths} times in a row: restart Albumen, and install it again if that does not help.`,
  )

/** Keeps one vision process at hand: started when first needed, again when it died. */
export function createVisionSupervisor({
  start,
  log,
  onRetreat,
}: {
  start: StartVision
  log: (line: string) => void
  /** The model runs in another way from now on, and why. */
  onRetreat: (retreat: Retreat) => void
}): VisionSupervisor {
  let running: Promise<Client> | null = null
  let current: VisionProcess | null = null
  let model: VisionModel | null = null
  let execution = cpuExecution
  let deaths = 0
  let closed = false

  async function launch(): Promise<Client> {
    if (deaths >= DEATHS_IN_A_ROW) throw unavailable(deaths)
    for (let failures = 0; failures < STARTS && !closed; failures++) {
      try {
        return await startOnce()
      } catch (error) {
        if (!(error instanceof DisconnectedError)) throw error
        if (failures + 1 >= DEATHS_OF_PROVIDER) giveUpProvider(failures + 1)
      }
    }
    throw closed ? new DisconnectedError(NAME) : unavailable(STARTS)
  }

  /** Rejects with DisconnectedError when the process ended before it was ready. */
  async function startOnce(): Promise<Client> {
    const process = await start()
    current = process
    const client = createClient(process.channel, NAME)
    client.on('retreat', (retreat) => retreated(retreat as Retreat))
    let ready = false
    process.channel.onClose(() => {
      const dismissed = current !== process
      if (dismissed) return
      current = null
      // Before it was ready, whoever starts it tries again.
      if (!ready) return
      running = null
      if (closed) return
      deaths++
      log('The vision process stopped; it is started again when needed.')
      if (deaths >= DEATHS_OF_PROVIDER) giveUpProvider(deaths)
    })
    try {
      await load(client, model)
      ready = true
      return client
    } catch (error) {
      process.channel.close()
      throw error
    }
  }

  /** Loads a model as chosen, or on the CPU where that does not work. */
  async function load(client: Client, wanted: VisionModel | null): Promise<ModelReport | null> {
    try {
      return (await client.call('loadModel', { model: wanted, execution })) as ModelReport | null
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'provider-unusable') throw error
      retreated({ ...onCpu(execution), reason: error.message })
      return (await client.call('loadModel', { model: wanted, execution })) as ModelReport | null
    }
  }

  function retreated(retreat: Retreat): void {
    execution = { ...execution, provider: retreat.provider, batchSize: retreat.batchSize }
    onRetreat(retreat)
  }

  function giveUpProvider(times: number): void {
    if (execution.provider === 'cpu') return
    const reason = `with ${execution.provider}, the part of Albumen that looks at photos stopped ${times} times in a row`
    retreated({ ...onCpu(execution), reason })
  }

  function ensure(): Promise<Client> {
    if (closed) return Promise.reject(new DisconnectedError(NAME))
    running ??= launch().catch((error: unknown) => {
      running = null
      throw error
    })
    return running
  }

  async function call<Output>(
    name: string,
    input: unknown,
    options: CallOptions<unknown> = {},
  ): Promise<Output> {
    const client = await ensure()
    const output = (await client.call(name, input, options)) as Output
    deaths = 0
    return output
  }

  /** Into the process that runs, or the next one where none does. */
  async function loadNow(next: VisionModel): Promise<ModelReport | null> {
    const client = await ensure()
    const report = await load(client, next)
    deaths = 0
    return report
  }

  /** Ends the process that runs; the next call starts another. */
  function end(): void {
    kill()
    current = null
    running = null
  }

  function kill(): void {
    try {
      current?.kill()
    } catch (error) {
      log(`The vision process could not be stopped: ${messageOf(error)}`)
    }
  }

  return {
    async useModel(next, { execution: wanted, proven }) {
      const before = execution
      execution = wanted
      // A process may give up priority, but not take it back.
      if (before.lowPriority && !wanted.lowPriority) end()
      if (proven && !running) {
        model = next
        return null
      }
      try {
        const report = await loadNow(next)
        model = next
        return report
      } catch (error) {
        execution = before
        if (closed || !(error instanceof DisconnectedError)) throw error
        throw new UserError(
          'model-unusable',
          `The part of Albumen that looks at photos stopped while it loaded ${next.file}: choose another model.`,
        )
      }
    },
    look: (path, classify, signal) => call('look', { path, classify }, { signal }),
    hash: (path, signal) => call('hash', { path }, { signal }),
    render: (path, maximumSide) => call('render', { path, maximumSide }),
    heatMap: (path, output) => call('heatMap', { path, output }),
    kill,
    close() {
      closed = true
      current?.channel.close()
      // It holds nothing to be saved, and one that hangs would not notice that nobody listens.
      kill()
    },
  }
}
