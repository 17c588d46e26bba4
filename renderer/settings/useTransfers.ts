import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { QueryName } from '../../contract/commands.ts'
import { useToasts } from '../dialogs/toasts.tsx'
import { createTransfers, type Transfers } from './transfers.ts'

/** Those of this window: made once, wherever the settings are opened from. */
export function useTransfers(): Transfers {
  const queryClient = useQueryClient()
  const toasts = useToasts()
  const [transfers] = useState(() =>
    createTransfers({
      onArrived: ({ name }) => toasts.showNote(`${name} is here. Settings let you use it.`),
      onEnded: () => {
        const listModels: QueryName = 'listModels'
        void queryClient.invalidateQueries({ queryKey: [listModels] })
      },
    }),
  )
  return transfers
}
