import { useAnswer, useConnection } from '../connection/hooks.tsx'
import { useToasts } from './toasts.tsx'

/**
 * `native`: opens the system's dialog and gives the folder, `null` when it was dismissed.
 * `null`: this face has none, so the window shows its own picker.
 */
export function useChooseDirectory(): {
  native: ((title: string) => Promise<string | null>) | null
} {
  const connection = useConnection()
  const toasts = useToasts()
  const host = useAnswer('host', {})
  if (host.data?.face !== 'desktop') return { native: null }
  return {
    async native(title) {
      try {
        return await connection.call('chooseDirectory', { title })
      } catch (error) {
        toasts.showError(error)
        return null
      }
    },
  }
}
