import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { watchPower } from '../../../main/shell/power.ts'

test('tells where the power comes from: at first, when that changes, and to every new engine', () => {
  const power = Object.assign(new EventEmitter(), { onBatteryPower: true })
  const restarted: (() => void)[] = []
  const onRestarted = (listener: () => void) => {
    restarted.push(listener)
    return () => {}
  }
  const told: boolean[] = []
  watchPower(power, { onRestarted }, (onBattery) => told.push(onBattery))
  power.emit('on-ac')
  power.emit('on-battery')
  expect(told).toEqual([true, false, true])
  for (const listener of restarted) listener()
  expect(told.slice(3)).toEqual([true])
})
