import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useState,
} from 'react'

export interface Choice {
  key: string
  name: string
  /** What tells it from others of that name. */
  note: string | null
  /** At the end of its line. */
  aside: string | null
  icon: ReactNode
  /** It is what was typed, and Ctrl+Enter takes it wherever it stands. */
  asTyped: boolean
}

interface ChoiceFieldProps<Offered extends Choice> {
  input: RefObject<HTMLInputElement | null>
  label: string
  placeholder: string
  text: string
  onText: (text: string) => void
  /** Best first: Enter takes the first unless the arrows chose another. */
  choices: readonly Offered[]
  /** They are on their way: Enter waits for them. */
  pending: boolean
  onChoose: (choice: Offered) => void
  /** Escape. */
  onLeave: () => void
  /** What the list says when it has nothing to offer; `null` hides it then. */
  nothing: string | null
}

/** A field with a list of what may be meant, which is open as long as the field has the focus. */
export function ChoiceField<Offered extends Choice>(props: ChoiceFieldProps<Offered>) {
  const { choices, text } = props
  const id = useId()
  const [focused, setFocused] = useState(false)
  const [moved, setMoved] = useState({ text, by: 0 })
  const at = moved.text === text && choices.length > 0 ? moved.by % choices.length : 0
  const [waits, setWaits] = useState(false)
  const shows = focused && (choices.length > 0 || props.nothing !== null)

  useEffect(() => {
    if (!waits || props.pending) return
    setWaits(false)
    if (choices[0]) props.onChoose(choices[0])
  })

  function onKeyDown(event: KeyboardEvent): void {
    // Keys of the dialog around it are letters here.
    event.stopPropagation()
    // The key ends a word of an input method.
    if (event.nativeEvent.isComposing) return
    switch (event.key) {
      case 'ArrowDown':
        setMoved({ text, by: at + 1 })
        break
      case 'ArrowUp':
        setMoved({ text, by: at + choices.length - 1 })
        break
      case 'Enter': {
        const asTyped = event.ctrlKey || event.metaKey
        const choice = asTyped ? choices.find((each) => each.asTyped) : choices[at]
        if (choice) props.onChoose(choice)
        else setWaits(props.pending)
        break
      }
      case 'Escape':
        props.onLeave()
        break
      default:
        return
    }
    event.preventDefault()
  }

  return (
    <div className="choice-field">
      <input
        ref={props.input}
        role="combobox"
        type="text"
        className="field"
        aria-label={props.label}
        aria-expanded={shows}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shows && choices.length > 0 ? `${id}-${at}` : undefined}
        placeholder={props.placeholder}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => {
          setWaits(false)
          props.onText(event.target.value)
        }}
        onKeyDown={onKeyDown}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      />
      <div
        id={`${id}-list`}
        className="choices"
        role="listbox"
        aria-label={props.label}
        hidden={!shows}
      >
        {choices.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys.
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field.
          <div
            key={choice.key}
            id={`${id}-${index}`}
            className="choice"
            role="option"
            aria-selected={index === at}
            // The field would lose the focus, and the list close, before the click.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => props.onChoose(choice)}
          >
            {choice.icon}
            <span className="choice-name">{choice.name}</span>
            {choice.note !== null && <span className="choice-note">{choice.note}</span>}
            {choice.aside !== null && <span className="choice-aside">{choice.aside}</span>}
          </div>
        ))}
        {choices.length === 0 && props.nothing !== null && (
          <div className="choices-empty">{props.nothing}</div>
        )}
      </div>
    </div>
  )
}
