import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createToasts } from '../../../renderer/dialogs/toasts.tsx'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const messages = (toasts: ReturnType<typeof createToasts>) =>
  toasts.current().map(({ message }) => message)

describe('toasts', () => {
  it('go after their time, not while somebody points at them', () => {
    const toasts = createToasts()
    toasts.showNote('Read.')
    const [note] = toasts.current()
    toasts.hold(note?.id ?? 0)
    vi.advanceTimersByTime(60_000)
    expect(messages(toasts)).toEqual(['Read.'])
    toasts.release(note?.id ?? 0)
    vi.advanceTimersByTime(60_000)
    expect(messages(toasts)).toEqual([])
  })

  it('tell the last change alone, so that Undo means what stands beside it', () => {
    const toasts = createToasts()
    toasts.showChange('Tag 1 photo “a”', 'undo')
    toasts.showNote('Read.')
    toasts.showChange('Tag 1 photo “b”', 'undo')
    expect(messages(toasts)).toEqual(['Read.', 'Tag 1 photo “b”'])
    vi.advanceTimersByTime(60_000)
    expect(messages(toasts)).toEqual([])
  })

  it('tell of work only when it takes a while, until it is done', () => {
    const toasts = createToasts()
    const endQuick = toasts.showWork()
    vi.advanceTimersByTime(100)
    toasts.showChange('Quick', 'undo')
    endQuick()
    vi.advanceTimersByTime(1000)
    expect(messages(toasts)).toEqual(['Quick'])

    const endSlow = toasts.showWork()
    vi.advanceTimersByTime(60_000)
    expect(messages(toasts)).toEqual(['Working on it…'])
    toasts.showChange('Slow', 'undo')
    endSlow()
    expect(messages(toasts)).toEqual(['Slow'])
  })

  it('do not go on telling of work that failed', () => {
    const toasts = createToasts()
    const end = toasts.showWork()
    vi.advanceTimersByTime(1000)
    end()
    expect(messages(toasts)).toEqual([])
  })
})
