import type { Backup, BackupContents, BackupProgress } from '../../contract/backups.ts'
import { counted, formatPhotos } from '../app/format.ts'

export const kindNames: Record<Backup['kind'], string> = {
  daily: 'Backup',
  migration: 'Before an update',
  replaced: 'Before restoring',
}

/** `1,204 photos, 12 decisions, 1 album`: what there is none of is left out, but for the first two. */
export function formatContents({ photos, decisions, albums, ratings }: BackupContents): string {
  return [
    formatPhotos(photos),
    counted(decisions, 'decision'),
    albums > 0 && counted(albums, 'album'),
    ratings > 0 && counted(ratings, 'rating'),
  ]
    .filter((part) => part !== false)
    .join(', ')
}

/** `null`: not begun yet. */
export function formatBackupProgress(progress: BackupProgress | null): string {
  if (progress === null) return 'Starting…'
  if (progress.phase === 'verifying') return 'Verifying…'
  return progress.share === null ? 'Copying…' : `Copying, ${Math.floor(progress.share * 100)} %`
}
