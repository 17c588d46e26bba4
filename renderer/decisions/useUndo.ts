import { useTold } from './useTold.ts'

/** Undoes the last change of what persons say, or makes it again, and tells so. */
export function useUndo(): { undo: () => void; redo: () => void } {
  const undo = useTold('undo', (title) =>
    title === null
      ? { message: 'There is nothing to undo.', action: null }
      : { message: `Undone: ${title}`, action: 'redo' },
  )
  const redo = useTold('redo', (title) =>
    title === null
      ? { message: 'There is nothing to redo.', action: null }
      : { message: `Done again: ${title}`, action: 'undo' },
  )
  return {
    undo: () => undo.mutate({ input: {} }),
    redo: () => redo.mutate({ input: {} }),
  }
}
