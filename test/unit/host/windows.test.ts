import { describe, expect, test, vi } from 'vitest'
import type { Handlers, HostCommandName } from '../../../contract/commands.ts'
import type { Channel, Client, Message } from '../../../contract/protocol.ts'
import { createClient } from '../../../contract/protocol.ts'
import { serveWindow } from '../../../main/host/windows.ts'

/** Two ends of one line; each end's messages arrive at the other in later turns. */
function line(): [Channel, Channel] {
  const messages = [new Set<(message: Message) => void>(), new Set<(message: Message) => void>()]
  const closes = new Set<() => void>()
  const end = (own: number): Channel => ({
    send: (message) => {
      const copy = structuredClone(message)
      queueMicrotask(() => {
        for (const listener of messages[1 - own] ?? []) listener(copy)
      })
    },
    onMessage: (listener) => {
      messages[own]?.add(listener)
      return () => messages[own]?.delete(listener)
    },
    onClose: (listener) => {
      closes.add(listener)
      return () => closes.delete(listener)
    },
    close: () => {
      for (const listener of [...closes]) listener()
      closes.clear()
    },
  })
  return [end(0), end(1)]
}

const host: Handlers<HostCommandName> = {
  host: () => ({ face: 'desktop', platform: 'test', version: '1' }),
  chooseDirectory: () => '/photos',
  chooseFile: () => '/model.onnx',
  revealPhoto: () => true,
}

function connected(call: Client['call']) {
  const listeners = new Map<string, Set<(payload: unknown) => void>>()
  const engine: Client = {
    call,
    on: (event, listener) => {
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set.add(listener))
      return () => set.delete(listener)
    },
  }
  const [ours, theirs] = line()
  serveWindow(ours, engine, host)
  const listening = () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0)
  const emit = (event: string, payload: unknown) => {
    for (const listener of listeners.get(event) ?? []) listener(payload)
  }
  return { window: createClient(theirs, 'The face'), channel: theirs, emit, listening }
}

describe('serveWindow', () => {
  test('hands checked calls to the engine, and its answer back', async () => {
    const call = vi.fn(async () => [])
    const { window } = connected(call)
    await expect(window.call('listFolders', {})).resolves.toEqual([])
    expect(call).toHaveBeenCalledWith('listFolders', {}, expect.anything())
  })

  test('a wrong input never reaches the engine', async () => {
    const call = vi.fn(async () => null)
    const { window } = connected(call)
    await expect(window.call('photoDetail', { id: -1 })).rejects.toMatchObject({
      code: 'bad-input',
    })
    expect(call).not.toHaveBeenCalled()
  })

  test.each(['thumbnail', 'picture', 'photoPath', 'constructor', '__proto__'])(
    'a window cannot call %s, which is no command of the contract',
    async (name) => {
      const call = vi.fn(async () => null)
      const { window } = connected(call)
      await expect(window.call(name, { id: 1 })).rejects.toMatchObject({ code: 'unknown-command' })
      expect(call).not.toHaveBeenCalled()
    },
  )

  test('the face answers its own commands itself', async () => {
    const call = vi.fn(async () => null)
    const { window } = connected(call)
    await expect(window.call('chooseDirectory', { title: 'Where?' })).resolves.toBe('/photos')
    expect(call).not.toHaveBeenCalled()
  })

  test('progress comes back, and cancelling reaches the engine', async () => {
    const controller = new AbortController()
    const { window } = connected(async (_name, _input, options) => {
      options?.onProgress?.({ done: 1 })
      await new Promise((_, reject) =>
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)),
      )
    })
    const seen: unknown[] = []
    const answer = window.call(
      'exportPhotos',
      { target: { query: '' }, to: '/out', as: 'zip' },
      {
        signal: controller.signal,
        onProgress: (progress) => {
          seen.push(progress)
          controller.abort()
        },
      },
    )
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
    expect(seen).toEqual([{ done: 1 }])
  })

  test('a window hears the events of the contract and no others', async () => {
    const { window, emit } = connected(async () => null)
    const heard: unknown[] = []
    for (const name of ['jobs', 'stale', 'visionWanted']) window.on(name, () => heard.push(name))
    for (const name of ['visionWanted', 'jobs', 'stale']) emit(name, {})
    await vi.waitFor(() => expect(heard).toEqual(['jobs', 'stale']), { timeout: 10_000 })
  })

  test('a window that goes away leaves no listener and no running call behind', async () => {
    let signal: AbortSignal | undefined
    const { window, channel, listening } = connected((_name, _input, options) => {
      signal = options?.signal
      return new Promise(() => {})
    })
    const unanswered = expect(window.call('jobs', {})).rejects.toThrow(/stopped/)
    await vi.waitFor(() => expect(signal).toBeDefined(), { timeout: 10_000 })
    expect(listening()).toBe(2)
    channel.close()
    await unanswered
    expect(signal?.aborted).toBe(true)
    expect(listening()).toBe(0)
  })

  test('what is no call closes the channel', async () => {
    const { channel } = connected(async () => null)
    const closed = vi.fn()
    channel.onClose(closed)
    channel.send({ type: 'event', name: 'jobs', payload: {} })
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), { timeout: 10_000 })
  })
})
