import { Plus } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Album, AlbumId } from '../../contract/domain.ts'
import { formatPhotos, wordFor } from '../app/format.ts'
import { albumTerm } from '../app/queryText.ts'
import type { Search } from '../app/useSearch.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { reported, useTold } from '../decisions/useTold.ts'
import { ConfirmDialog } from '../dialogs/ConfirmDialog.tsx'
import { AlbumRow } from './AlbumRow.tsx'
import { NameField } from './NameField.tsx'

interface AlbumsProps {
  /** What stands in the search box. */
  text: string
  onSearch: (text: string) => void
  onFollow: Search['follow']
}

/** A row, or the button that makes a new album. */
type Focusable = AlbumId | 'new'

export function Albums({ text, onSearch, onFollow }: AlbumsProps) {
  const albums = useAnswer('listAlbums', {}).data ?? []
  const add = useTold('addAlbum', ({ name }) => ({
    message: `Make the album “${name}”`,
    action: 'undo',
  }))
  const rename = useTold('renameAlbum', reported, ({ id, name }) => {
    const before = albums.find((album) => album.id === id)
    if (before) onFollow('album', before.name, name)
  })
  const [naming, setNaming] = useState<Focusable | null>(null)
  const [removing, setRemoving] = useState<Album | null>(null)
  const [focused, setFocused] = useState<AlbumId | null>(null)
  const section = useRef<HTMLElement>(null)
  const focus = useFocusLater(section)
  const entry = albums.some(({ id }) => id === focused) ? focused : albums[0]?.id
  const shows = (name: string) => text.trim() === albumTerm(name)

  const endNaming = (next: Focusable) => (by: 'key' | 'focus') => {
    setNaming(null)
    if (by === 'key') focus(next)
  }

  function move(from: number, key: string): boolean {
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: albums.length - 1 }[key]
    const album = to === undefined ? undefined : albums[to]
    if (album) focus(album.id)
    return to !== undefined
  }

  return (
    <section ref={section} className="panel-section" aria-labelledby="albums-heading">
      <header className="panel-header">
        <h2 id="albums-heading">Albums</h2>
        <button
          type="button"
          className="icon-button small"
          data-album="new"
          aria-label="New album"
          title="New album"
          onClick={() => setNaming('new')}
        >
          <Plus size={15} aria-hidden />
        </button>
      </header>
      {naming === 'new' && (
        <NameField
          label="Name of the new album"
          name=""
          onName={(name) =>
            add.mutate({ input: { name } }, { onSuccess: ({ id }) => endNaming(id)('key') })
          }
          onLeave={endNaming('new')}
        />
      )}
      <ul className="albums" aria-label="Albums">
        {albums.map((album, index) =>
          naming === album.id ? (
            <li key={album.id}>
              <NameField
                label={`New name of ${album.name}`}
                name={album.name}
                onName={(name) =>
                  rename.mutate(
                    { input: { id: album.id, name } },
                    { onSuccess: () => endNaming(album.id)('key') },
                  )
                }
                onLeave={endNaming(album.id)}
              />
            </li>
          ) : (
            <AlbumRow
              key={album.id}
              album={album}
              shown={shows(album.name)}
              entry={album.id === entry}
              onFocus={() => setFocused(album.id)}
              onMove={(key) => move(index, key)}
              onSearch={() => onSearch(shows(album.name) ? '' : albumTerm(album.name))}
              onRename={() => setNaming(album.id)}
              onRemove={() => setRemoving(album)}
            />
          ),
        )}
      </ul>
      {removing && (
        <RemoveAlbum
          album={removing}
          onClose={() => setRemoving(null)}
          onRemoved={() => {
            const index = albums.findIndex(({ id }) => id === removing.id)
            focus((albums[index + 1] ?? albums[index - 1])?.id ?? 'new')
            onFollow('album', removing.name, null)
          }}
        />
      )}
    </section>
  )
}

interface RemoveAlbumProps {
  album: Album
  onClose: () => void
  onRemoved: () => void
}

function RemoveAlbum({ album: { id, name, photos }, onClose, onRemoved }: RemoveAlbumProps) {
  const remove = useTold('removeAlbum', reported, onRemoved)
  return (
    <ConfirmDialog
      title={`Remove the album “${name}”?`}
      action="Remove"
      busy={remove.isPending}
      onClose={onClose}
      onConfirm={() => remove.mutate({ input: { id } }, { onSettled: onClose })}
    >
      <p>
        {photos === 0
          ? 'No photo is in it.'
          : `Its ${formatPhotos(photos)} ${wordFor(photos, 'stays', 'stay')} in Albumen and on the disk, with all that was said of ${wordFor(photos, 'it', 'them')}.`}{' '}
        It can be undone.
      </p>
    </ConfirmDialog>
  )
}

/** Focuses what is there after the next render, or as soon as the list has it. */
function useFocusLater(section: React.RefObject<HTMLElement | null>): (next: Focusable) => void {
  const wanted = useRef<Focusable | null>(null)
  const [, render] = useState(0)
  useEffect(() => {
    if (wanted.current === null) return
    const element = section.current?.querySelector<HTMLElement>(`[data-album="${wanted.current}"]`)
    if (!element) return
    element.focus()
    // Not taken as long as a dialog is in front.
    if (document.activeElement === element) wanted.current = null
  })
  return (next) => {
    wanted.current = next
    render((count) => count + 1)
  }
}
