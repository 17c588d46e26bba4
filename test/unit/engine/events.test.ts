import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createEventHub, createStaleSet, throttled } from '../../../main/engine/events.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('what is throttled', () => {
  test('runs soon after the first call, and once for many', () => {
    const action = vi.fn()
    const request = throttled(action, () => 1000)
    for (let call = 0; call < 10; call++) request()
    vi.advanceTimersByTime(50)
    expect(action).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(5000)
    expect(action).toHaveBeenCalledTimes(1)
  })

  test('runs at most once in its interval, and the last call is never lost', () => {
    const action = vi.fn()
    const request = throttled(action, () => 1000)
    for (let time = 0; time < 10_000; time += 100) {
      request()
      vi.advanceTimersByTime(100)
    }
    expect(action.mock.calls.length).toBeGreaterThanOrEqual(9)
    expect(action.mock.calls.length).toBeLessThanOrEqual(11)
    const before = action.mock.calls.length
    request()
    vi.advanceTimersByTime(1000)
    expect(action.mock.calls.length).toBeGreaterThan(before)
  })

  test('does not run after it was cancelled', () => {
    const action = vi.fn()
    const request = throttled(action, () => 10)
    request()
    request.cancel()
    vi.advanceTimersByTime(100)
    expect(action).not.toHaveBeenCalled()
  })
})

test('what became stale is told once, together', () => {
  const stale = createStaleSet()
  stale.add(['facets', 'jobs'])
  stale.add(['jobs', 'photoPage'])
  expect(stale.take().toSorted()).toEqual(['facets', 'jobs', 'photoPage'])
  expect(stale.take()).toEqual([])
})

test('a subscription ends when its undo is called', () => {
  const hub = createEventHub()
  const listener = vi.fn()
  const stop = hub.on('stale', listener)
  hub.emit('stale', { queries: ['jobs'] })
  stop()
  hub.emit('stale', { queries: ['facets'] })
  expect(listener.mock.calls).toEqual([[{ queries: ['jobs'] }]])
})
