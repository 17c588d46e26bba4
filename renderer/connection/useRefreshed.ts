import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { QueryName } from '../../contract/commands.ts'

/** Asks again when what shows it is opened: it may have changed without news, as by the command line. */
export function useRefreshed(name: QueryName): void {
  const queryClient = useQueryClient()
  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: [name] })
  }, [queryClient, name])
}
