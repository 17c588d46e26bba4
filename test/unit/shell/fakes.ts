import { EventEmitter } from 'node:events'
import { vi } from 'vitest'
import type { Client } from '../../../contract/protocol.ts'

/** Stands in for Electron's `MessagePortMain`: two ends, connected. */
export function fakePorts() {
  const end = () => Object.assign(new EventEmitter(), { start: vi.fn() })
  const [port1, port2] = [end(), end()]
  const connect = (from: typeof port1, to: typeof port1) =>
    Object.assign(from, {
      postMessage: vi.fn((data: unknown) => queueMicrotask(() => to.emit('message', { data }))),
      close: vi.fn(() => {
        from.emit('close')
        to.emit('close')
      }),
    })
  return { port1: connect(port1, port2), port2: connect(port2, port1) }
}

export type FakeChild = ReturnType<typeof fakeChild>

/** Stands in for Electron's `UtilityProcess`. */
export function fakeChild(pid: number) {
  const sent: unknown[] = []
  const child = Object.assign(new EventEmitter(), {
    pid: pid as number | undefined,
    sent,
    postMessage: vi.fn((message: unknown, _transfer?: unknown[]) => void sent.push(message)),
    end(code: number) {
      child.pid = undefined
      child.emit('exit', code)
    },
  })
  return child
}

export const silentEngine = (call: Client['call'] = async () => null): Client => ({
  call,
  on: () => () => false,
})
