import type { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { type Channel, errorToWire } from '../../contract/protocol.ts'

export interface ServerContext {
  signal: AbortSignal
  onProgress: (progress: unknown) => void
}

/** `input` arrives as sent: whoever handles a name checks it. */
export type Dispatch = (name: string, input: unknown, context: ServerContext) => unknown

export interface Server {
  emit(event: string, payload: unknown): void
}

/** Answers the calls that arrive on a channel. A closed channel aborts what it had asked for. */
export function serve(channel: Channel, dispatch: Dispatch): Server {
  const running = new Map<number, AbortController>()

  async function answer(id: number, name: string, input: unknown): Promise<void> {
    const controller = new AbortController()
    running.set(id, controller)
    try {
      const context: ServerContext = {
        signal: controller.signal,
        onProgress: (progress) => channel.send({ type: 'progress', id, progress }),
      }
      const result = await dispatch(name, input, context)
      channel.send({ type: 'result', id, result })
    } catch (error) {
      channel.send({ type: 'error', id, error: errorToWire(error) })
    } finally {
      running.delete(id)
    }
  }

  channel.onMessage((message) => {
    if (message.type === 'call') void answer(message.id, message.name, message.input)
    else if (message.type === 'cancel') running.get(message.id)?.abort(cancelled())
  })
  channel.onClose(() => {
    for (const controller of running.values()) controller.abort(cancelled())
  })
  return { emit: (name, payload) => channel.send({ type: 'event', name, payload }) }
}

const cancelled = () => new UserError('cancelled', 'Cancelled.')

type Specs = Record<string, { input: z.ZodType }>

/** Parses every input by its command's schema, so that handlers may trust the types. */
export function dispatchTo(specs: Specs, handlers: Record<string, unknown>): Dispatch {
  return (name, input, context) => {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
    if (!spec || typeof handler !== 'function') {
      throw new UserError('unknown-command', `There is no command "${name}".`)
    }
    const parsed = spec.input.safeParse(input)
    if (!parsed.success) {
      const problem = parsed.error.issues[0]
      const where = problem?.path.join('.') || 'input'
      throw new UserError('bad-input', `${name}: ${where}: ${problem?.message ?? 'not valid'}.`)
    }
    return handler(parsed.data, context)
  }
}
