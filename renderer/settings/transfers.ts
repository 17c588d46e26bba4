/** Models that are being got or added. They go on while the settings are closed. */
import { UserError } from '../../contract/errors.ts'
import type { InstalledModel, ModelProgress } from '../../contract/models.ts'
import type { CallOptions } from '../../contract/protocol.ts'

export type Transfer =
  /** `progress` is `null` until there is some. */
  { state: 'running'; progress: ModelProgress | null } | { state: 'failed'; error: Error }

export interface Transfers {
  /** `key`: the model's id, or what else tells it apart. One that is running goes on as it is. */
  start(key: string, run: (options: CallOptions<ModelProgress>) => Promise<InstalledModel>): void
  /** Stops it and forgets it; what is here stays. */
  cancel(key: string): void
  current(): ReadonlyMap<string, Transfer>
  /** Returns how to stop listening. */
  subscribe(listener: () => void): () => void
}

interface TransfersOptions {
  onArrived: (model: InstalledModel) => void
  /** It has ended, one way or another. */
  onEnded: () => void
}

export function createTransfers({ onArrived, onEnded }: TransfersOptions): Transfers {
  const listeners = new Set<() => void>()
  const controllers = new Map<string, AbortController>()
  let transfers: ReadonlyMap<string, Transfer> = new Map()

  function become(key: string, transfer: Transfer | null): void {
    const next = new Map(transfers)
    if (transfer) next.set(key, transfer)
    else next.delete(key)
    transfers = next
    for (const listener of listeners) listener()
  }

  return {
    async start(key, run) {
      if (controllers.has(key)) return
      const controller = new AbortController()
      controllers.set(key, controller)
      become(key, { state: 'running', progress: null })
      try {
        const model = await run({
          signal: controller.signal,
          onProgress: (progress) => become(key, { state: 'running', progress }),
        })
        become(key, null)
        onArrived(model)
      } catch (error) {
        const cancelled = error instanceof UserError && error.code === 'cancelled'
        become(key, cancelled ? null : { state: 'failed', error: error as Error })
      } finally {
        controllers.delete(key)
        onEnded()
      }
    },
    cancel(key) {
      const controller = controllers.get(key)
      if (controller) controller.abort()
      else become(key, null)
    },
    current: () => transfers,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
