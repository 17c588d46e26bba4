import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { watchPower } from '../../../main/shell/power.ts'

test('tells where the power comes from, at first and whenever that changes', () => {
  const power = Object.assign(new EventEmitter(), { onBatteryPower: true })
  const told: boolean[] = []
  watchPower(power, (onBattery) => told.push(onBattery))
  power.emit('on-ac')
  power.emit('on-battery')
  expect(told).toEqual([true, false, true])
})
