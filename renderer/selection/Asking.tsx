import { type FocusEvent, type RefObject, useEffect, useRef, useState } from 'react'
import type { PhotoTarget } from '../../contract/commands.ts'
import { AlbumField } from '../albums/AlbumField.tsx'
import { formatPhotos } from '../app/format.ts'
import { useConnection } from '../connection/hooks.tsx'
import type { Decisions } from '../decisions/useDecisions.ts'
import { useToasts } from '../dialogs/toasts.tsx'
import { TagField, type TagsPresent } from '../tags/TagField.tsx'
import type { OfferedTag, RecentTag } from '../tags/tagChoices.ts'
import type { Asked, Subject } from './useDeciding.ts'

interface AskingProps {
  asked: Asked
  subject: Subject
  decisions: Decisions
  onEnd: () => void
}

/** Asks for the tag or the album, above the bar. It ends with an answer, Escape, or a press elsewhere. */
export function Asking({ asked, subject, decisions, onEnd }: AskingProps) {
  const element = useRef<HTMLFieldSetElement>(null)
  const input = useRef<HTMLInputElement>(null)
  // What it is about stays as it was asked, whatever becomes of the selection meanwhile.
  const [about] = useState(subject)
  useEffect(() => input.current?.focus(), [])

  function onBlur(event: FocusEvent): void {
    const next = event.relatedTarget
    // A press on nothing that takes the focus, or another window, leaves it open.
    if (next instanceof Node && !element.current?.contains(next)) onEnd()
  }
  const answer = (decide: () => void) => {
    decide()
    onEnd()
  }

  return (
    <fieldset ref={element} className="asking" aria-label="Decision" onBlur={onBlur}>
      {asked === 'album' ? (
        <AlbumField
          input={input}
          placeholder="Album, or the name of a new one"
          except={[]}
          onAlbum={(album) => answer(() => decisions.addToAlbum(about.target, album))}
          onLeave={onEnd}
        />
      ) : (
        <AskedTag
          input={input}
          about={about}
          rejects={asked === 'reject'}
          recent={decisions.recent}
          onTag={(tag, verdict) => answer(() => decisions.tag(about.target, tag, verdict))}
          onLeave={onEnd}
        />
      )}
    </fieldset>
  )
}

interface AskedTagProps {
  input: RefObject<HTMLInputElement | null>
  about: Subject
  rejects: boolean
  recent: readonly OfferedTag[]
  onTag: (tag: RecentTag, verdict: 'yes' | 'no' | 'none') => void
  onLeave: () => void
}

function AskedTag({ input, about, rejects, recent, onTag, onLeave }: AskedTagProps) {
  const present = useTagsOf(about.target, about.photos)
  const what = about.name ?? formatPhotos(about.photos)
  return (
    <TagField
      input={input}
      label={rejects ? `Reject a tag of ${what}` : `Tag ${what}`}
      placeholder={rejects ? 'Tag that is wrong' : 'Tag, or the name of a new one'}
      offers={rejects ? 'present' : 'any'}
      present={present}
      recent={recent}
      onTag={(tag) => onTag(tag, rejects ? verdictAgainst(tag, present) : 'yes')}
      onLeave={onLeave}
    />
  )
}

/** A tag that persons made is taken off; what a model sees must be denied, or it would see it again. */
function verdictAgainst({ id }: RecentTag, present: TagsPresent | null): 'no' | 'none' {
  return present?.tags.find((tag) => tag.id === id)?.own ? 'none' : 'no'
}

/** Asked once: a selection may name many photos. */
function useTagsOf(target: PhotoTarget, photos: number): TagsPresent | null {
  const connection = useConnection()
  const toasts = useToasts()
  const [present, setPresent] = useState<TagsPresent | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    connection
      .call('tagsOfPhotos', { target }, { signal: stop.signal })
      .then((tags) => setPresent({ tags, photos }))
      .catch((error) => {
        if (!stop.signal.aborted) toasts.showError(error)
      })
    return () => stop.abort()
  }, [connection, toasts, target, photos])
  return present
}
