import type { Events, QueryName } from '../../contract/commands.ts'

export interface EventSource {
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void
}

export interface EventHub extends EventSource {
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void
}

export function createEventHub(): EventHub {
  const listeners = new Map<keyof Events, Set<(payload: never) => void>>()
  return {
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      return () => set.delete(listener)
    },
    emit(name, payload) {
      for (const listener of listeners.get(name) ?? []) {
        ;(listener as (payload: unknown) => void)(payload)
      }
    },
  }
}

export interface Throttle {
  (): void
  cancel(): void
}

/** Runs `action` soon after the first call and at most once in `intervalMs()` milliseconds. */
export function throttled(action: () => void, intervalMs: () => number): Throttle {
  let timer: NodeJS.Timeout | null = null
  let last = Number.NEGATIVE_INFINITY
  const run = () => {
    timer = null
    last = performance.now()
    action()
  }
  const request = () => {
    timer ??= setTimeout(run, Math.max(20, last + intervalMs() - performance.now()))
  }
  return Object.assign(request, {
    cancel: () => {
      if (timer) clearTimeout(timer)
      timer = null
    },
  })
}

/** Collects the names of queries that became stale, to tell them together. */
export function createStaleSet(): { add(names: readonly QueryName[]): void; take(): QueryName[] } {
  let names = new Set<QueryName>()
  return {
    add: (more) => {
      for (const name of more) names.add(name)
    },
    take: () => {
      const taken = [...names]
      names = new Set()
      return taken
    },
  }
}
