import type { PowerMonitor } from 'electron'
import type { SupervisedEngine } from '../processes/supervisor.ts'

/** What is needed of Electron's power monitor. */
export type Power = Pick<PowerMonitor, 'onBatteryPower'> & {
  on(event: 'on-battery' | 'on-ac', listener: () => void): unknown
}

/**
 * Tells where the machine gets its power from: now, whenever that changes, and after every start of
 * whoever is told.
 */
export function watchPower(
  power: Power,
  engine: Pick<SupervisedEngine, 'onRestarted'>,
  tell: (onBattery: boolean) => void,
): void {
  const tellNow = () => tell(power.onBatteryPower)
  tellNow()
  engine.onRestarted(tellNow)
  power.on('on-battery', () => tell(true))
  power.on('on-ac', () => tell(false))
}
