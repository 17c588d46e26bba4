import { Check, CircleAlert, Info, LoaderCircle, X } from 'lucide-react'
import { type MouseEvent, useSyncExternalStore } from 'react'
import { useUndo } from '../decisions/useUndo.ts'
import { type Toast, useToasts } from './toasts.tsx'

const icons = { error: CircleAlert, note: Info, change: Check, work: LoaderCircle }

/** Lies in the page and in every dialog, because a modal dialog makes the page behind it inert. */
export function ToastRegion() {
  const toasts = useToasts()
  const current = useSyncExternalStore(toasts.subscribe, toasts.current)
  return (
    <div className="toasts">
      {current.map((toast) => (
        <ToastLine key={toast.id} toast={toast} />
      ))}
    </div>
  )
}

function ToastLine({ toast: { id, kind, message, action } }: { toast: Toast }) {
  const toasts = useToasts()
  const Icon = icons[kind]
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it keeps it, its buttons do the rest.
    <div
      className={`toast toast-${kind}`}
      role={kind === 'error' ? 'alert' : 'status'}
      onMouseEnter={() => toasts.hold(id)}
      onMouseLeave={() => toasts.release(id)}
      onFocus={() => toasts.hold(id)}
      onBlur={() => toasts.release(id)}
    >
      <Icon size={16} aria-hidden />
      <span>{message}</span>
      {action !== null && <AgainButton action={action} />}
      <button
        type="button"
        className="icon-button small"
        aria-label="Dismiss"
        onMouseDown={keepFocus}
        onClick={() => toasts.dismiss(id)}
      >
        <X size={14} aria-hidden />
      </button>
    </div>
  )
}

/** A toast goes: the focus stays where the next key is meant to go. */
const keepFocus = (event: MouseEvent): void => event.preventDefault()

function AgainButton({ action }: { action: 'undo' | 'redo' }) {
  const again = useUndo()
  return (
    <button type="button" className="button quiet" onMouseDown={keepFocus} onClick={again[action]}>
      {action === 'undo' ? 'Undo' : 'Redo'}
    </button>
  )
}
