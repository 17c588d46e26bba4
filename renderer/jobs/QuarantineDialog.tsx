import { useState } from 'react'
import { formatPhotos, lastName } from '../app/format.ts'
import { useAnswer, useChange } from '../connection/hooks.tsx'
import { Dialog } from '../dialogs/Dialog.tsx'
import { pageSize, ShowMore } from '../dialogs/ShowMore.tsx'

/** Photos that cannot be read, each with the reason. */
export function QuarantineDialog({ onClose }: { onClose: () => void }) {
  const [limit, setLimit] = useState(pageSize)
  const photos = useAnswer('quarantined', { offset: 0, limit }, { keepPrevious: true })
  const retry = useChange('retryQuarantined')
  const total = useAnswer('jobs', {}).data?.quarantined ?? 0
  const shown = photos.data ?? []

  return (
    <Dialog
      title="Photos that cannot be read"
      onClose={onClose}
      wide
      actions={
        <>
          <button
            type="button"
            className="button"
            disabled={retry.isPending || shown.length === 0}
            onClick={() => retry.mutate({ input: { ids: null } })}
          >
            Try all again
          </button>
          <button type="button" className="button primary" data-initial-focus onClick={onClose}>
            Done
          </button>
        </>
      }
    >
      <p className="dialog-note">
        {shown.length === 0 && photos.isSuccess
          ? 'Every photo can be read.'
          : `${formatPhotos(total)} set aside. No file was touched; Albumen tries each again when it changes or when you say so.`}
      </p>
      <ul className="quarantine" aria-label="Unreadable photos">
        {shown.map((photo) => (
          <li key={photo.id}>
            <div className="quarantine-photo">
              <div className="quarantine-name">{lastName(photo.path)}</div>
              <div className="quarantine-reason">{photo.reason}</div>
              <div className="path">{photo.path}</div>
            </div>
            <button
              type="button"
              className="button"
              aria-label={`Try again: ${lastName(photo.path)}`}
              disabled={retry.isPending}
              onClick={() => retry.mutate({ input: { ids: [photo.id] } })}
            >
              Try again
            </button>
          </li>
        ))}
      </ul>
      <ShowMore rows={shown.length} total={total} limit={limit} onLimit={setLimit} />
    </Dialog>
  )
}
