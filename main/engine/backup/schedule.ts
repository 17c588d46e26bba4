import { localDay } from './names.ts'

const HOURS = 3_600_000

/** Age from which on the newest backup is too old: less than a day, as nobody starts at the same minute. */
const TOO_OLD_MS = 20 * HOURS

/**
 * Whether it is time for the backup of the day. `newest`: when the last one was made, `null` for none;
 * one from the future tells of a clock that was wrong.
 */
export const isDue = (newest: number | null, now: number): boolean =>
  newest === null || (Math.abs(now - newest) >= TOO_OLD_MS && localDay(newest) !== localDay(now))

export interface BackupTiming {
  /** Milliseconds from the start to the first backup: starting has the disk to itself. */
  first: number
  /** How often it is looked whether one is due. */
  look: number
  /** How long a backup that could not be made is left alone. */
  retry: number
}

export const usualTiming: BackupTiming = { first: 60_000, look: 600_000, retry: HOURS }
