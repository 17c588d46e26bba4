import { DisconnectedError, UserError } from '../../../contract/errors.ts'
import { createClient } from '../../../contract/protocol.ts'
import type { StartVision } from '../jobs/visionSupervisor.ts'

/** A vision process of its own to try things in that may hang or crash. */
export interface ProbeProcess {
  /**
   * Rejects with UserError when the process ended, or did not answer within `limitMs` and was
   * ended for it; and as the call does.
   */
  call<Output>(name: string, input: unknown, limitMs: number): Promise<Output>
  close(): void
}

export async function startProbe(start: StartVision, signal: AbortSignal): Promise<ProbeProcess> {
  const process = await start()
  const client = createClient(process.channel, 'The process that tries it')
  const close = () => {
    signal.removeEventListener('abort', close)
    process.channel.close()
  }
  signal.addEventListener('abort', close)
  if (signal.aborted) close()
  return {
    close,
    async call<Output>(name: string, input: unknown, limitMs: number) {
      let late = false
      const timer = setTimeout(() => {
        late = true
        process.kill()
      }, limitMs)
      try {
        return (await client.call(name, input)) as Output
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof DisconnectedError)) throw error
        throw late
          ? new UserError('probe-late', `It did not answer within ${limitMs / 1000} s.`)
          : new UserError('probe-died', 'It ended the process that tried it.')
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
