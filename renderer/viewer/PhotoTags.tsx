import { type RefObject, useRef } from 'react'
import type { PhotoDetail, PhotoTag, TagId } from '../../contract/domain.ts'
import { useLostFocus } from '../app/useLostFocus.ts'
import { TagField } from '../tags/TagField.tsx'
import type { OfferedTag, RecentTag } from '../tags/tagChoices.ts'
import { grouped } from './decidedTags.ts'
import { TagRow } from './TagRow.tsx'

export interface TagActions {
  onSearch: (text: string) => void
  /** Whether the photo shows where the model sees a tag. */
  explains: (tag: PhotoTag) => boolean
  onExplain: (tag: PhotoTag) => void
  onDecide: (tag: PhotoTag, verdict: 'yes' | 'no' | 'none') => void
  /** The tag that the keys for right and wrong are about. */
  current: TagId | null
  /** The focus is on a tag, or on none any more. */
  onFocusTag: (tag: TagId | null) => void
}

interface PhotoTagsProps extends TagActions {
  detail: PhotoDetail
  input: RefObject<HTMLInputElement | null>
  recent: readonly OfferedTag[]
  onTag: (tag: RecentTag) => void
  onLeave: () => void
}

export function PhotoTags({ detail, input, recent, onTag, onLeave, ...actions }: PhotoTagsProps) {
  const { confident, guesses, rejected } = grouped(detail.tags)
  const section = useRef<HTMLElement>(null)
  const place = useRef(-1)
  const { onFocusTag } = actions
  const rows = () =>
    [...(section.current?.querySelectorAll('[data-tag]') ?? [])].filter((row) =>
      row.checkVisibility(),
    )
  // A tag that was decided about may leave its list: the focus goes to the tag in its place.
  const lostFocus = useLostFocus(() => {
    const shown = rows()
    const next = shown[Math.min(place.current, shown.length - 1)]?.querySelector('button')
    if (next) next.focus()
    else onLeave()
  })
  return (
    <section
      ref={section}
      className="photo-tags"
      aria-label="Tags"
      onFocus={({ target }) => {
        lostFocus.onFocus()
        place.current = rows().findIndex((row) => row.contains(target))
        onFocusTag(tagAround(target))
      }}
      onBlur={() => {
        lostFocus.onBlur()
        onFocusTag(null)
      }}
    >
      <h3>Tags</h3>
      {confident.length === 0 && <p className="details-empty">{emptyTags(detail, guesses)}</p>}
      <TagList name="Tags" tags={confident} {...actions} />
      <TagField
        input={input}
        label="Add a tag"
        placeholder="Add a tag (t)"
        offers="any"
        present={null}
        recent={recent}
        onTag={(tag) => {
          onTag(tag)
          onLeave()
        }}
        onLeave={onLeave}
      />
      {guesses.length > 0 && (
        <details>
          <summary>Other guesses</summary>
          <TagList name="Other guesses" tags={guesses} {...actions} />
        </details>
      )}
      {rejected.length > 0 && (
        <details>
          <summary>Rejected ({rejected.length})</summary>
          <TagList name="Rejected" tags={rejected} {...actions} />
        </details>
      )}
    </section>
  )
}

function emptyTags(detail: PhotoDetail, guesses: readonly PhotoTag[]): string {
  if (detail.state === 'waiting') return 'Albumen has not looked at this photo yet.'
  return guesses.length > 0 ? 'Nothing recognised for sure.' : 'Nothing recognised.'
}

function TagList({ name, tags, ...actions }: TagActions & { name: string; tags: PhotoTag[] }) {
  if (tags.length === 0) return null
  return (
    <ul className="tags" aria-label={name}>
      {tags.map((tag) => (
        <TagRow key={tag.id} tag={tag} {...actions} />
      ))}
    </ul>
  )
}

function tagAround(element: Element): TagId | null {
  const row = element.closest('[data-tag]')
  return row ? (Number(row.getAttribute('data-tag')) as TagId) : null
}
