import { useEffect, useRef, useState } from 'react'
import { tidied } from '../app/names.ts'

interface NameFieldProps {
  label: string
  name: string
  onName: (name: string) => void
  /** No other name. `by`: a key, or the focus that went elsewhere. */
  onLeave: (by: 'key' | 'focus') => void
}

/** Names something in its place: Enter takes the name, Escape leaves it as it was. */
export function NameField({ label, name, onName, onLeave }: NameFieldProps) {
  const [text, setText] = useState(name)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  return (
    <form
      className="name-field"
      onSubmit={(event) => {
        event.preventDefault()
        const wanted = tidied(text)
        if (wanted === '' || wanted === name) onLeave('key')
        else onName(wanted)
      }}
    >
      <input
        ref={input}
        className="field"
        aria-label={label}
        spellCheck={false}
        autoComplete="off"
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => onLeave('focus')}
        onKeyDown={(event) => {
          event.stopPropagation()
          if (event.key !== 'Escape') return
          event.preventDefault()
          onLeave('key')
        }}
      />
    </form>
  )
}
