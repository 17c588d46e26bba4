import type { PhotoTarget } from '../../contract/commands.ts'
import type { AlbumId } from '../../contract/domain.ts'
import type { ChosenAlbum } from '../albums/AlbumField.tsx'
import { useStored } from '../app/storage.ts'
import { useRenames } from '../app/useFollowedNames.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { useToasts } from '../dialogs/toasts.tsx'
import {
  type OfferedTag,
  type RecentTag,
  stillThere,
  withRecent,
  withRenamed,
} from '../tags/tagChoices.ts'
import { reported, useTold } from './useTold.ts'

/** What can be said of photos. Each is one step of undo, and is told with a way to take it back. */
export interface Decisions {
  /** `yes`: they have the tag, `no`: they have not, `none`: takes back what was said. */
  tag(target: PhotoTarget, tag: RecentTag, verdict: 'yes' | 'no' | 'none'): void
  /** 0 takes the rating back. */
  rate(target: PhotoTarget, stars: number): void
  addToAlbum(target: PhotoTarget, album: ChosenAlbum): void
  removeFromAlbum(target: PhotoTarget, album: AlbumId): void
  /** Gives the tag that was given last once more. */
  tagAgain(target: PhotoTarget): void
  /** Tags that were given last and are still there, the last one first. */
  recent: readonly OfferedTag[]
}

export function useDecisions(): Decisions {
  const tagPhotos = useTold('tagPhotos', reported)
  const ratePhotos = useTold('ratePhotos', reported)
  const addToAlbum = useTold('addToAlbum', reported)
  const removeFromAlbum = useTold('removeFromAlbum', reported)
  const toasts = useToasts()
  const [given, setGiven] = useStored('recentTags', recentOf)
  // Kept at hand: whoever presses the keys for a tag and for the first choice waits for no answer.
  const tags = useAnswer('listTags', {})
  useRenames(tags.data, (before, now) => setGiven(withRenamed(given, before, now)))
  const settled = tags.data !== undefined && !tags.isFetching && !tagPhotos.isPending
  const recent = stillThere(given, tags.data ?? [], settled)

  function tag(target: PhotoTarget, { id, name }: RecentTag, verdict: 'yes' | 'no' | 'none'): void {
    tagPhotos.mutate({ input: { target, tag: id === null ? { name } : { id }, verdict } })
    if (verdict === 'yes') setGiven(withRecent(given, { id, name }))
  }

  return {
    tag,
    tagAgain(target) {
      const [last] = given
      // Not the one before it: that is not what was given last.
      const [there] = stillThere(last ? [last] : [], tags.data ?? [], settled)
      if (there) tag(target, there, 'yes')
      else if (last) toasts.showNote(`The tag “${last.name}” is gone.`)
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
