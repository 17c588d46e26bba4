import type { MutationName, OutputOf, RawInputOf } from '../../contract/commands.ts'
import type { ChangeReport } from '../../contract/domain.ts'
import { useChange } from '../connection/hooks.tsx'
import { type Toast, useToasts } from '../dialogs/toasts.tsx'

type Told = Pick<Toast, 'message' | 'action'>

/**
 * A change of what persons say of photos, which is told when it is made, and how to take it back.
 * `onMade`: before anything is asked again.
 */
export function useTold<Name extends MutationName>(
  name: Name,
  tell: (output: OutputOf<Name>) => Told,
  onMade?: (input: RawInputOf<Name>) => void,
) {
  const toasts = useToasts()
  return useChange(name, {
    onStart: toasts.showWork,
    onSuccess(output, input) {
      const { message, action } = tell(output)
      toasts.showChange(message, action)
      onMade?.(input)
    },
  })
}

/** Of a change that says what it did. */
export const reported = ({ title, changed }: ChangeReport): Told =>
  changed ? { message: title, action: 'undo' } : { message: 'That is so already.', action: null }
