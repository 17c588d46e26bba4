import { describe, expect, test, vi } from 'vitest'
import { forkEngine } from '../../../main/shell/children.ts'
import { type FakeChild, fakeChild, fakePorts } from './fakes.ts'

const visionWanted = (id: number, role = 'looking') => ({
  type: 'event',
  name: 'visionWanted',
  payload: { id, role },
})

function started() {
  const forked: { entry: string; args: string[]; child: FakeChild }[] = []
  const kill = vi.fn()
  const log = vi.fn()
  const children = {
    fork: (entry: string, args: string[]) => {
      const child = fakeChild(100 + forked.length)
      forked.push({ entry, args, child })
      return child
    },
    createPorts: fakePorts,
    kill,
    log,
  }
  const engine = forkEngine(children as never, {
    library: '/library',
    model: null,
    anyArchitecture: false,
  })
  const child = (index: number) => {
    const one = forked[index]
    if (!one) throw new Error(`Process ${index} was not started.`)
    return one.child
  }
  return { engine, forked, child, kill, log }
}

describe('forkEngine', () => {
  test('starts the engine with its options and carries messages both ways', () => {
    const { engine, forked, child } = started()
    expect(forked[0]?.entry).toMatch(/engine[\\/]process\.ts$/)
    expect(forked[0]?.args).toEqual(['{"library":"/library","model":null,"anyArchitecture":false}'])
    const heard = vi.fn()
    engine.channel.onMessage(heard)
    child(0).emit('message', { type: 'result', id: 1, result: 2 })
    expect(heard).toHaveBeenCalledWith({ type: 'result', id: 1, result: 2 })
    engine.channel.send({ type: 'cancel', id: 1 })
    expect(child(0).postMessage).toHaveBeenCalledWith({ type: 'cancel', id: 1 })
  })

  test('closing its channel asks the engine to stop, because it cannot see that by itself', async () => {
    const { engine, child } = started()
    const closed = vi.fn()
    engine.channel.onClose(closed)
    engine.channel.close()
    expect(child(0).postMessage).toHaveBeenCalledWith({ type: 'stop' })
    expect(closed).not.toHaveBeenCalled()
    child(0).end(0)
    expect(closed).toHaveBeenCalled()
    expect(await engine.exited).toBe('exit code 0')
  })

  test('gives the engine and vision the two ends of one channel', () => {
    const { forked, child } = started()
    child(0).emit('message', visionWanted(1))
    expect(forked[1]?.entry).toMatch(/vision[\\/]process\.ts$/)
    const [toVision, [visionEnd]] = child(1).postMessage.mock.calls[0] as [unknown, [unknown]]
    const [toEngine, [engineEnd]] = child(0).postMessage.mock.calls[0] as [unknown, [unknown]]
    expect(toVision).toEqual({ type: 'engine-port' })
    expect(toEngine).toEqual({ type: 'vision-port', id: 1 })
    expect(visionEnd).not.toBe(engineEnd)
  })

  test('says with what code vision ended, and starts it again when it is wanted', () => {
    const { forked, child, log, kill } = started()
    child(0).emit('message', visionWanted(1))
    child(1).end(134)
    expect(log).toHaveBeenCalledWith("Albumen's vision process ended with exit code 134.")
    child(0).emit('message', visionWanted(2))
    expect(forked).toHaveLength(3)
    expect(kill).not.toHaveBeenCalled()
  })

  test('a vision process that hangs is ended before the next one starts', () => {
    const { child, kill, log } = started()
    child(0).emit('message', visionWanted(1))
    child(0).emit('message', visionWanted(2))
    expect(kill.mock.calls).toEqual([[101]])
    child(1).end(9)
    expect(log).not.toHaveBeenCalled()
  })

  test('processes that try providers live beside the one that looks, until they are not wanted', () => {
    const { forked, child, kill, log } = started()
    child(0).emit('message', visionWanted(1))
    child(0).emit('message', visionWanted(2, 'trying'))
    child(0).emit('message', visionWanted(3, 'trying'))
    expect(forked).toHaveLength(4)
    expect(kill).not.toHaveBeenCalled()
    child(0).emit('message', { type: 'event', name: 'visionUnwanted', payload: { id: 2 } })
    expect(kill.mock.calls).toEqual([[102]])
    // A driver that breaks while it is tried is no news.
    child(3).end(139)
    expect(log).not.toHaveBeenCalled()
    child(0).end(0)
    expect(kill.mock.calls).toEqual([[102], [101]])
  })

  test('vision does not outlive its engine', () => {
    const { child, kill } = started()
    child(0).emit('message', visionWanted(1))
    child(0).end(1)
    expect(kill.mock.calls).toEqual([[101]])
  })

  test('ending the engine by force does nothing once it is gone', () => {
    const { engine, child, kill } = started()
    engine.kill()
    expect(kill.mock.calls).toEqual([[100]])
    child(0).end(9)
    engine.kill()
    expect(kill).toHaveBeenCalledOnce()
  })
})
