import { ImageOff } from 'lucide-react'
import { memo } from 'react'
import type { PhotoCard } from '../../contract/domain.ts'
import { thumbnailUrl } from '../connection/media.ts'

interface PhotoCellProps {
  index: number
  columns: number
  /** `undefined` while it is on its way. */
  photo: PhotoCard | undefined
  active: boolean
  onOpen: (index: number, photo: PhotoCard) => void
}

export const cellId = (index: number): string => `photo-${index}`

export const PhotoCell = memo(function PhotoCell(props: PhotoCellProps) {
  const { index, columns, photo, active, onOpen } = props
  return (
    // biome-ignore lint/a11y/useSemanticElements: no table can lie at a scroll position.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys and says which cell is active.
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names the active cell.
    <div
      role="gridcell"
      id={cellId(index)}
      className={active ? 'cell active' : 'cell'}
      aria-colindex={(index % columns) + 1}
      aria-selected={active}
      aria-label={photo?.name ?? 'Loading'}
      aria-description={photo?.state === 'quarantined' ? 'Cannot be read' : undefined}
      aria-busy={photo === undefined}
      data-state={photo?.state ?? 'loading'}
      onClick={() => {
        if (photo) onOpen(index, photo)
      }}
    >
      {photo && <Picture photo={photo} />}
      {photo && (
        <div className="caption" aria-hidden>
          {photo.topTag && <span className="caption-tag">{photo.topTag}</span>}
          <span className="caption-name">{photo.name}</span>
        </div>
      )}
    </div>
  )
})

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
