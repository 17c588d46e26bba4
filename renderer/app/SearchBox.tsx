import { Search as SearchIcon, X } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useId, useState } from 'react'
import type { Suggestion } from '../../contract/domain.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { completedPart } from './queryText.ts'
import type { Search } from './useSearch.ts'

const kindNames: Record<Suggestion['kind'], string> = {
  class: 'Class',
  category: 'Category',
  album: 'Album',
  rating: 'Rating',
  filter: 'Filter',
}

interface SearchBoxProps {
  search: Search
  input: RefObject<HTMLInputElement | null>
  /** Down from the box without suggestions, and Escape in an empty one. */
  onLeave: () => void
}

export function SearchBox({ search, input, onLeave }: SearchBoxProps) {
  const { text, mistake } = search
  const id = useId()
  const [open, setOpen] = useState(false)
  const [chosen, setChosen] = useState(-1)
  const asks = open && text.trim() !== ''
  const answer = useAnswer('suggest', { text, limit: 8 }, { enabled: asks, keepPrevious: true })
  const suggestions = asks ? (answer.data ?? []) : []
  const shows = suggestions.length > 0

  function take(suggestion: Suggestion): void {
    // A filter such as `name:` waits for its value.
    if (suggestion.kind === 'filter') search.type(suggestion.text)
    else search.submit(suggestion.text)
    setOpen(suggestion.kind === 'filter')
    setChosen(-1)
    input.current?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    const picked = suggestions[chosen]
    switch (event.key) {
      case 'ArrowDown':
        if (shows) setChosen(chosen + 1 < suggestions.length ? chosen + 1 : -1)
        else onLeave()
        break
      case 'ArrowUp':
        if (!shows) return
        setChosen(chosen >= 0 ? chosen - 1 : suggestions.length - 1)
        break
      case 'Enter':
        if (picked) take(picked)
        else {
          search.submit(text)
          setOpen(false)
        }
        break
      case 'Tab':
        if (!picked) return
        take(picked)
        break
      case 'Escape':
        if (shows) setOpen(false)
        else if (text !== '') search.submit('')
        else onLeave()
        break
      default:
        return
    }
    event.preventDefault()
  }

  return (
    <div className="search">
      <div className={mistake ? 'search-box mistaken' : 'search-box'}>
        <SearchIcon size={16} aria-hidden />
        <input
          ref={input}
          role="combobox"
          type="text"
          className="search-field"
          aria-label="Search photos"
          aria-expanded={shows}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 && shows ? `${id}-${chosen}` : undefined}
          aria-invalid={mistake !== null}
          aria-describedby={mistake ? `${id}-mistake` : undefined}
          placeholder="Search photos: dog, beach | lake, -boat"
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => {
            search.type(event.target.value)
            setOpen(true)
            setChosen(-1)
          }}
          onKeyDown={onKeyDown}
          onBlur={() => setOpen(false)}
        />
        {text === '' ? (
          <kbd aria-hidden>/</kbd>
        ) : (
          <button
            type="button"
            className="icon-button small"
            aria-label="Clear search"
            onClick={() => {
              search.submit('')
              input.current?.focus()
            }}
          >
            <X size={15} aria-hidden />
          </button>
        )}
      </div>
      <div
        id={`${id}-list`}
        className="suggestions"
        role="listbox"
        aria-label="Suggestions"
        hidden={!shows}
      >
        {suggestions.map((suggestion, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above takes the keys.
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the box.
          <div
            key={`${suggestion.kind} ${suggestion.text}`}
            id={`${id}-${index}`}
            className="suggestion"
            role="option"
            aria-selected={index === chosen}
            // The box would lose the focus, and the list close, before the click.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(suggestion)}
          >
            <span className="suggestion-text">{completedPart(text, suggestion.text)}</span>
            <span className="suggestion-detail">{suggestion.detail}</span>
            <span className="suggestion-kind">{kindNames[suggestion.kind]}</span>
          </div>
        ))}
      </div>
      {mistake && !shows && (
        <div id={`${id}-mistake`} className="mistake" role="alert">
          <div>{mistake.message}</div>
          <MarkedQuery query={mistake.query} column={mistake.column} />
        </div>
      )}
    </div>
  )
}

/** The query with the place marked where it goes wrong: one past its end when it stops too early. */
function MarkedQuery({ query, column }: { query: string; column: number }) {
  return (
    <code className="marked-query">
      {query.slice(0, column)}
      <mark>{query.slice(column, column + 1) || ' '}</mark>
      {query.slice(column + 1)}
      <span className="mistake-column">column {column + 1}</span>
    </code>
  )
}
