import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { QueryName } from '../../contract/commands.ts'

/** Asks again when a section is opened: the command line may have changed what is there. */
export function useRefreshed(name: QueryName): void {
  const queryClient = useQueryClient()
  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: [name] })
  }, [queryClient, name])
}
