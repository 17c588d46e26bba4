/**
 * One small protocol for requests, progress, cancelling and events, over anything that carries
 * messages: a MessagePort, a child process, a WebSocket.
 */
import { DisconnectedError, UserError } from './errors.ts'

export type Message =
  | { type: 'call'; id: number; name: string; input: unknown }
  | { type: 'cancel'; id: number }
  | { type: 'progress'; id: number; progress: unknown }
  | { type: 'result'; id: number; result: unknown }
  | { type: 'error'; id: number; error: WireError }
  | { type: 'event'; name: string; payload: unknown }

/** `code: null`: a bug rather than something a person can act on. */
export interface WireError {
  name: string
  message: string
  code: string | null
}

export interface Channel {
  send(message: Message): void
  /** Both return how to stop listening. */
  onMessage(listener: (message: Message) => void): () => void
  onClose(listener: () => void): () => void
  close(): void
}

export interface CallOptions<Progress> {
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

export interface Client {
  /** Rejects with `UserError`, `DisconnectedError`, the signal's reason, or an `Error`. */
  call(name: string, input: unknown, options?: CallOptions<unknown>): Promise<unknown>
  on(event: string, listener: (payload: unknown) => void): () => void
}

interface Waiting {
  resolve: (value: unknown) => void
  reject: (error: Error) => void
  onProgress: ((progress: unknown) => void) | undefined
  finish: () => void
}

/** `peer` names the other side in error messages. */
export function createClient(channel: Channel, peer: string): Client {
  const waiting = new Map<number, Waiting>()
  const listeners = new Map<string, Set<(payload: unknown) => void>>()
  let lastId = 0
  let closed = false

  channel.onMessage((message) => {
    if (message.type === 'event') {
      for (const listener of listeners.get(message.name) ?? []) listener(message.payload)
      return
    }
    if (message.type === 'call' || message.type === 'cancel') return
    const call = waiting.get(message.id)
    if (!call) return
    if (message.type === 'progress') {
      call.onProgress?.(message.progress)
      return
    }
    call.finish()
    if (message.type === 'result') call.resolve(message.result)
    else call.reject(errorFromWire(message.error))
  })
  channel.onClose(() => {
    closed = true
    for (const call of [...waiting.values()]) {
      call.finish()
      call.reject(new DisconnectedError(peer))
    }
  })

  return {
    call(name, input, { signal, onProgress } = {}) {
      if (closed) return Promise.reject(new DisconnectedError(peer))
      if (signal?.aborted) return Promise.reject(signal.reason as Error)
      const id = ++lastId
      return new Promise((resolve, reject) => {
        const cancel = () => channel.send({ type: 'cancel', id })
        const finish = () => {
          waiting.delete(id)
          signal?.removeEventListener('abort', cancel)
        }
        signal?.addEventListener('abort', cancel)
        waiting.set(id, { resolve, reject, onProgress, finish })
        channel.send({ type: 'call', id, name, input })
      })
    },
    on(event, listener) {
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set.add(listener))
      return () => set.delete(listener)
    },
  }
}

export function errorToWire(error: unknown): WireError {
  if (error instanceof UserError)
    return { name: error.name, message: error.message, code: error.code }
  if (error instanceof Error) return { name: error.name, message: error.message, code: null }
  return { name: 'Error', message: String(error), code: null }
}

function errorFromWire({ name, message, code }: WireError): Error {
  if (code !== null) return new UserError(code, message)
  const error = new Error(message)
  error.name = name
  return error
}
