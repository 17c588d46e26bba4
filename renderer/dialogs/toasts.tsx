import { createContext, type ReactNode, useContext } from 'react'
import { messageOf, UserError } from '../../contract/errors.ts'

export interface Toast {
  id: number
  /**
   * `change`: what was done last to what persons say of photos; `work`: it is being done. There is one
   * of these two at most.
   */
  kind: 'error' | 'note' | 'change' | 'work'
  message: string
  /** What a button in it does. */
  action: 'undo' | 'redo' | null
}

export interface Toasts {
  showError(error: unknown): void
  showNote(message: string): void
  showChange(message: string, action: Toast['action']): void
  /** Shows that a change is being made, where that takes a while. Returns how to end it. */
  showWork(): () => void
  dismiss(id: number): void
  /** Keeps a toast as long as somebody points at it or has the focus in it. */
  hold(id: number): void
  /** Lets it go after its time. */
  release(id: number): void
  current(): readonly Toast[]
  subscribe(listener: () => void): () => void
}

/** Milliseconds. */
const lifetime = { error: 9000, note: 4500, change: 8000, work: null }
/** Milliseconds after which a change that is still being made is worth a word. */
const patience = 400

/** Of the one toast of changes, so that a focus in it stays where it is when the next is told. */
const changeId = 0

export function createToasts(): Toasts {
  const listeners = new Set<() => void>()
  const timers = new Map<number, ReturnType<typeof setTimeout>>()
  let toasts: readonly Toast[] = []
  let lastId = changeId

  function become(next: readonly Toast[]): void {
    toasts = next
    for (const listener of listeners) listener()
  }
  function hold(id: number): void {
    clearTimeout(timers.get(id))
    timers.delete(id)
  }
  function dismiss(id: number): void {
    hold(id)
    become(toasts.filter((toast) => toast.id !== id))
  }
  function release(id: number): void {
    hold(id)
    const toast = toasts.find((each) => each.id === id)
    const milliseconds = toast && lifetime[toast.kind]
    if (milliseconds)
      timers.set(
        id,
        setTimeout(() => dismiss(id), milliseconds),
      )
  }
  function show(toast: Toast): void {
    // The same sentence twice says nothing new.
    const others = toasts.filter(({ id, message }) => id !== toast.id && message !== toast.message)
    become([...others, toast].slice(-4))
  }
  function showFor(kind: 'error' | 'note', message: string): void {
    const id = ++lastId
    show({ id, kind, message, action: null })
    release(id)
  }

  return {
    showError: (error) =>
      showFor(
        'error',
        error instanceof UserError ? error.message : `Something went wrong: ${messageOf(error)}`,
      ),
    showNote: (message) => showFor('note', message),
    showChange(message, action) {
      show({ id: changeId, kind: 'change', message, action })
      release(changeId)
    },
    showWork() {
      const timer = setTimeout(() => {
        hold(changeId)
        show({ id: changeId, kind: 'work', message: 'Working on it…', action: null })
      }, patience)
      return () => {
        clearTimeout(timer)
        if (toasts.some(({ kind }) => kind === 'work')) dismiss(changeId)
      }
    },
    dismiss,
    hold,
    release,
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
