import type { RefObject } from 'react'
import type { PhotoDetail } from '../../contract/domain.ts'
import { Stars } from '../decisions/Stars.tsx'
import type { Decisions } from '../decisions/useDecisions.ts'
import { Facts, Files } from './Facts.tsx'
import { PhotoAlbums } from './PhotoAlbums.tsx'
import { PhotoTags, type TagActions } from './PhotoTags.tsx'

interface DetailPanelProps extends TagActions {
  detail: PhotoDetail
  /** Those of the photo that is shown are on their way: these can be looked at, not used. */
  pending: boolean
  decisions: Decisions
  tagInput: RefObject<HTMLInputElement | null>
  albumInput: RefObject<HTMLInputElement | null>
  /** The focus goes back to the photo. */
  onLeave: () => void
}

export function DetailPanel(props: DetailPanelProps) {
  const { detail, pending, decisions, tagInput, albumInput, onLeave, ...actions } = props
  const target = { ids: [detail.id] }
  return (
    <aside className="details" aria-label="Information" inert={pending}>
      {detail.reason !== null && (
        <p className="details-reason" role="note">
          {detail.reason}
        </p>
      )}
      <Stars stars={detail.stars} onRate={(stars) => decisions.rate(target, stars)} />
      <PhotoTags
        key={detail.id}
        detail={detail}
        input={tagInput}
        recent={decisions.recent}
        onTag={(tag) => decisions.tag(target, tag, 'yes')}
        onLeave={onLeave}
        {...actions}
      />
      <PhotoAlbums
        albums={detail.albums}
        input={albumInput}
        onAdd={(album) => decisions.addToAlbum(target, album)}
        onRemove={(album) => decisions.removeFromAlbum(target, album)}
        onLeave={onLeave}
        onSearch={actions.onSearch}
      />
      <Facts detail={detail} />
      <Files detail={detail} />
    </aside>
  )
}
