import { useRef, useState } from 'react'
import type {
  Backup,
  BackupContents,
  BackupProgress,
  RestoreReport,
} from '../../contract/backups.ts'
import { formatTime } from '../app/format.ts'
import { useChange } from '../connection/hooks.tsx'
import { ConfirmDialog } from '../dialogs/ConfirmDialog.tsx'
import { formatBackupProgress, formatContents } from './backupFormat.ts'

interface RestoreDialogProps {
  backup: Backup
  /** What the library holds, which is replaced. */
  now: BackupContents
  onRestored: (report: RestoreReport) => void
  onClose: () => void
}

export function RestoreDialog({ backup, now, onRestored, onClose }: RestoreDialogProps) {
  const restore = useChange('restoreBackup')
  const [progress, setProgress] = useState<BackupProgress | null>(null)
  const stop = useRef<AbortController | null>(null)

  function start(): void {
    const controller = new AbortController()
    stop.current = controller
    restore.mutate(
      { input: { path: backup.path }, signal: controller.signal, onProgress: setProgress },
      { onSuccess: onRestored },
    )
  }

  return (
    <ConfirmDialog
      title={`Restore the library of ${formatTime(backup.madeAt)}?`}
      action="Restore"
      busy={restore.isPending}
      onClose={() => {
        stop.current?.abort()
        onClose()
      }}
      onConfirm={start}
    >
      <p>
        It holds {backup.contents && formatContents(backup.contents)}, and replaces the library as
        it is now: {formatContents(now)}. What was said since then is not in it.
      </p>
      <p className="dialog-more">
        The library as it is now is put aside and stays in this list, so that you can go back. Your
        photos are not touched.
      </p>
      {restore.isPending && (
        <p className="dialog-more" role="status">
          {formatBackupProgress(progress)}
        </p>
      )}
    </ConfirmDialog>
  )
}
