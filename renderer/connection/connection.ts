/**
 * The window's line to the engine, the same over a MessagePort (desktop) and a WebSocket (browser).
 */
import type {
  CommandName,
  Events,
  OutputOf,
  ProgressOf,
  RawInputOf,
} from '../../contract/commands.ts'
import {
  type CallOptions,
  type Channel,
  type Client,
  createClient,
} from '../../contract/protocol.ts'

/** `lost` is how often dialling has failed since the line broke. */
export type ConnectionState =
  | { state: 'connecting' }
  | { state: 'open' }
  | { state: 'reconnecting'; lost: number }

export interface Connection {
  /** Waits for the line while there is none. Rejects as `Client.call` does. */
  call<Name extends CommandName>(
    name: Name,
    input: RawInputOf<Name>,
    options?: CallOptions<ProgressOf<Name>>,
  ): Promise<OutputOf<Name>>
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void
  state(): ConnectionState
  onState(listener: () => void): () => void
}

/** Opens channels, a new one whenever the last has closed; `failed` counts the tries in between. */
export type ChannelSource = (opened: (channel: Channel) => void, failed: () => void) => void

const eventNames = ['jobs', 'stale'] as const satisfies readonly (keyof Events)[]

export function createConnection(source: ChannelSource): Connection {
  const listeners = new Map<string, Set<(payload: never) => void>>()
  const stateListeners = new Set<() => void>()
  const waiting = new Set<(client: Client) => void>()
  let client: Client | null = null
  let state: ConnectionState = { state: 'connecting' }

  function become(next: ConnectionState): void {
    state = next
    for (const listener of stateListeners) listener()
  }

  source(
    (channel) => {
      const opened = createClient(channel, 'Albumen')
      client = opened
      for (const name of eventNames) {
        opened.on(name, (payload) => {
          for (const listener of listeners.get(name) ?? []) listener(payload as never)
        })
      }
      channel.onClose(() => {
        if (client !== opened) return
        client = null
        become({ state: 'reconnecting', lost: 0 })
      })
      for (const resolve of waiting) resolve(opened)
      waiting.clear()
      become({ state: 'open' })
    },
    () => {
      become({ state: 'reconnecting', lost: state.state === 'reconnecting' ? state.lost + 1 : 1 })
    },
  )

  function openClient(signal: AbortSignal | undefined): Promise<Client> {
    if (client) return Promise.resolve(client)
    return new Promise((resolve, reject) => {
      waiting.add(resolve)
      signal?.addEventListener('abort', () => {
        waiting.delete(resolve)
        reject(signal.reason as Error)
      })
    })
  }

  return {
    async call(name, input, options = {}) {
      const open = await openClient(options.signal)
      return (await open.call(name, input, options as CallOptions<unknown>)) as OutputOf<
        typeof name
      >
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      return () => set.delete(listener)
    },
    state: () => state,
    onState(listener) {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
  }
}
