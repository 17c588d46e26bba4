import { Redo2, Undo2 } from 'lucide-react'
import { useAnswer } from '../connection/hooks.tsx'
import { useUndo } from './useUndo.ts'

/** What they would do stands in their tooltips. Not disabled where there is nothing: the focus would go. */
export function UndoButtons() {
  const { undo, redo } = useAnswer('undoState', {}).data ?? { undo: null, redo: null }
  const again = useUndo()
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label="Undo"
        aria-description={undo ?? undefined}
        aria-disabled={undo === null}
        title={undo === null ? 'Nothing to undo' : `Undo: ${undo} (Ctrl+Z)`}
        onClick={again.undo}
      >
        <Undo2 size={17} aria-hidden />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Redo"
        aria-description={redo ?? undefined}
        aria-disabled={redo === null}
        title={redo === null ? 'Nothing to redo' : `Redo: ${redo} (Shift+Ctrl+Z)`}
        onClick={again.redo}
      >
        <Redo2 size={17} aria-hidden />
      </button>
    </>
  )
}
