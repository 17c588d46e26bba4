import { useRef, useState } from 'react'
import type { PhotoTarget } from '../../contract/commands.ts'
import type { ExportKind, ExportProgress, ExportReport } from '../../contract/domain.ts'
import { formatBytes, formatCount, formatPhotos } from '../app/format.ts'
import { useChange } from '../connection/hooks.tsx'
import { Dialog } from '../dialogs/Dialog.tsx'
import { FolderField } from '../dialogs/FolderField.tsx'

const kinds: { kind: ExportKind; name: string; explanation: string }[] = [
  {
    kind: 'copies',
    name: 'Folders of copies',
    explanation: 'One folder for each tag, with copies of its photos.',
  },
  { kind: 'zip', name: 'ZIP archive', explanation: 'All photos in one file, as they are.' },
  {
    kind: 'csv',
    name: 'CSV table',
    explanation: 'One row for each photo with its tags, for a spreadsheet. No photos.',
  },
  {
    kind: 'jsonl',
    name: 'JSON lines',
    explanation: 'One line for each photo with all that is known, for programs. No photos.',
  },
]

/** What is exported. */
export interface Exported {
  target: PhotoTarget
  photos: number
  /** In words, such as `3 selected photos`. */
  what: string
}

interface ExportDialogProps {
  exported: Exported
  onClose: () => void
}

export function ExportDialog({ exported, onClose }: ExportDialogProps) {
  const { target, photos, what } = exported
  const [kind, setKind] = useState<ExportKind>('copies')
  const [to, setTo] = useState('')
  const [progress, setProgress] = useState<ExportProgress | null>(null)
  const run = useChange('exportPhotos')
  const stop = useRef<AbortController | null>(null)

  function start(): void {
    const controller = new AbortController()
    stop.current = controller
    setProgress({ phase: 'writing', done: 0, total: photos })
    run.mutate({
      input: { target, to: to.trim(), as: kind },
      signal: controller.signal,
      onProgress: setProgress,
    })
  }

  function close(): void {
    stop.current?.abort()
    onClose()
  }

  if (run.isSuccess) return <Report report={run.data} onClose={onClose} />
  return (
    <Dialog
      title="Export"
      onClose={close}
      actions={
        <>
          <button
            type="button"
            className="button"
            onClick={() => (run.isPending ? stop.current?.abort() : onClose())}
          >
            Cancel
          </button>
          <button
            type="submit"
            form="export-form"
            className="button primary"
            disabled={run.isPending || to.trim() === ''}
          >
            Start export
          </button>
        </>
      }
    >
      <form
        id="export-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (to.trim() !== '' && !run.isPending) start()
        }}
      >
        <p className="dialog-note">{what}. Originals are only read, and nothing is overwritten.</p>
        <fieldset className="kinds" disabled={run.isPending}>
          <legend className="label">Export as</legend>
          {kinds.map((option) => (
            <label key={option.kind} className="kind">
              <input
                type="radio"
                name="kind"
                data-initial-focus={option.kind === kind || undefined}
                checked={kind === option.kind}
                onChange={() => setKind(option.kind)}
                aria-label={option.name}
                aria-describedby={`kind-${option.kind}`}
              />
              <span>
                <span className="kind-name">{option.name}</span>
                <span className="kind-explanation" id={`kind-${option.kind}`}>
                  {option.explanation}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        <FolderField
          id="export-destination"
          label="Destination folder"
          dialog={['Where should the export go?', 'Export here']}
          disabled={run.isPending}
          value={to}
          onChange={setTo}
        />
      </form>
      {run.isPending && progress && <Progress progress={progress} />}
    </Dialog>
  )
}

function Progress({ progress }: { progress: ExportProgress }) {
  const { phase, done, total } = progress
  const verb = phase === 'writing' ? 'Writing' : 'Verifying'
  return (
    <div className="export-progress">
      <div role="status">
        {verb} {formatCount(done)} of {formatCount(total)}
      </div>
      <progress aria-label="Export progress" value={done} max={Math.max(1, total)} />
    </div>
  )
}

function Report({ report, onClose }: { report: ExportReport; onClose: () => void }) {
  return (
    <Dialog
      title="Export finished"
      onClose={onClose}
      actions={
        <button type="button" className="button primary" data-initial-focus onClick={onClose}>
          Done
        </button>
      }
    >
      <p role="status">
        {formatPhotos(report.photos)}, {formatBytes(report.bytes)}, written and verified.
      </p>
      <dl className="facts">
        <dt>Where</dt>
        <dd className="path">{report.path}</dd>
        <dt>Manifest</dt>
        <dd className="path">{report.manifest}</dd>
      </dl>
      {report.skipped.length > 0 && (
        <details className="skipped">
          <summary>{formatPhotos(report.skipped.length)} left out</summary>
          <ul>
            {report.skipped.map((photo) => (
              <li key={photo.path}>
                {photo.reason} <span className="path">{photo.path}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Dialog>
  )
}
