import { localDay } from './names.ts'

const DAYS_KEPT = 7
const WEEKS_KEPT = 8
const MONTHS_KEPT = 12

/**
 * Which backups have had their time: those that are not of the newest 7 days that have any, nor the
 * first of one of the 8 weeks before, nor the first of one of the 12 months before those. They are
 * counted, not timed: a library that is used once in a while loses nothing by waiting.
 */
export function outdated<Backup extends { madeAt: number }>(backups: readonly Backup[]): Backup[] {
  const newestFirst = [...backups].sort((a, b) => b.madeAt - a.madeAt)
  const [, beforeDays] = split(newestFirst, DAYS_KEPT, ({ madeAt }) => localDay(madeAt))
  const [weeks, beforeWeeks] = split(beforeDays, WEEKS_KEPT, ({ madeAt }) => weekOf(madeAt))
  const [months, beforeMonths] = split(beforeWeeks, MONTHS_KEPT, ({ madeAt }) =>
    localDay(madeAt).slice(0, 'YYYY-MM'.length),
  )
  return [...[...weeks, ...months].flatMap(allButFirst), ...beforeMonths]
}

/** The backups of the newest `count` periods, by period, and the rest. */
function split<Backup>(
  newestFirst: readonly Backup[],
  count: number,
  periodOf: (backup: Backup) => string,
): [periods: Backup[][], rest: Backup[]] {
  const periods = new Map<string, Backup[]>()
  const rest: Backup[] = []
  for (const backup of newestFirst) {
    const period = periodOf(backup)
    const known = periods.get(period)
    if (known) known.push(backup)
    else if (periods.size < count) periods.set(period, [backup])
    else rest.push(backup)
  }
  return [[...periods.values()], rest]
}

/** The first of a period stays where it is while time goes on; the last would change every day. */
const allButFirst = <Backup>(newestFirst: readonly Backup[]) => newestFirst.slice(0, -1)

/** The day that its week began on, a Monday. */
function weekOf(at: number): string {
  const date = new Date(at)
  const daysSinceMonday = (date.getDay() + 6) % 7
  return localDay(new Date(date).setDate(date.getDate() - daysSinceMonday))
}
