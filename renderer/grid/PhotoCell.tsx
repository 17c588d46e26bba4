import { ImageOff, Star } from 'lucide-react'
import { type MouseEvent, memo } from 'react'
import type { PhotoCard } from '../../contract/domain.ts'
import { counted } from '../app/format.ts'
import { thumbnailUrl } from '../connection/media.ts'

interface PhotoCellProps {
  index: number
  columns: number
  /** `undefined` while it is on its way. */
  photo: PhotoCard | undefined
  active: boolean
  selected: boolean
  onPress: (index: number, photo: PhotoCard, event: MouseEvent) => void
  onCheck: (index: number, photo: PhotoCard) => void
}

export const cellId = (index: number): string => `photo-${index}`

export const PhotoCell = memo(function PhotoCell(props: PhotoCellProps) {
  const { index, columns, photo, active, selected, onPress, onCheck } = props
  return (
    // biome-ignore lint/a11y/useSemanticElements: no table can lie at a scroll position.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys and says which cell is active.
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names the active cell.
    <div
      role="gridcell"
      id={cellId(index)}
      className={active ? 'cell active' : 'cell'}
      aria-colindex={(index % columns) + 1}
      aria-selected={selected}
      aria-label={photo?.name ?? 'Loading'}
      aria-description={photo && descriptionOf(photo)}
      aria-busy={photo === undefined}
      data-state={photo?.state ?? 'loading'}
      onClick={(event) => {
        if (photo) onPress(index, photo, event)
      }}
    >
      {photo && <Picture photo={photo} />}
      {photo && <Caption photo={photo} />}
      {photo && (
        <button
          type="button"
          className="cell-check"
          tabIndex={-1}
          aria-label={selected ? `Deselect ${photo.name}` : `Select ${photo.name}`}
          // The focus stays with the grid, which takes the keys.
          onMouseDown={(event) => event.preventDefault()}
          onClick={(event) => {
            event.stopPropagation()
            onCheck(index, photo)
          }}
        />
      )}
    </div>
  )
})

/** What only the eye sees of a cell, for those who listen. */
function descriptionOf({ state, stars, userTags }: PhotoCard): string | undefined {
  const parts = [
    state === 'quarantined' && 'Cannot be read',
    stars > 0 && counted(stars, 'star'),
    userTags.join(', '),
  ].filter(Boolean)
  return parts.length > 0 ? parts.join('; ') : undefined
}

function Caption({ photo: { name, topTag, userTags, stars } }: { photo: PhotoCard }) {
  const tags = userTags.length > 0 ? userTags.join(' · ') : topTag
  return (
    <>
      <div className="caption" aria-hidden>
        {tags && <span className="caption-tag">{tags}</span>}
        <span className="caption-name">{name}</span>
      </div>
      {stars > 0 && (
        <div className="cell-stars" aria-hidden>
          {stars}
          <Star size={11} />
        </div>
      )}
    </>
  )
}

function Picture({ photo }: { photo: PhotoCard }) {
  if (photo.thumbnail !== null) {
    return (
      <img
        src={thumbnailUrl(photo.id, photo.thumbnail)}
        alt=""
        decoding="async"
        draggable={false}
      />
    )
  }
  if (photo.state === 'quarantined') {
    return (
      <div className="cell-note" aria-hidden>
        <ImageOff size={22} />
        <span>Cannot be read</span>
      </div>
    )
  }
  return null
}
