/** Keeps an engine running: whoever holds the client need not know that it was started again. */
import { queries } from '../../contract/commands.ts'
import { DisconnectedError, UserError } from '../../contract/errors.ts'
import { type Channel, type Client, createClient, type WireError } from '../../contract/protocol.ts'
import { patience, restartDelay } from './restartPolicy.ts'

/** A process with an engine in it, however it was started. */
export interface EngineProcess {
  /** Closing it asks the engine to finish what it is writing and to end. */
  channel: Channel
  /** How it ended, such as `exit code 1`. */
  exited: Promise<string>
  /** Ends it at once, finished or not. */
  kill(): void
}

export interface SupervisedEngine {
  /**
   * Stays the same over restarts. What was asked when the engine crashed is rejected with
   * `DisconnectedError`; what is asked before it runs again waits; after it was given up, everything
   * is rejected with a `UserError`. After a restart every query is announced as stale.
   */
  client: Client
  /** Ends it cleanly, by force after ten seconds. Resolves when the process is gone. */
  stop(): Promise<void>
  /** Called whenever another engine has taken its place, which knows nothing of what was told. */
  onRestarted(listener: () => void): () => void
  /** Called once, when there will be no further try. */
  onGivenUp(listener: (error: UserError) => void): () => void
}

export interface SupervisorOptions {
  spawn: () => EngineProcess
  log: (line: string) => void
}

/** Milliseconds. */
const stopTimeout = 10_000
const name = "Albumen's engine"

/** Event of an engine that cannot start, such as with a library of a newer version: `WireError`. */
export const startFailed = 'startFailed'

/** Event of an engine that has left its library in order, so that another one must take its place. */
export const restartWanted = 'restartWanted'

/** Code of its answer to what it is asked after that. It was not carried out. */
export const engineLeft = 'engine-left'

export function superviseEngine({ spawn, log }: SupervisorOptions): SupervisedEngine {
  const listeners = new Map<string, Set<(payload: unknown) => void>>()
  const restartedListeners = new Set<() => void>()
  const givenUpListeners = new Set<(error: UserError) => void>()
  const crashes: number[] = []
  let process: EngineProcess
  /** `null` while the engine cannot be reached. */
  let connected: Client | null = null
  let reconnected = Promise.withResolvers<Client>()
  let restart: NodeJS.Timeout | undefined
  /** The one that runs asked for it: no crash. */
  let replacing = false
  let stopping = false
  let givenUp: UserError | null = null

  function start(): void {
    process = spawn()
    const client = createClient(process.channel, name)
    connected = client
    client.on(startFailed, (payload) => {
      const { code, message } = payload as WireError
      giveUp(new UserError(code ?? 'engine-failed', message))
      process.channel.close()
      void endByForce(process)
    })
    client.on(restartWanted, () => {
      replacing = true
      disconnect()
      // When this is answered, with a refusal, so is everything that was asked before it.
      const { channel } = process
      void client
        .call('jobs', {})
        .catch(() => {})
        .finally(channel.close)
    })
    for (const event of listeners.keys()) relay(client, event)
    process.channel.onClose(() => {
      if (!stopping && !givenUp) disconnect()
    })
    void process.exited.then((how) => {
      if (stopping || givenUp) return
      disconnect()
      startAgain(how)
    })
    reconnected.resolve(client)
  }

  function disconnect(): void {
    if (!connected) return
    connected = null
    reconnected = Promise.withResolvers()
    // Nobody may be waiting when it is rejected.
    reconnected.promise.catch(() => {})
    // Without its channel it is of no use to anybody, should it not end by itself.
    void endByForce(process)
  }

  function startAgain(how: string): void {
    if (replacing) {
      replacing = false
      log(`${name} starts again, as it wanted to.`)
      startNow()
      return
    }
    crashes.push(Date.now())
    const delay = restartDelay(crashes)
    if (delay === null) {
      giveUp(tooManyCrashes(how))
      return
    }
    log(`${name} ended with ${how}; starting it again in ${delay} ms.`)
    restart = setTimeout(startNow, delay)
  }

  function startNow(): void {
    start()
    emit('stale', { queries: Object.keys(queries) })
    for (const listener of restartedListeners) listener()
  }

  function giveUp(error: UserError): void {
    log(error.message)
    givenUp = error
    connected = null
    reconnected.reject(error)
    for (const listener of givenUpListeners) listener(error)
  }

  /** Gives it time to end; resolves when it has. */
  async function endByForce({ exited, kill }: EngineProcess): Promise<void> {
    const force = setTimeout(() => {
      log(`${name} did not end within ${stopTimeout / 1000} s and was ended by force.`)
      kill()
    }, stopTimeout)
    await exited
    clearTimeout(force)
  }

  const emit = (event: string, payload: unknown) => {
    for (const listener of listeners.get(event) ?? []) listener(payload)
  }
  const relay = (client: Client, event: string) =>
    client.on(event, (payload) => emit(event, payload))

  function stop(): Promise<void> {
    stopping = true
    clearTimeout(restart)
    reconnected.reject(new DisconnectedError(name))
    process.channel.close()
    return endByForce(process)
  }

  start()
  return {
    client: {
      async call(command, input, options) {
        for (;;) {
          if (givenUp) throw givenUp
          const client = connected ?? (await orAborted(reconnected.promise, options?.signal))
          try {
            return await client.call(command, input, options)
          } catch (error) {
            if (error instanceof UserError && error.code === engineLeft) continue
            // The reason says more than that it stopped.
            throw error instanceof DisconnectedError && givenUp ? givenUp : error
          }
        }
      },
      on(event, listener) {
        const set = listeners.get(event)
        if (set) set.add(listener)
        else {
          listeners.set(event, new Set([listener]))
          if (connected) relay(connected, event)
        }
        return () => listeners.get(event)?.delete(listener)
      },
    },
    stop,
    onRestarted(listener) {
      restartedListeners.add(listener)
      return () => restartedListeners.delete(listener)
    },
    onGivenUp(listener) {
      givenUpListeners.add(listener)
      return () => givenUpListeners.delete(listener)
    },
  }
}

const tooManyCrashes = (how: string) =>
  new UserError(
    'engine-failed',
    `${name} ended ${patience.crashes} times within a minute, last with ${how}: start Albumen again; your photos and tags are safe on disk.`,
  )

function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined) {
  if (!signal) return promise
  return new Promise<Value>((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
