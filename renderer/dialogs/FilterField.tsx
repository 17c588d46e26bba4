import { Search, X } from 'lucide-react'
import type { KeyboardEvent, Ref } from 'react'

interface FilterFieldProps {
  /** What a screen reader says. */
  label: string
  value: string
  onChange: (value: string) => void
  /** Keys but Escape, which empties a field that is not empty. */
  onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void
  input?: Ref<HTMLInputElement>
  initialFocus?: boolean
}

/** Narrows a list to what matches. */
export function FilterField(props: FilterFieldProps) {
  const { label, value, onChange, onKeyDown, input, initialFocus } = props
  return (
    <div className="filter">
      <Search size={13} aria-hidden />
      <input
        ref={input}
        className="filter-field"
        aria-label={label}
        placeholder="Filter"
        spellCheck={false}
        autoComplete="off"
        data-initial-focus={initialFocus || undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') {
            // A dialog around it would close.
            event.preventDefault()
            onChange('')
          } else onKeyDown?.(event)
        }}
      />
      {value !== '' && (
        <button
          type="button"
          className="icon-button small"
          aria-label="Clear filter"
          onClick={() => onChange('')}
        >
          <X size={13} aria-hidden />
        </button>
      )}
    </div>
  )
}
