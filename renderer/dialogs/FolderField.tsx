import { type ReactNode, useState } from 'react'
import { createPortal } from 'react-dom'
import { FolderPicker } from './FolderPicker.tsx'
import { useChooseDirectory } from './useChooseDirectory.ts'

interface FolderFieldProps {
  id: string
  label: string
  /** Title of the dialog that chooses a folder, and what its button says. */
  dialog: [title: string, action: string]
  disabled: boolean
  value: string
  onChange: (path: string) => void
  /** More buttons beside the field. */
  children?: ReactNode
}

/** A folder's path, typed or chosen: in the system's dialog, or where there is none in ours. */
export function FolderField(props: FolderFieldProps) {
  const { id, label, dialog, disabled, value, onChange } = props
  const [title, action] = dialog
  const { native } = useChooseDirectory()
  const [picks, setPicks] = useState(false)

  async function choose(): Promise<void> {
    if (!native) {
      setPicks(true)
      return
    }
    const path = await native(title)
    if (path !== null) onChange(path)
  }

  return (
    <>
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <div className="picker-path">
        <input
          id={id}
          className="field"
          spellCheck={false}
          autoComplete="off"
          placeholder="Choose a folder, or type its path"
          disabled={disabled}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
        <button type="button" className="button" disabled={disabled} onClick={() => void choose()}>
          Choose…
        </button>
        {props.children}
      </div>
      {picks &&
        // It has a form of its own, which must not lie in the one around the field.
        createPortal(
          <FolderPicker
            title={title}
            action={action}
            busy={false}
            onChoose={(path) => {
              onChange(path)
              setPicks(false)
            }}
            onClose={() => setPicks(false)}
          />,
          document.body,
        )}
    </>
  )
}
