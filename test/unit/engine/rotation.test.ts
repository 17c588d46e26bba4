import { describe, expect, test } from 'vitest'
import { dailyName, kindOf, localDay, replacedName } from '../../../main/engine/backup/names.ts'
import { outdated } from '../../../main/engine/backup/rotation.ts'
import { isDue } from '../../../main/engine/backup/schedule.ts'
import { createChance } from '../../support/random.ts'

/** At noon here, so that no change of the clocks moves it to another day. */
const noon = (year: number, month: number, day: number) =>
  new Date(year, month - 1, day, 12).getTime()

const dayAfter = (at: number, days: number) => {
  const date = new Date(at)
  return new Date(date).setDate(date.getDate() + days)
}

/** What is left when backups are made at these times one after the other, and rotated each time. */
function keptOf(times: readonly number[]): number[] {
  let kept: { madeAt: number }[] = []
  for (const madeAt of times) {
    kept.push({ madeAt })
    const old = new Set(outdated(kept))
    kept = kept.filter((backup) => !old.has(backup))
  }
  return kept.map(({ madeAt }) => madeAt)
}

const daily = (from: number, days: number) =>
  Array.from({ length: days }, (_, day) => dayAfter(from, day))

describe('rotation', () => {
  test('keeps 7 days, 8 weeks before them and 12 months before those of backups made daily', () => {
    const days = daily(noon(2024, 1, 1), 800)
    const kept = keptOf(days)
    const newest = days.at(-1) ?? 0
    expect(kept.slice(-7)).toEqual(days.slice(-7))
    expect(kept).toHaveLength(7 + 8 + 12)
    const weeks = kept.slice(-15, -7)
    // Mondays, or the first day that is in no other period.
    expect(weeks.filter((at) => new Date(at).getDay() === 1).length).toBeGreaterThanOrEqual(7)
    for (const [index, at] of weeks.slice(1).entries()) {
      expect((at - (weeks[index] ?? 0)) / 86_400_000).toBeLessThan(15)
    }
    const months = kept.slice(0, 12).map((at) => localDay(at).slice(0, 7))
    expect(new Set(months).size).toBe(12)
    expect((newest - (kept[0] ?? 0)) / 86_400_000).toBeGreaterThan(365)
  })

  test('keeps all of a day that are among the newest', () => {
    const morning = noon(2026, 3, 3) - 3_600_000
    expect(keptOf([morning, morning + 1, morning + 2])).toHaveLength(3)
  })

  test('never takes the newest, nor one of a library that is used once in a while', () => {
    const rare = Array.from({ length: 20 }, (_, index) => noon(2020 + index, 6, 1))
    expect(keptOf(rare)).toEqual(rare)
  })

  test('leaves the newest and at most 27 days whenever backups are made', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const chance = createChance(seed)
      let at = noon(2023, 1, 1)
      const times = Array.from({ length: 300 }, () => {
        at = dayAfter(at, 1 + chance.below(seed))
        return at
      })
      const kept = keptOf(times)
      expect(kept.at(-1)).toBe(times.at(-1))
      expect(kept.slice(-7)).toEqual(times.slice(-7))
      expect(kept.length).toBeLessThanOrEqual(27)
    }
  })

  test('gives the same answer asked again', () => {
    const kept = keptOf(daily(noon(2025, 5, 5), 200)).map((madeAt) => ({ madeAt }))
    expect(outdated(kept)).toEqual([])
  })
})

describe('a daily backup', () => {
  const hour = 3_600_000
  test.each([
    ['there is none', null, 0, true],
    ['the newest is of the day before yesterday', 0, 48 * hour, true],
    ['it is 21 hours old and of yesterday', -9 * hour, 12 * hour, true],
    ['it is 19 hours old and of yesterday', -7 * hour, 12 * hour, false],
    ['it is 21 hours old and of today', 1 * hour, 22 * hour, false],
    ['it seems to be of next year', 9000 * hour, 0, true],
  ])('is due or not where %s', (_case, newest, now, due) => {
    const midnight = new Date(2026, 8, 14).getTime()
    expect(isDue(newest === null ? null : midnight + newest, midnight + now)).toBe(due)
  })
})

describe('names', () => {
  test('tell the kind, and files of others from ours', () => {
    const at = noon(2026, 10, 3)
    expect(dailyName(at, 1)).toBe('albumen-2026-10-03.sqlite')
    expect(dailyName(at, 2)).toBe('albumen-2026-10-03-2.sqlite')
    expect(replacedName(at, 1)).toBe('replaced-2026-10-03T12-00-00.sqlite')
    expect(kindOf(dailyName(at, 12))).toBe('daily')
    expect(kindOf(replacedName(at, 2))).toBe('replaced')
    expect(kindOf('before-schema-2.sqlite')).toBe('migration')
    for (const name of [
      'albumen-2026-10-03.sqlite.partial',
      'albumen.sqlite',
      'my albumen-2026-10-03.sqlite',
      '.albumen-1.partial',
    ]) {
      expect(kindOf(name), name).toBeNull()
    }
  })
})
