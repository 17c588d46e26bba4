import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { UserError } from '../../../contract/errors.ts'
import type { Message } from '../../../contract/protocol.ts'
import { type EngineProcess, superviseEngine } from '../../../main/processes/supervisor.ts'

/** A process that answers nothing by itself. `end` is how it ends. */
function fakeProcess() {
  const listeners = { message: new Set<(message: Message) => void>(), close: new Set<() => void>() }
  const exited = Promise.withResolvers<string>()
  const disconnect = () => {
    for (const listener of [...listeners.close]) listener()
  }
  const process = {
    sent: [] as Message[],
    channel: {
      send: (message: Message) => process.sent.push(message),
      onMessage: (listener: (message: Message) => void) => {
        listeners.message.add(listener)
        return () => listeners.message.delete(listener)
      },
      onClose: (listener: () => void) => {
        listeners.close.add(listener)
        return () => listeners.close.delete(listener)
      },
      close: vi.fn(disconnect),
    },
    exited: exited.promise,
    kill: vi.fn(() => exited.resolve('signal SIGKILL')),
    disconnect,
    say: (message: Message) => {
      for (const listener of listeners.message) listener(message)
    },
    end: async (how = 'exit code 1') => {
      disconnect()
      exited.resolve(how)
      await vi.advanceTimersByTimeAsync(0)
    },
  } satisfies EngineProcess & Record<string, unknown>
  return process
}

function supervised() {
  const processes: ReturnType<typeof fakeProcess>[] = []
  const log = vi.fn()
  const spawn = () => {
    const process = fakeProcess()
    processes.push(process)
    return process
  }
  const engine = superviseEngine({ spawn, log })
  const last = () => {
    const process = processes.at(-1)
    if (!process) throw new Error('Nothing was started.')
    return process
  }
  return { engine, processes, last, log }
}

/** Of the last call of a command that a process has got. */
function idOf({ sent }: ReturnType<typeof fakeProcess>, name: string): number {
  const call = sent.findLast((message) => message.type === 'call' && message.name === name)
  if (call?.type !== 'call') throw new Error(`${name} was not asked.`)
  return call.id
}

const refusal = { name: 'UserError', code: 'engine-left', message: 'Try again.' }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('superviseEngine', () => {
  test('a crash rejects what was asked, and what is asked next waits for the new engine', async () => {
    const { engine, processes, last } = supervised()
    const lost = expect(engine.client.call('jobs', {})).rejects.toThrow(
      "Albumen's engine stopped before it answered.",
    )
    await last().end()
    await lost
    const waiting = engine.client.call('jobs', {})
    expect(processes).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(250)
    expect(processes).toHaveLength(2)
    const call = last().sent[0]
    expect(call).toMatchObject({ type: 'call', name: 'jobs' })
    last().say({ type: 'result', id: 1, result: 'idle' })
    await expect(waiting).resolves.toBe('idle')
  })

  test('listeners hear the new engine, and that every query is to be asked again', async () => {
    const { engine, last } = supervised()
    const jobs = vi.fn()
    const stale = vi.fn()
    const stop = engine.client.on('jobs', jobs)
    engine.client.on('stale', stale)
    const restarted = vi.fn()
    engine.onRestarted(restarted)
    await last().end()
    expect(restarted).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(250)
    expect(restarted).toHaveBeenCalledTimes(1)
    expect(stale).toHaveBeenCalledWith({ queries: expect.arrayContaining(['jobs', 'photoPage']) })
    last().say({ type: 'event', name: 'jobs', payload: 1 })
    stop()
    last().say({ type: 'event', name: 'jobs', payload: 2 })
    expect(jobs.mock.calls).toEqual([[1]])
  })

  test('gives up after five crashes in a minute, with a sentence for everybody who asks', async () => {
    const { engine, processes, last } = supervised()
    const givenUp = vi.fn()
    engine.onGivenUp(givenUp)
    for (const _crash of [1, 2, 3, 4]) {
      await last().end()
      await vi.advanceTimersByTimeAsync(2000)
    }
    const waiting = expect(engine.client.call('jobs', {})).rejects.toThrow('stopped before')
    await last().end('signal SIGSEGV')
    await waiting
    await vi.advanceTimersByTimeAsync(60_000)
    expect(processes).toHaveLength(5)
    expect(givenUp).toHaveBeenCalledOnce()
    await expect(engine.client.call('jobs', {})).rejects.toThrow(
      /ended 5 times within a minute, last with signal SIGSEGV: start Albumen again/,
    )
  })

  test('an engine that wants another in its place is no crash, and loses nothing that it is asked', async () => {
    const { engine, processes, last, log } = supervised()
    const stale = vi.fn()
    engine.client.on('stale', stale)
    // More often than crashes would be forgiven.
    for (let times = 1; times <= 6; times++) {
      const leaving = last()
      const asked = engine.client.call('restoreBackup', {})
      leaving.say({ type: 'event', name: 'restartWanted', payload: {} })
      const waiting = engine.client.call('jobs', {})
      leaving.say({ type: 'result', id: idOf(leaving, 'restoreBackup'), result: 'restored' })
      await expect(asked).resolves.toBe('restored')
      expect(leaving.channel.close).not.toHaveBeenCalled()
      leaving.say({ type: 'error', id: idOf(leaving, 'jobs'), error: refusal })
      await vi.advanceTimersByTimeAsync(0)
      expect(leaving.channel.close).toHaveBeenCalled()
      await leaving.end('exit code 0')
      expect(processes).toHaveLength(times + 1)
      expect(stale).toHaveBeenCalledTimes(times)
      // What was asked meanwhile waited for the next one, which leaves in its turn.
      last().say({ type: 'result', id: idOf(last(), 'jobs'), result: 'idle' })
      await expect(waiting).resolves.toBe('idle')
    }
    expect(log.mock.calls.flat().filter((line) => line.includes('ended'))).toEqual([])
  })

  test('what was refused by an engine that left is asked of the next one', async () => {
    const { engine, last } = supervised()
    const leaving = last()
    const waiting = engine.client.call('tagPhotos', {})
    leaving.say({ type: 'event', name: 'restartWanted', payload: {} })
    leaving.say({ type: 'error', id: 1, error: refusal })
    leaving.say({ type: 'error', id: 2, error: refusal })
    await vi.advanceTimersByTimeAsync(0)
    await leaving.end('exit code 0')
    await vi.advanceTimersByTimeAsync(0)
    expect(last().sent).toMatchObject([{ type: 'call', name: 'tagPhotos' }])
    last().say({ type: 'result', id: 1, result: 'tagged' })
    await expect(waiting).resolves.toBe('tagged')
  })

  test('what an engine says about why it cannot start is the answer to everything', async () => {
    const { engine, processes, last } = supervised()
    const givenUp = vi.fn()
    engine.onGivenUp(givenUp)
    const error = new UserError('newer-library', 'Update Albumen to open this library.')
    const waiting = expect(engine.client.call('jobs', {})).rejects.toEqual(error)
    last().say({
      type: 'event',
      name: 'startFailed',
      payload: { name: 'UserError', code: error.code, message: error.message },
    })
    await waiting
    expect(givenUp).toHaveBeenCalledWith(error)
    await expect(engine.client.call('jobs', {})).rejects.toEqual(error)
    await last().end()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(processes).toHaveLength(1)
    expect(last().kill).not.toHaveBeenCalled()
  })

  test('stopping closes the channel and waits for the engine to finish', async () => {
    const { engine, processes, last } = supervised()
    let stopped = false
    void engine.stop().then(() => {
      stopped = true
    })
    expect(last().channel.close).toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(9999)
    expect(stopped).toBe(false)
    await last().end('exit code 0')
    expect(stopped).toBe(true)
    expect(last().kill).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(processes).toHaveLength(1)
  })

  test('an engine that does not end within ten seconds is ended by force', async () => {
    const { engine, last } = supervised()
    const stopped = engine.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(last().kill).toHaveBeenCalled()
    await stopped
  })

  test('stopping between a crash and its restart starts nothing any more', async () => {
    const { engine, processes, last } = supervised()
    await last().end()
    const waiting = expect(engine.client.call('jobs', {})).rejects.toThrow('stopped before')
    await engine.stop()
    await waiting
    await vi.advanceTimersByTimeAsync(60_000)
    expect(processes).toHaveLength(1)
  })

  test('an engine that lost its channel but lives on is ended and replaced', async () => {
    const { processes, last } = supervised()
    last().disconnect()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(processes[0]?.kill).toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(250)
    expect(processes).toHaveLength(2)
  })

  test('a call that waits for a restart can be cancelled', async () => {
    const { engine, last } = supervised()
    await last().end()
    const controller = new AbortController()
    const waiting = engine.client.call('jobs', {}, { signal: controller.signal })
    controller.abort(new Error('no longer wanted'))
    await expect(waiting).rejects.toThrow('no longer wanted')
  })
})
