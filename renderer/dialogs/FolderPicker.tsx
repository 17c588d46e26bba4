import { CornerLeftUp, Folder } from 'lucide-react'
import { useState } from 'react'
import { messageOf } from '../../contract/errors.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { Dialog } from './Dialog.tsx'

interface FolderPickerProps {
  title: string
  /** What the choosing button says. */
  action: string
  busy: boolean
  onChoose: (path: string) => void
  onClose: () => void
}

/** Chooses a folder of the machine that Albumen runs on, where there is no native dialog. */
export function FolderPicker({ title, action, busy, onChoose, onClose }: FolderPickerProps) {
  /** `null`: the home folder. */
  const [shownPath, setShownPath] = useState<string | null>(null)
  const [typed, setTyped] = useState('')
  const directory = useAnswer('browseDirectory', { path: shownPath }, { keepPrevious: true })
  // The home folder's name stands behind the field, not in it: it arrives while a person may type.
  const path = typed.trim() || (directory.data?.path ?? '')

  const show = (next: string) => {
    setShownPath(next)
    setTyped(next)
  }

  return (
    <Dialog
      title={title}
      onClose={onClose}
      wide
      actions={
        <>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button primary"
            disabled={busy || path === ''}
            onClick={() => onChoose(path)}
          >
            {action}
          </button>
        </>
      }
    >
      <form
        className="picker-path"
        onSubmit={(event) => {
          event.preventDefault()
          // The form that asked for a folder is not done yet.
          event.stopPropagation()
          if (path !== '') show(path)
        }}
      >
        <button
          type="button"
          className="icon-button"
          aria-label="Up one folder"
          title="Up one folder"
          disabled={!directory.data?.parent}
          onClick={() => {
            if (directory.data?.parent) show(directory.data.parent)
          }}
        >
          <CornerLeftUp size={16} aria-hidden />
        </button>
        <input
          className="field"
          aria-label="Folder path"
          data-initial-focus
          spellCheck={false}
          autoComplete="off"
          value={typed}
          placeholder={directory.data?.path ?? 'Type or paste a path'}
          onChange={(event) => setTyped(event.target.value)}
        />
        <button type="submit" className="button">
          Go
        </button>
      </form>
      {directory.error ? (
        <p className="field-error" role="alert">
          {messageOf(directory.error)}
        </p>
      ) : (
        <ul className="picker-list" aria-label="Folders inside" aria-busy={directory.isFetching}>
          {directory.data?.children.map((child) => (
            <li key={child.path}>
              <button type="button" className="picker-item" onClick={() => show(child.path)}>
                <Folder size={16} aria-hidden />
                <span>{child.name}</span>
              </button>
            </li>
          ))}
          {directory.data?.children.length === 0 && (
            <li className="picker-empty">There are no folders in this one.</li>
          )}
        </ul>
      )}
    </Dialog>
  )
}
