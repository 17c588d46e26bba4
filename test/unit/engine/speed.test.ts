import { expect, test } from 'vitest'
import { createSpeedMeter } from '../../../main/engine/jobs/speed.ts'

function meterWithClock() {
  const clock = { now: 0 }
  return { clock, meter: createSpeedMeter(() => clock.now) }
}

test('knows nothing at first', () => {
  const { meter, clock } = meterWithClock()
  expect(meter.perSecond()).toBe(0)
  meter.count(5)
  clock.now = 100
  expect(meter.perSecond()).toBe(0)
})

test('tells what is done in a second', () => {
  const { meter, clock } = meterWithClock()
  for (clock.now = 0; clock.now < 5000; clock.now += 100) meter.count(2)
  expect(meter.perSecond()).toBeCloseTo(20, 0)
})

test('forgets what is long ago', () => {
  const { meter, clock } = meterWithClock()
  for (clock.now = 0; clock.now < 20_000; clock.now += 100) meter.count(100)
  for (; clock.now < 40_000; clock.now += 100) meter.count(1)
  expect(meter.perSecond()).toBeCloseTo(10, 0)
})

test('sinks while nothing comes', () => {
  const { meter, clock } = meterWithClock()
  for (clock.now = 0; clock.now < 2000; clock.now += 100) meter.count(1)
  const before = meter.perSecond()
  clock.now += 10_000
  expect(meter.perSecond()).toBeLessThan(before / 3)
})

test('begins anew after a reset', () => {
  const { meter, clock } = meterWithClock()
  for (clock.now = 0; clock.now < 2000; clock.now += 100) meter.count(1)
  meter.reset()
  expect(meter.perSecond()).toBe(0)
})
