export interface SpeedMeter {
  count(amount: number): void
  /** Per second over the last seconds; 0 until there is something to tell. */
  perSecond(): number
  reset(): void
}

const WINDOW_MS = 15_000
const SAMPLE_MS = 250

/** `now`: milliseconds on a clock that only goes forward. */
export function createSpeedMeter(now: () => number): SpeedMeter {
  let total = 0
  let samples: { at: number; total: number }[] = []

  function sample(): void {
    const at = now()
    const last = samples.at(-1)
    if (last && at - last.at < SAMPLE_MS) return
    samples.push({ at, total })
    while (samples.length > 2 && at - (samples[0]?.at ?? at) > WINDOW_MS) samples.shift()
  }

  return {
    count(amount) {
      sample()
      total += amount
    },
    perSecond() {
      const first = samples[0]
      const elapsed = first ? now() - first.at : 0
      return first && elapsed >= SAMPLE_MS ? ((total - first.total) * 1000) / elapsed : 0
    },
    reset() {
      total = 0
      samples = []
    },
  }
}
