import type { PhotoTarget } from '../../contract/commands.ts'
import type { AlbumId } from '../../contract/domain.ts'
import type { ChosenAlbum } from '../albums/AlbumField.tsx'
import { useStored } from '../app/storage.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { type RecentTag, withRecent } from '../tags/tagChoices.ts'
import { reported, useTold } from './useTold.ts'

/** What can be said of photos. Each is one step of undo, and is told with a way to take it back. */
export interface Decisions {
  /** `yes`: they have the tag, `no`: they have not, `none`: takes back what was said. */
  tag(target: PhotoTarget, tag: RecentTag, verdict: 'yes' | 'no' | 'none'): void
  /** 0 takes the rating back. */
  rate(target: PhotoTarget, stars: number): void
  addToAlbum(target: PhotoTarget, album: ChosenAlbum): void
  removeFromAlbum(target: PhotoTarget, album: AlbumId): void
  /** Tags that were given last, the last one first. */
  recent: readonly RecentTag[]
}

export function useDecisions(): Decisions {
  const tagPhotos = useTold('tagPhotos', reported)
  const ratePhotos = useTold('ratePhotos', reported)
  const addToAlbum = useTold('addToAlbum', reported)
  const removeFromAlbum = useTold('removeFromAlbum', reported)
  const [recent, setRecent] = useStored('recentTags', recentOf)
  // Kept at hand: whoever presses the keys for a tag and for the first choice waits for no answer.
  useAnswer('listTags', {})
  return {
    tag(target, { id, name }, verdict) {
      tagPhotos.mutate({ input: { target, tag: id === null ? { name } : { id }, verdict } })
      if (verdict === 'yes') setRecent(withRecent(recent, { id, name }))
    },
    rate: (target, stars) => ratePhotos.mutate({ input: { target, stars } }),
    addToAlbum: (target, album) => addToAlbum.mutate({ input: { target, ...album } }),
    removeFromAlbum: (target, id) => removeFromAlbum.mutate({ input: { target, id } }),
    recent,
  }
}

/** What another window, or another version, has stored. */
function recentOf(stored: unknown): RecentTag[] {
  if (!Array.isArray(stored)) return []
  return stored.filter(
    (each): each is RecentTag =>
      typeof each?.name === 'string' && (each.id === null || typeof each.id === 'number'),
  )
}
