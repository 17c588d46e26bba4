import type { Connection } from '../connection/connection.ts'
import { useAnswer, useConnection } from '../connection/hooks.tsx'
import { useToasts } from './toasts.tsx'

/**
 * `native`: opens a dialog of the system and gives the path, `null` when it was dismissed.
 * `null`: this face has none.
 */
export interface NativeDialog<Parameters extends unknown[]> {
  native: ((...parameters: Parameters) => Promise<string | null>) | null
}

export function useNativeDialog<Parameters extends unknown[]>(
  open: (connection: Connection, ...parameters: Parameters) => Promise<string | null>,
): NativeDialog<Parameters> {
  const connection = useConnection()
  const toasts = useToasts()
  const host = useAnswer('host', {})
  if (host.data?.face !== 'desktop') return { native: null }
  return {
    async native(...parameters) {
      try {
        return await open(connection, ...parameters)
      } catch (error) {
        toasts.showError(error)
        return null
      }
    },
  }
}
