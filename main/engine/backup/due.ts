import { openReadOnly } from '../db/open.ts'
import { isAnythingSaid } from '../db/said.ts'
import { backupsIn } from './list.ts'
import { localDay } from './names.ts'
import { backupPlace, reachFolder } from './place.ts'
import { isDue } from './schedule.ts'

const DAY = 24 * 3_600_000

/**
 * Whether a library holds what persons said, and has no backup of the day yet where its backups go: all
 * else can be found out again. Only those are opened whose
 * names tell that they may be new enough: a command is not to wait for it. `now`: milliseconds since
 * 1970. Throws UserError where the folder cannot be reached.
 */
export async function isBackupDue(directory: string, now: number): Promise<boolean> {
  if (!isWorthIt(directory)) return false
  const folder = await reachFolder(directory)
  const { library } = backupPlace(directory)
  const days = [now - DAY, now, now + DAY].map(localDay)
  return backupsIn(folder, (name) => days.some((day) => name.includes(day)))
    .filter(({ kind, note }) => kind === 'daily' && note?.library === library)
    .every(({ madeAt }) => isDue(Date.parse(madeAt), now))
}

function isWorthIt(directory: string): boolean {
  const library = openReadOnly(directory)
  if (!library) return false
  try {
    return isAnythingSaid(library.db)
  } finally {
    library.close()
  }
}
