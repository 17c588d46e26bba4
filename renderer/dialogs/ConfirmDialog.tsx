import type { ReactNode } from 'react'
import { Dialog } from './Dialog.tsx'

interface ConfirmDialogProps {
  title: string
  /** What the confirming button says: a verb. */
  action: string
  busy: boolean
  onConfirm: () => void
  onClose: () => void
  children: ReactNode
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      actions={
        <>
          <button type="button" className="button" data-initial-focus onClick={props.onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button danger"
            disabled={props.busy}
            onClick={props.onConfirm}
          >
            {props.action}
          </button>
        </>
      }
    >
      {props.children}
    </Dialog>
  )
}
