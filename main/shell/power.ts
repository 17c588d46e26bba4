import type { PowerMonitor } from 'electron'

/** What is needed of Electron's power monitor. */
export type Power = Pick<PowerMonitor, 'onBatteryPower'> & {
  on(event: 'on-battery' | 'on-ac', listener: () => void): unknown
}

/** Tells where the machine gets its power from, now and whenever that changes. */
export function watchPower(power: Power, tell: (onBattery: boolean) => void): void {
  tell(power.onBatteryPower)
  power.on('on-battery', () => tell(true))
  power.on('on-ac', () => tell(false))
}
