import { X } from 'lucide-react'
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { ToastRegion } from './ToastRegion.tsx'

interface ModalProps {
  className: string
  /** The accessible name, or the id of the element that carries it. */
  name: { label: string } | { labelledBy: string }
  onClose: () => void
  /** Whether a press beside the dialog closes it. */
  closesOutside?: boolean
  /** Whether decisions are made in it: the keys for undo and redo work there. */
  decides?: boolean
  children: ReactNode
}

/**
 * A modal element: the browser keeps the focus in it and gives it back when it closes. It begins at
 * the element with `data-initial-focus`, else at the first that takes it.
 */
export function Modal(props: ModalProps) {
  const { className, name, onClose, closesOutside = true, decides = false, children } = props
  const element = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    dialog?.querySelector<HTMLElement>('[data-initial-focus]')?.focus()
    return () => dialog?.close()
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does for the keyboard what this does for the mouse.
    <dialog
      ref={element}
      className={className}
      data-decides={decides || undefined}
      aria-label={'label' in name ? name.label : undefined}
      aria-labelledby={'labelledBy' in name ? name.labelledBy : undefined}
      onCancel={(event) => {
        event.preventDefault()
        if (event.target === element.current) onClose()
      }}
      onClick={(event) => {
        if (closesOutside && event.target === element.current) onClose()
      }}
    >
      {children}
      <ToastRegion />
    </dialog>
  )
}

interface DialogProps {
  title: string
  onClose: () => void
  wide?: boolean
  children: ReactNode
  /** Buttons, the main one last. */
  actions: ReactNode
}

export function Dialog({ title, onClose, wide = false, children, actions }: DialogProps) {
  const titleId = useId()
  return (
    <Modal
      className={wide ? 'dialog wide' : 'dialog'}
      name={{ labelledBy: titleId }}
      onClose={onClose}
    >
      <div className="dialog-body">
        <header className="dialog-header">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
            <X size={18} aria-hidden />
          </button>
        </header>
        <div className="dialog-content">{children}</div>
        <footer className="dialog-actions">{actions}</footer>
      </div>
    </Modal>
  )
}
