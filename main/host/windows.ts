/** What a window's channel is connected to, whichever face the window belongs to. */
import { z } from 'zod'
import {
  commands,
  type Events,
  type Handlers,
  type HostCommandName,
  mutations,
  queries,
} from '../../contract/commands.ts'
import type { Channel, Client, Message } from '../../contract/protocol.ts'
import { dispatchTo, type ServerContext, serve } from '../rpc/server.ts'

/** The engine tells its host more than this; a window hears what the contract names. */
const windowEvents: Record<keyof Events, true> = { jobs: true, stale: true }

/** A window asks and cancels; it answers nothing. */
const windowMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('call'),
    id: z.number().int().nonnegative(),
    name: z.string().max(100),
    input: z.unknown(),
  }),
  z.object({ type: z.literal('cancel'), id: z.number().int().nonnegative() }),
])

/**
 * Serves the contract to one window: its calls are checked and handed to the engine, the face's own
 * commands are answered by `host`, events are passed on. A closed channel cancels its calls; a
 * message that is none closes the channel.
 */
export function serveWindow(
  channel: Channel,
  engine: Client,
  host: Handlers<HostCommandName>,
): void {
  const server = serve(checked(channel), dispatchTo(commands, { ...forwardTo(engine), ...host }))
  const stops = Object.keys(windowEvents).map((name) =>
    engine.on(name, (payload) => server.emit(name, payload)),
  )
  channel.onClose(() => {
    for (const stop of stops) stop()
  })
}

const forwardTo = (engine: Client) =>
  Object.fromEntries(
    Object.keys({ ...queries, ...mutations }).map((name) => [
      name,
      (input: unknown, { signal, onProgress }: ServerContext) =>
        engine.call(name, input, { signal, onProgress }),
    ]),
  )

function checked(channel: Channel): Channel {
  return {
    ...channel,
    onMessage: (listener) =>
      channel.onMessage((message) => {
        const parsed = windowMessage.safeParse(message)
        if (parsed.success) listener(parsed.data as Message)
        else channel.close()
      }),
  }
}
