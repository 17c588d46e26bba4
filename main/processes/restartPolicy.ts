/** This many crashes within this many milliseconds, and there is no point in another try. */
export const patience = { crashes: 5, within: 60_000 } as const

const firstDelay = 250

/**
 * How long to wait before starting a process again, in milliseconds; `null`: give up.
 * `crashes`: when it crashed so far, the last one included, in milliseconds.
 */
export function restartDelay(crashes: readonly number[]): number | null {
  const last = crashes.at(-1) ?? 0
  const recent = crashes.filter((time) => last - time < patience.within).length
  return recent >= patience.crashes ? null : firstDelay * 2 ** (recent - 1)
}
