import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Backup, BackupContents } from '../../../contract/backups.ts'
import { messageOf } from '../../../contract/errors.ts'
import { type BackupNote, type Holdings, lookInto } from '../db/backup.ts'
import { kindOf } from './names.ts'
import { backupPlace, usualFolder } from './place.ts'

/** With the note that Albumen wrote into it; `null` where it did not. */
export interface FoundBackup extends Backup {
  note: BackupNote | null
}

/** Backups of a library, newest first: in the folder that they go to, and in the usual one. */
export function findBackups(directory: string): FoundBackup[] {
  const { library, folder, isUsual } = backupPlace(directory)
  const usual = backupsIn(usualFolder(directory))
  if (isUsual) return newestFirst(usual)
  // Other libraries may have theirs in the same folder.
  const chosen = backupsIn(folder).filter(({ note }) => note === null || note.library === library)
  return newestFirst([...usual, ...chosen])
}

/** The newest that can be restored: of those made day by day, else of the others. */
export function newestBackup(directory: string): FoundBackup | null {
  const found = findBackups(directory).filter(({ contents }) => contents !== null)
  return found.find(({ kind }) => kind === 'daily') ?? found[0] ?? null
}

const newestFirst = (backups: FoundBackup[]) =>
  backups.sort((a, b) => b.madeAt.localeCompare(a.madeAt))

/** Those whose name is `wanted`; none where the folder cannot be read. */
export function backupsIn(folder: string, wanted = (_name: string) => true): FoundBackup[] {
  return namesIn(folder)
    .filter(wanted)
    .flatMap((name) => {
      const kind = kindOf(name)
      if (kind === null) return []
      const path = join(folder, name)
      const stats = statSync(path, { throwIfNoEntry: false })
      return stats?.isFile() ? [lookAt(path, kind, stats)] : []
    })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function lookAt(
  path: string,
  kind: Backup['kind'],
  { size: bytes, mtimeMs }: { size: number; mtimeMs: number },
): FoundBackup {
  try {
    const { note, ...holdings } = lookInto(path)
    const madeAt = new Date(note?.madeAt ?? mtimeMs).toISOString()
    return { path, kind, madeAt, bytes, contents: contentsOf(holdings), problem: null, note }
  } catch (error) {
    const madeAt = new Date(mtimeMs).toISOString()
    return { path, kind, madeAt, bytes, contents: null, problem: messageOf(error), note: null }
  }
}

export const contentsOf = ({
  photos,
  said,
}: Pick<Holdings, 'photos' | 'said'>): BackupContents => ({
  photos,
  decisions: said.decision ?? 0,
  albums: said.album ?? 0,
  ratings: said.rating ?? 0,
})
