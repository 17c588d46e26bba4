/** Names of the files in a folder of backups; files of other names are somebody else's. */
import type { BackupKind } from '../../../contract/backups.ts'

const kinds: readonly (readonly [BackupKind, RegExp])[] = [
  ['daily', /^albumen-\d{4}-\d\d-\d\d(-\d+)?\.sqlite$/],
  ['migration', /^before-schema-\d+(-\d+)?\.sqlite$/],
  ['replaced', /^replaced-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(-\d+)?\.sqlite$/],
]

/** `null` for a file that is none of ours. */
export const kindOf = (name: string): BackupKind | null =>
  kinds.find(([, names]) => names.test(name))?.[0] ?? null

const two = (value: number) => String(value).padStart(2, '0')

/** `2026-10-03`, of the day that it is here. `at`: milliseconds since 1970. */
export function localDay(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** `17-05-09`: no file system takes offence at it. */
function localTime(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join('-')
}

/** `count`: 1 for the first of a day. */
export const dailyName = (at: number, count: number): string =>
  `albumen-${localDay(at)}${numbered(count)}.sqlite`

/** `count`: 1 for the first of a second. */
export const replacedName = (at: number, count: number): string =>
  `replaced-${localDay(at)}T${localTime(at)}${numbered(count)}.sqlite`

const numbered = (count: number) => (count === 1 ? '' : `-${count}`)

/** `count`: 1 for the first before a migration to `schema`. */
export const migrationName = (schema: number, count: number): string =>
  `before-schema-${schema}${numbered(count)}.sqlite`
