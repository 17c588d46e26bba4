import { Tag as TagIcon, UserRound } from 'lucide-react'
import { type KeyboardEvent, type Ref, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { TagSummary } from '../../contract/domain.ts'
import { formatCount, formatPhotos } from '../app/format.ts'

/** CSS pixels. */
const rowHeight = 32
const rowsBeyondView = 6

interface TagListProps {
  list: Ref<HTMLDivElement>
  tags: readonly TagSummary[]
  /** Place of the chosen one; -1 for none. */
  chosen: number
  onChoose: (index: number) => void
  /** A double click on the chosen one. */
  onOpen: () => void
  /** Keys that move nothing in the list. */
  onKeyDown: (event: KeyboardEvent) => void
}

/** Thousands of tags, of which those in view are rendered. */
export function TagList({ list, tags, chosen, onChoose, onOpen, onKeyDown }: TagListProps) {
  const element = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 0 })
  const first = Math.max(0, Math.floor(view.top / rowHeight) - rowsBeyondView)
  const last = Math.min(
    tags.length,
    Math.ceil((view.top + view.height) / rowHeight) + rowsBeyondView,
  )

  useEffect(() => {
    const target = element.current
    if (!target) return
    const observer = new ResizeObserver(() =>
      setView({ top: target.scrollTop, height: target.clientHeight }),
    )
    observer.observe(target)
    return () => observer.disconnect()
  }, [])

  const chosenId = tags[chosen]?.id
  useLayoutEffect(() => {
    const target = element.current
    if (!target || chosen < 0) return
    const top = chosen * rowHeight
    const lowest = top + rowHeight - target.clientHeight
    if (target.scrollTop > top) target.scrollTop = top
    else if (target.scrollTop < lowest) target.scrollTop = lowest
  }, [chosen, chosenId])

  function onListKeyDown(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1)
    const moves: Record<string, number> = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + page,
      PageUp: chosen - page,
      Home: 0,
      End: tags.length - 1,
    }
    const wanted = moves[event.key]
    if (wanted === undefined) {
      onKeyDown(event)
      return
    }
    event.preventDefault()
    onChoose(Math.min(Math.max(0, wanted), tags.length - 1))
  }

  return (
    <div
      ref={(node) => {
        element.current = node
        if (typeof list === 'function') list(node)
        else if (list) list.current = node
      }}
      className="tag-list"
      role="listbox"
      aria-label="Tags"
      aria-activedescendant={chosen >= first && chosen < last ? `tag-${chosenId}` : undefined}
      tabIndex={0}
      onKeyDown={onListKeyDown}
      onScroll={({ currentTarget }) =>
        setView({ top: currentTarget.scrollTop, height: currentTarget.clientHeight })
      }
    >
      <div role="presentation" style={{ height: tags.length * rowHeight }}>
        {tags.slice(first, last).map((tag, position) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names the chosen one.
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys.
          <div
            key={tag.id}
            id={`tag-${tag.id}`}
            className="tag-line"
            role="option"
            aria-selected={first + position === chosen}
            aria-setsize={tags.length}
            aria-posinset={first + position + 1}
            aria-label={tag.name}
            aria-description={descriptionOf(tag)}
            style={{ transform: `translateY(${(first + position) * rowHeight}px)` }}
            onClick={() => onChoose(first + position)}
            onDoubleClick={onOpen}
          >
            {tag.own ? <UserRound size={14} aria-hidden /> : <TagIcon size={14} aria-hidden />}
            <span className="choice-name">{tag.name}</span>
            <span className="choice-note">{tag.own ? 'yours' : (tag.category ?? '')}</span>
            <span className="count">{formatCount(tag.photos)}</span>
          </div>
        ))}
      </div>
    </div>
  )
}

/** What only the eye sees of a row, for those who listen. */
function descriptionOf({ own, category, photos }: TagSummary): string {
  const whose = own ? 'A tag of yours' : 'A tag that the model knows'
  const kind = category === null ? '' : `, a kind of ${category}`
  return `${whose}${kind}, on ${photos === 0 ? 'no photo' : formatPhotos(photos)}.`
}
