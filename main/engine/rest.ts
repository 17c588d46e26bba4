import { EventEmitter, once } from 'node:events'

/** Whether work that can be put off is put off for now. */
export interface Rest {
  isResting(): boolean
  /** Resolves as soon as there is none; rejects when `signal` is aborted before. */
  over(signal: AbortSignal): Promise<void>
  /** Resolves as soon as there is one; rejects when `signal` is aborted before. */
  begun(signal: AbortSignal): Promise<void>
  /** How many have begun so far. */
  count(): number
}

export interface RestSwitch extends Rest {
  set(resting: boolean): void
}

export function createRest(): RestSwitch {
  const turns = new EventEmitter().setMaxListeners(0)
  let resting = false
  let count = 0
  return {
    isResting: () => resting,
    count: () => count,
    async over(signal) {
      while (resting) await once(turns, 'over', { signal })
    },
    async begun(signal) {
      if (!resting) await once(turns, 'begun', { signal })
    },
    set(next) {
      if (next === resting) return
      resting = next
      if (resting) count++
      turns.emit(resting ? 'begun' : 'over')
    },
  }
}
