import { CircleAlert, ShieldCheck } from 'lucide-react'
import { useRef, useState } from 'react'
import type { Backup, BackupList, BackupProgress, RestoreReport } from '../../contract/backups.ts'
import { formatBytes, formatTime } from '../app/format.ts'
import { useAnswer, useChange } from '../connection/hooks.tsx'
import { useRefreshed } from '../connection/useRefreshed.ts'
import { BackupFolder } from './BackupFolder.tsx'
import { formatBackupProgress, formatContents, kindNames } from './backupFormat.ts'
import { RebuildGroup } from './RebuildGroup.tsx'
import { RestoreDialog } from './RestoreDialog.tsx'

/** Copies of what was said about photos, and how to go back to one. */
export function BackupsSection() {
  const list = useAnswer('listBackups', {}).data
  const [restored, setRestored] = useState<RestoreReport | null>(null)
  useRefreshed('listBackups')

  return (
    <>
      <p className="settings-lead">
        Once a day everything that Albumen knows is copied, and the copy is opened and checked. Your
        photos themselves are not in it.
      </p>
      {list?.problem && (
        <p className="settings-problem" role="alert">
          <CircleAlert size={15} aria-hidden />
          {list.problem}
        </p>
      )}
      {restored && <Restored report={restored} />}
      {list ? (
        <>
          <LastBackup list={list} />
          <BackupFolder key={list.folder} list={list} />
          <AllBackups list={list} onRestored={setRestored} />
        </>
      ) : (
        <p className="settings-lead" role="status">
          Looking for backups…
        </p>
      )}
      <RebuildGroup />
    </>
  )
}

function Restored({ report: { madeAt, contents, replaced } }: { report: RestoreReport }) {
  return (
    <p className="settings-success" role="status">
      <ShieldCheck size={15} aria-hidden />
      <span>
        The library is as it was on {formatTime(madeAt)}: {formatContents(contents)}.
        {replaced !== null &&
          ' To go back, restore the newest one that is called “Before restoring”.'}
      </span>
    </p>
  )
}

function LastBackup({ list }: { list: BackupList }) {
  const backUp = useChange('backUp')
  const [progress, setProgress] = useState<BackupProgress | null>(null)
  const [cancelled, setCancelled] = useState(false)
  const stop = useRef<AbortController | null>(null)
  const last = list.backups.find(({ kind, contents }) => kind === 'daily' && contents !== null)

  function start(): void {
    const controller = new AbortController()
    stop.current = controller
    setProgress(null)
    setCancelled(false)
    backUp.mutate({ input: {}, signal: controller.signal, onProgress: setProgress })
  }

  return (
    <section className="settings-group" aria-labelledby="last-backup">
      <h4 id="last-backup">Last backup</h4>
      {last?.contents ? (
        <p>
          {formatTime(last.madeAt)}: {formatContents(last.contents)}.{' '}
          <span className="model-badge">
            <ShieldCheck size={12} aria-hidden />
            Verified
          </span>
        </p>
      ) : (
        <p>There is none yet.</p>
      )}
      {backUp.isPending ? (
        <div className="transfer">
          <progress
            aria-label="Backing up"
            {...(progress?.share != null && { value: progress.share, max: 1 })}
          />
          <span role="status">{cancelled ? 'Stopping…' : formatBackupProgress(progress)}</span>
          <button
            type="button"
            className="button compact"
            disabled={cancelled}
            onClick={() => {
              setCancelled(true)
              stop.current?.abort()
            }}
          >
            Cancel
          </button>
        </div>
      ) : (
        <p className="settings-actions">
          <button type="button" className="button compact" disabled={list.running} onClick={start}>
            {list.running ? 'Backing up…' : 'Back up now'}
          </button>
        </p>
      )}
    </section>
  )
}

interface AllBackupsProps {
  list: BackupList
  onRestored: (report: RestoreReport) => void
}

function AllBackups({ list, onRestored }: AllBackupsProps) {
  const [restoring, setRestoring] = useState<Backup | null>(null)
  if (list.backups.length === 0) return null
  return (
    <section className="settings-group">
      <h4 id="all-backups">All backups</h4>
      <table className="model-table" aria-labelledby="all-backups">
        <thead>
          <tr>
            <th scope="col">Made</th>
            <th scope="col">What</th>
            <th scope="col" className="number">
              Size
            </th>
            <th scope="col" aria-label="Restore" />
          </tr>
        </thead>
        <tbody>
          {list.backups.map((backup) => (
            <tr key={backup.path}>
              <th scope="row">
                <div title={backup.path}>{formatTime(backup.madeAt)}</div>
              </th>
              <td className="backup-what">
                {kindNames[backup.kind]}
                <div className={backup.contents ? 'model-facts' : 'model-reason'}>
                  {backup.contents ? formatContents(backup.contents) : backup.problem}
                </div>
              </td>
              <td className="number">{formatBytes(backup.bytes)}</td>
              <td className="model-action">
                <button
                  type="button"
                  className="button quiet"
                  aria-label={`Restore ${kindNames[backup.kind]}, ${formatTime(backup.madeAt)}`}
                  disabled={backup.contents === null}
                  onClick={() => setRestoring(backup)}
                >
                  Restore…
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {restoring && (
        <RestoreDialog
          backup={restoring}
          now={list.now}
          onRestored={(report) => {
            onRestored(report)
            setRestoring(null)
          }}
          onClose={() => setRestoring(null)}
        />
      )}
    </section>
  )
}
