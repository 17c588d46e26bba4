import { Images, X } from 'lucide-react'
import type { RefObject } from 'react'
import type { AlbumId } from '../../contract/domain.ts'
import { AlbumField, type ChosenAlbum } from '../albums/AlbumField.tsx'
import { albumTerm } from '../app/queryText.ts'
import { useAnswer } from '../connection/hooks.tsx'

interface PhotoAlbumsProps {
  /** Those that the photo is in. */
  albums: readonly AlbumId[]
  input: RefObject<HTMLInputElement | null>
  onAdd: (album: ChosenAlbum) => void
  onRemove: (album: AlbumId) => void
  onLeave: () => void
  onSearch: (text: string) => void
}

export function PhotoAlbums(props: PhotoAlbumsProps) {
  const { albums, input, onAdd, onRemove, onLeave, onSearch } = props
  const known = (useAnswer('listAlbums', {}).data ?? []).filter(({ id }) => albums.includes(id))
  return (
    <section className="photo-albums">
      <h3>Albums</h3>
      {known.length > 0 && (
        <ul aria-label="Albums">
          {known.map(({ id, name }) => (
            <li key={id} className="chip">
              <button
                type="button"
                title={`Search ${name}`}
                onClick={() => onSearch(albumTerm(name))}
              >
                <Images size={13} aria-hidden />
                <span>{name}</span>
              </button>
              <button
                type="button"
                aria-label={`Remove from album ${name}`}
                title="Remove from this album"
                onClick={() => {
                  onRemove(id)
                  onLeave()
                }}
              >
                <X size={13} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <AlbumField
        input={input}
        placeholder="Add to an album (a)"
        except={albums}
        onAlbum={(album) => {
          onAdd(album)
          onLeave()
        }}
        onLeave={onLeave}
      />
    </section>
  )
}
