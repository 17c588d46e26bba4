import type { ExportProgress } from '../../../contract/domain.ts'
import type { ExportRequest } from './types.ts'

const PROGRESS_MS = 100

/** Tells the first, the last, and ten a second between: a message for each photo is too many. */
export function createProgress({
  onProgress,
  clock,
}: Pick<ExportRequest, 'onProgress' | 'clock'>): (progress: ExportProgress) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  return (progress) => {
    const between = progress.done > 0 && progress.done < progress.total
    if (between && clock() - toldAt < PROGRESS_MS) return
    toldAt = clock()
    onProgress(progress)
  }
}

/**
 * Works on `limit` items at a time. The first failure, or the signal, stops it; it throws only when
 * nothing is running any more, so that what was made can be removed.
 */
export async function forEachConcurrently<Item>(
  items: Iterable<Item>,
  limit: number,
  signal: AbortSignal,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]()
  let failed = false
  async function worker(): Promise<void> {
    while (!failed) {
      try {
        signal.throwIfAborted()
        const { done, value } = waiting.next()
        if (done) return
        await work(value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: limit }, worker))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
