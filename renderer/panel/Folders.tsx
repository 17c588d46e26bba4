import { CloudOff, Folder as FolderIcon, FolderPlus, RefreshCw, X } from 'lucide-react'
import { useState } from 'react'
import type { Folder } from '../../contract/domain.ts'
import { formatCount, formatPhotos, lastName, wordFor } from '../app/format.ts'
import { useAnswer, useChange } from '../connection/hooks.tsx'
import { ConfirmDialog } from '../dialogs/ConfirmDialog.tsx'

export function Folders({ onAdd }: { onAdd: () => void }) {
  const folders = useAnswer('listFolders', {})
  const rescan = useChange('rescan')
  const remove = useChange('removeFolder')
  const [removing, setRemoving] = useState<Folder | null>(null)

  return (
    <section className="panel-section" aria-labelledby="folders-heading">
      <header className="panel-header">
        <h2 id="folders-heading">Folders</h2>
        {(folders.data?.length ?? 0) > 0 && (
          <button
            type="button"
            className="icon-button small"
            aria-label="Look for changes"
            title="Look for new, changed and missing files"
            disabled={rescan.isPending}
            onClick={() => rescan.mutate({ input: {} })}
          >
            <RefreshCw size={14} aria-hidden />
          </button>
        )}
        <button
          type="button"
          className="icon-button small"
          aria-label="Add folder"
          title="Add folder"
          onClick={onAdd}
        >
          <FolderPlus size={15} aria-hidden />
        </button>
      </header>
      <ul className="folders" aria-label="Folders">
        {folders.data?.map((folder) => (
          <li key={folder.id} className={`folder ${folder.state}`} title={folder.path}>
            {folder.state === 'offline' ? (
              <CloudOff size={15} aria-hidden />
            ) : (
              <FolderIcon size={15} aria-hidden />
            )}
            <span className="folder-name">{lastName(folder.path)}</span>
            {folder.state === 'offline' && <span className="badge">Offline</span>}
            <span className="count">{formatCount(folder.photos)}</span>
            <button
              type="button"
              className="icon-button small reveal"
              aria-label={`Remove folder ${lastName(folder.path)}`}
              title="Remove from Albumen"
              onClick={() => setRemoving(folder)}
            >
              <X size={14} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      {removing && (
        <ConfirmDialog
          title={`Remove “${lastName(removing.path)}” from Albumen?`}
          action="Remove"
          busy={remove.isPending}
          onClose={() => setRemoving(null)}
          onConfirm={() =>
            remove.mutate(
              { input: { id: removing.id } },
              { onSuccess: () => setRemoving(null), onError: () => setRemoving(null) },
            )
          }
        >
          <p>{whatIsForgotten(removing.photos)} The files stay where they are and as they are:</p>
          <p className="path">{removing.path}</p>
        </ConfirmDialog>
      )}
    </section>
  )
}

function whatIsForgotten(photos: number): string {
  if (photos === 0) return 'None of its files is a photo in Albumen.'
  const lie = wordFor(photos, 'it lies', 'they lie')
  return `Albumen forgets the ${formatPhotos(photos)} of this folder, unless ${lie} in another one too.`
}
