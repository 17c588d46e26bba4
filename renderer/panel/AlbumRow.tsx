import { Images, Pencil, X } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import type { Album } from '../../contract/domain.ts'
import { formatCount, formatPhotos } from '../app/format.ts'

interface AlbumRowProps {
  album: Album
  /** Its photos are searched. */
  shown: boolean
  /** Tab comes to it; the arrows go to the others. */
  entry: boolean
  onFocus: () => void
  /** Up, down, Home and End. */
  onMove: (key: string) => boolean
  onSearch: () => void
  onRename: () => void
  onRemove: () => void
}

export function AlbumRow({ album, shown, entry, ...on }: AlbumRowProps) {
  const tabIndex = entry ? 0 : -1
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'F2') on.onRename()
    else if (event.key === 'Delete') on.onRemove()
    else if (!on.onMove(event.key)) return
    event.preventDefault()
  }
  return (
    <li className="album" data-shown={shown || undefined}>
      <button
        type="button"
        className="album-name"
        data-album={album.id}
        tabIndex={tabIndex}
        aria-pressed={shown}
        aria-label={album.name}
        aria-description={formatPhotos(album.photos)}
        aria-keyshortcuts="F2 Delete"
        title={album.name}
        onFocus={on.onFocus}
        onClick={on.onSearch}
        onKeyDown={onKeyDown}
      >
        <Images size={15} aria-hidden />
        <span>{album.name}</span>
      </button>
      <button
        type="button"
        className="icon-button small reveal"
        tabIndex={tabIndex}
        aria-label={`Rename album ${album.name}`}
        title="Rename (F2)"
        onClick={on.onRename}
      >
        <Pencil size={13} aria-hidden />
      </button>
      <button
        type="button"
        className="icon-button small reveal"
        tabIndex={tabIndex}
        aria-label={`Remove album ${album.name}`}
        title="Remove (Delete)"
        onClick={on.onRemove}
      >
        <X size={14} aria-hidden />
      </button>
      <span className="count" aria-hidden>
        {formatCount(album.photos)}
      </span>
    </li>
  )
}
