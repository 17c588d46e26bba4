import { expect } from 'vitest'
import { systemWatch } from '../../main/engine/watching/systemWatch.ts'
import type { WatchTiming } from '../../main/engine/watching/watchedRoot.ts'
import type { WatchRoot } from '../../main/engine/watching/watchRoot.ts'

/** As ever, but hurried: tests wait for quiet again and again. */
const hurried: WatchTiming = {
  coalesce: 30,
  quiet: 200,
  poll: 100,
  rescan: 600_000,
  audit: 600_000,
  life: 60_000,
}

export const watched = ({
  watchRoot = systemWatch(),
  ...timing
}: Partial<WatchTiming> & { watchRoot?: WatchRoot } = {}) => ({
  watch: { watchRoot, timing: { ...hurried, ...timing } },
})

/** On a machine that does much else, too. */
export const soon = <Value>(read: () => Value | Promise<Value>) =>
  expect.poll(read, { timeout: 20_000, interval: 20 })
