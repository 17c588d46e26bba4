import { CircleAlert, Info, X } from 'lucide-react'
import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react'
import { messageOf, UserError } from '../../contract/errors.ts'

interface Toast {
  id: number
  kind: 'error' | 'note'
  message: string
}

export interface Toasts {
  showError(error: unknown): void
  showNote(message: string): void
  dismiss(id: number): void
  current(): readonly Toast[]
  subscribe(listener: () => void): () => void
}

const lifetime = { error: 9000, note: 4500 }

export function createToasts(): Toasts {
  const listeners = new Set<() => void>()
  let toasts: readonly Toast[] = []
  let lastId = 0

  function become(next: readonly Toast[]): void {
    toasts = next
    for (const listener of listeners) listener()
  }
  function dismiss(id: number): void {
    become(toasts.filter((toast) => toast.id !== id))
  }
  function show(kind: Toast['kind'], message: string): void {
    const id = ++lastId
    // The same sentence twice says nothing new.
    become(
      [...toasts.filter((toast) => toast.message !== message), { id, kind, message }].slice(-4),
    )
    setTimeout(() => dismiss(id), lifetime[kind])
  }

  return {
    showError: (error) =>
      show(
        'error',
        error instanceof UserError ? error.message : `Something went wrong: ${messageOf(error)}`,
      ),
    showNote: (message) => show('note', message),
    dismiss,
    current: () => toasts,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const ToastsContext = createContext<Toasts | null>(null)

export function ToastsProvider(props: { toasts: Toasts; children: ReactNode }) {
  return <ToastsContext value={props.toasts}>{props.children}</ToastsContext>
}

export function useToasts(): Toasts {
  const toasts = useContext(ToastsContext)
  if (!toasts) throw new Error('There are no toasts above this component.')
  return toasts
}

/** Lies in the page and in every dialog, because a modal dialog makes the page behind it inert. */
export function ToastRegion() {
  const toasts = useToasts()
  const current = useSyncExternalStore(toasts.subscribe, toasts.current)
  return (
    <div className="toasts">
      {current.map(({ id, kind, message }) => (
        <div
          key={id}
          className={`toast toast-${kind}`}
          role={kind === 'error' ? 'alert' : 'status'}
        >
          {kind === 'error' ? (
            <CircleAlert size={16} aria-hidden />
          ) : (
            <Info size={16} aria-hidden />
          )}
          <span>{message}</span>
          <button
            type="button"
            className="icon-button small"
            aria-label="Dismiss"
            onClick={() => toasts.dismiss(id)}
          >
            <X size={14} aria-hidden />
          </button>
        </div>
      ))}
    </div>
  )
}
