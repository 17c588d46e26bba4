import { X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import type { TagId, TagSummary } from '../../contract/domain.ts'
import { counted } from '../app/format.ts'
import { isAlone, nameKey } from '../app/names.ts'
import { termOf } from '../app/queryText.ts'
import { useLostFocus } from '../app/useLostFocus.ts'
import type { Search } from '../app/useSearch.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { useRefreshed } from '../connection/useRefreshed.ts'
import { Modal } from '../dialogs/Dialog.tsx'
import { FilterField } from '../dialogs/FilterField.tsx'
import { TagActions, type TagDoing } from './TagActions.tsx'
import { TagList } from './TagList.tsx'

type Whose = 'all' | 'own' | 'model'

const whoseNames: Record<Whose, string> = {
  all: 'All tags',
  own: 'Yours',
  model: 'Seen by the model',
}

interface TagsDialogProps {
  onSearch: (text: string) => void
  onFollow: Search['follow']
  onClose: () => void
}

/** All tags: what they are called, how many photos have them; renaming, merging and removing them. */
export function TagsDialog({ onSearch, onFollow, onClose }: TagsDialogProps) {
  useRefreshed('listTags')
  const answer = useAnswer('listTags', {}, { keepPrevious: true })
  const all = answer.data ?? []
  const [filter, setFilter] = useState('')
  const [whose, setWhose] = useState<Whose>('all')
  const [chosen, setChosen] = useState<{ id: TagId | null; index: number }>({ id: null, index: 0 })
  const [doing, setDoing] = useState<{ what: TagDoing; id: TagId } | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const titleId = useId()

  const tags = all.filter((tag) => isShown(tag, whose, filter))
  // A tag that went leaves its place to the next.
  const found = tags.findIndex(({ id }) => id === chosen.id)
  const index = found === -1 ? Math.min(Math.max(0, chosen.index), tags.length - 1) : found
  const tag = tags[index]
  const focusRows = () => (tags.length > 0 ? list : input).current?.focus()
  const lostFocus = useLostFocus(focusRows)

  // The last row went, which had the focus.
  useEffect(() => {
    if (tags.length === 0 && document.activeElement === list.current) input.current?.focus()
  }, [tags.length])

  function choose(next: number): void {
    setChosen({ id: tags[next]?.id ?? null, index: next })
    setDoing(null)
  }
  function end(id?: TagId): void {
    setDoing(null)
    setChosen({ id: id ?? chosen.id, index })
    focusRows()
  }
  function follow(before: TagSummary, now: string | null): void {
    if (isAlone(before, all)) onFollow('tag', before.name, now)
  }
  const show = () => tag && onSearch(termOf(tag.name))
  function start(what: TagDoing): void {
    if (!tag) return
    setDoing({ what, id: tag.id })
    setChosen({ id: tag.id, index })
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (!tag || event.ctrlKey || event.metaKey || event.altKey) return
    const actions: Record<string, () => void> = {
      Enter: show,
      F2: () => start('rename'),
      m: () => start('merge'),
      Delete: () => start('remove'),
    }
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }

  return (
    <Modal className="dialog tags-dialog" name={{ labelledBy: titleId }} onClose={onClose} decides>
      <div className="dialog-body" {...lostFocus}>
        <header className="dialog-header">
          <h2 id={titleId}>Tags</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
            <X size={18} aria-hidden />
          </button>
        </header>
        <div className="tags-toolbar">
          <FilterField
            input={input}
            label="Filter tags"
            value={filter}
            onChange={(next) => {
              setFilter(next)
              setChosen({ id: null, index: 0 })
            }}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
              event.preventDefault()
              list.current?.focus()
            }}
            initialFocus
          />
          <select
            className="select"
            aria-label="Whose tags"
            value={whose}
            onChange={(event) => setWhose(event.target.value as Whose)}
          >
            {Object.entries(whoseNames).map(([each, name]) => (
              <option key={each} value={each}>
                {name}
              </option>
            ))}
          </select>
          <span className="count" role="status">
            {counted(tags.length, 'tag')}
          </span>
        </div>
        <TagList
          list={list}
          tags={tags}
          chosen={index}
          onChoose={choose}
          onOpen={show}
          onKeyDown={onKeyDown}
        />
        {tags.length === 0 && answer.isSuccess && (
          <p className="tags-none">{whyNone(whose, filter)}</p>
        )}
        <TagActions
          key={tag?.id}
          tag={tag ?? null}
          tags={all}
          doing={doing && doing.id === tag?.id ? doing.what : null}
          onDo={start}
          onEnd={end}
          onFollow={follow}
          onShow={show}
        />
      </div>
    </Modal>
  )
}

function isShown({ own, name }: TagSummary, whose: Whose, filter: string): boolean {
  if (whose !== 'all' && own !== (whose === 'own')) return false
  return nameKey(name).includes(nameKey(filter))
}

function whyNone(whose: Whose, filter: string): string {
  if (filter.trim() !== '') return 'No tag is called that.'
  return whose === 'own' ? 'You have no tags of your own yet.' : 'There are no tags yet.'
}
