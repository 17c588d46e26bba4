import { ImageOff } from 'lucide-react'
import { useRef, useState } from 'react'
import type { MissingPhoto } from '../../contract/domain.ts'
import { formatKnowledge, formatPhotos, lastName, wordFor } from '../app/format.ts'
import { useAnswer, useChange } from '../connection/hooks.tsx'
import { thumbnailUrl } from '../connection/media.ts'
import { ConfirmDialog } from '../dialogs/ConfirmDialog.tsx'
import { Dialog } from '../dialogs/Dialog.tsx'
import { pageSize, ShowMore } from '../dialogs/ShowMore.tsx'

/** Photos of which no file is left, what is still known of them, and how to let them go. */
export function MissingDialog({ onClose }: { onClose: () => void }) {
  const [limit, setLimit] = useState(pageSize)
  const [forgetting, setForgetting] = useState<MissingPhoto | 'all' | null>(null)
  const answer = useAnswer('missingPhotos', { offset: 0, limit }, { keepPrevious: true })
  const purge = useChange('purgeMissing')
  const done = useRef<HTMLButtonElement>(null)
  const photos = answer.data?.photos ?? []
  const count = answer.data?.count ?? 0

  function forget(wanted: MissingPhoto | 'all'): void {
    purge.mutate(
      { input: { ids: wanted === 'all' ? null : [wanted.id] } },
      {
        onSettled: () => {
          setForgetting(null)
          // What had the focus is gone from the list.
          setTimeout(() => done.current?.focus())
        },
      },
    )
  }

  return (
    <Dialog
      title="Missing photos"
      onClose={onClose}
      wide
      actions={
        <>
          <button
            type="button"
            className="button"
            disabled={count === 0}
            onClick={() => setForgetting('all')}
          >
            Forget all…
          </button>
          <button
            ref={done}
            type="button"
            className="button primary"
            data-initial-focus
            onClick={onClose}
          >
            Done
          </button>
        </>
      }
    >
      <p className="dialog-note">
        {answer.isSuccess &&
          (count === 0
            ? 'No photo is missing.'
            : `${formatPhotos(count)} without a file. What you said stays, and counts again when a file comes back, wherever it lies then.`)}
      </p>
      <ul className="missing" aria-label="Missing photos">
        {photos.map((photo) => (
          <li key={photo.id}>
            <Thumbnail photo={photo} />
            <div className="missing-photo">
              <div className="missing-name">{lastName(photo.path)}</div>
              <div className="missing-known">{formatKnowledge(photo) || 'Nothing said of it'}</div>
              <div className="path">{photo.path}</div>
            </div>
            <button
              type="button"
              className="button"
              aria-label={`Forget ${lastName(photo.path)}`}
              onClick={() => setForgetting(photo)}
            >
              Forget…
            </button>
          </li>
        ))}
      </ul>
      <ShowMore rows={photos.length} total={count} limit={limit} onLimit={setLimit} />
      {forgetting && (
        <ConfirmDialog
          title={
            forgetting === 'all'
              ? `Forget ${formatPhotos(count)}?`
              : `Forget “${lastName(forgetting.path)}”?`
          }
          action="Forget"
          busy={purge.isPending}
          onClose={() => setForgetting(null)}
          onConfirm={() => forget(forgetting)}
        >
          <p>{whatIsLost(forgetting, count)} This cannot be undone.</p>
        </ConfirmDialog>
      )}
    </Dialog>
  )
}

function Thumbnail({ photo }: { photo: MissingPhoto }) {
  return (
    <div className="missing-thumbnail">
      {photo.thumbnail === null ? (
        <ImageOff size={18} aria-hidden />
      ) : (
        <img src={thumbnailUrl(photo.id, photo.thumbnail)} alt="" loading="lazy" />
      )}
    </div>
  )
}

/** `count`: of all. */
function whatIsLost(forgetting: MissingPhoto | 'all', count: number): string {
  if (forgetting === 'all') {
    return `All that you said of ${wordFor(count, 'it', 'them')} goes: tags, places in albums and stars. Photos of folders that were removed from Albumen stay; forget those one by one.`
  }
  const known = formatKnowledge(forgetting)
  return known === '' ? 'You said nothing of it that would be lost.' : `With it goes: ${known}.`
}
