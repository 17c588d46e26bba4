import type { ModelProgress } from '../../../contract/models.ts'
import { createSpeedMeter } from '../jobs/speed.ts'

export interface ProgressTeller {
  /** Counts bytes that just came, for the speed. */
  received(bytes: number): void
  /** `received` and `total` in bytes. A change of the phase is told at once, the rest now and then. */
  tell(phase: ModelProgress['phase'], received: number, total: number | null): void
}

/** Milliseconds: more often than that nobody sees. */
const PAUSE = 100

export function createModelProgress(onProgress: (progress: ModelProgress) => void): ProgressTeller {
  const now = () => performance.now()
  const speed = createSpeedMeter(now)
  let last: { phase: ModelProgress['phase']; at: number } | null = null
  return {
    received: speed.count,
    tell(phase, received, total) {
      const at = now()
      const finished = received === total
      if (last?.phase === phase && at - last.at < PAUSE && !finished) return
      last = { phase, at }
      const perSecond = phase === 'receiving' || phase === 'copying' ? speed.perSecond() : 0
      onProgress({ phase, received, total, perSecond })
    },
  }
}
