import { DisconnectedError, UserError } from '../../../contract/errors.ts'
import { DEATHS_TO_QUARANTINE, failedLook, HANG_MS, looksFor } from '../../engine/jobs/runner.ts'
import type { VisionSupervisor } from '../../engine/jobs/visionSupervisor.ts'
import type { LookOutcome, Prediction } from '../../rpc/visionCommands.ts'

/** What came of a look. `reason`: one sentence. */
export type Look =
  | { state: 'seen'; predictions: Prediction[] }
  | { state: 'unread'; reason: string }

export interface LookOptions {
  /** Photos that the model sees together. */
  batchSize: number
  signal: AbortSignal
  onProgress: (done: number) => void
}

/**
 * Has vision look at photos as indexing does: as many at once, a process that hangs is ended, and
 * when it dies, each photo that it was looking at is tried again alone, so that only the one that
 * kills it every time is given up. Resolves with a look for each path, in order. Throws the signal's
 * reason, and UserError when no photo can be looked at any more.
 */
export async function lookAtAll(
  vision: Pick<VisionSupervisor, 'look' | 'kill'>,
  paths: readonly string[],
  { batchSize, signal, onProgress }: LookOptions,
): Promise<Look[]> {
  const looks: Look[] = []
  const suspects: number[] = []
  const stop = new AbortController()
  const stopped = AbortSignal.any([signal, stop.signal])
  let done = 0
  let hangTimer: NodeJS.Timeout | undefined
  const watchForHang = () => {
    clearTimeout(hangTimer)
    hangTimer = setTimeout(() => vision.kill(), HANG_MS).unref()
  }

  /** `false`: vision died, and the look is to be tried again. */
  async function look(index: number, mayRetry: boolean): Promise<boolean> {
    stopped.throwIfAborted()
    watchForHang()
    let outcome: LookOutcome
    try {
      outcome = await vision.look(paths[index] ?? '', true, stopped)
    } catch (error) {
      stopped.throwIfAborted()
      if (error instanceof UserError) throw error
      if (error instanceof DisconnectedError && mayRetry) return false
      outcome = failedLook(error)
    }
    stopped.throwIfAborted()
    watchForHang()
    looks[index] = lookOf(outcome)
    onProgress(++done)
    return true
  }

  const queue = paths.keys()
  async function work(): Promise<void> {
    for (const index of queue) if (!(await look(index, true))) suspects.push(index)
  }
  try {
    await Promise.all(Array.from({ length: looksFor(batchSize) }, work))
    for (const index of suspects) {
      let deaths = 1
      while (!(await look(index, deaths + 1 < DEATHS_TO_QUARANTINE))) deaths++
    }
    return looks
  } finally {
    clearTimeout(hangTimer)
    // The other workers stop at their next look.
    stop.abort()
  }
}

function lookOf(outcome: LookOutcome): Look {
  switch (outcome.state) {
    case 'seen':
      return { state: 'seen', predictions: outcome.predictions ?? [] }
    case 'unreadable':
      return { state: 'unread', reason: outcome.reason }
    case 'missing':
      return { state: 'unread', reason: 'There is no such file, or it cannot be reached.' }
  }
}
