import { Worker } from 'node:worker_threads'
import type { Backup, BackupProgress } from '../../../contract/backups.ts'
import type { CallContext } from '../../../contract/commands.ts'
import { UserError } from '../../../contract/errors.ts'
import type { WireError } from '../../../contract/protocol.ts'
import type { MakeInput } from './make.ts'
import type { Prepared, PrepareInput } from './restore.ts'

interface Jobs {
  make: { input: MakeInput; output: Backup }
  prepareRestore: { input: PrepareInput; output: Prepared }
  /** `directory`: of the library. */
  list: { input: { directory: string }; output: Backup[] }
}

export type ThreadJob = {
  [Name in keyof Jobs]: { name: Name; input: Jobs[Name]['input'] }
}[keyof Jobs]

export type ThreadMessage =
  | { type: 'progress'; progress: unknown }
  | { type: 'result'; result: unknown }
  | { type: 'error'; error: WireError }

export interface BackupThreads {
  /**
   * Does a job on a thread of its own. Rejects with UserError, or with the signal's reason as soon as
   * the thread has ended: SQLite finishes a check first.
   */
  run<Name extends keyof Jobs>(
    name: Name,
    input: Jobs[Name]['input'],
    context: CallContext<BackupProgress>,
  ): Promise<Jobs[Name]['output']>
  /** Whether any thread is at work. */
  busy(): boolean
}

/** `entry`: path of `main/engine/backup/thread`. */
export function createBackupThreads(entry: string): BackupThreads {
  let running = 0
  return {
    run(name, input, { signal, onProgress }) {
      signal.throwIfAborted()
      running++
      const job = { name, input } as ThreadJob
      return inThread(entry, job, { signal, onProgress }).finally(() => {
        running--
      }) as Promise<Jobs[typeof name]['output']>
    },
    busy: () => running > 0,
  }
}

function inThread(
  entry: string,
  job: ThreadJob,
  { signal, onProgress }: CallContext<BackupProgress>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData: job })
    const end = () => void worker.terminate()
    signal.addEventListener('abort', end)
    let outcome = () => reject(new Error('the thread for backups ended before it was done'))
    worker.on('message', (message: ThreadMessage) => {
      if (message.type === 'progress') onProgress(message.progress as BackupProgress)
      else if (message.type === 'result') outcome = () => resolve(message.result)
      else outcome = () => reject(errorOf(message.error))
    })
    worker.on('error', (error) => {
      outcome = () => reject(error)
    })
    worker.on('exit', () => {
      signal.removeEventListener('abort', end)
      if (signal.aborted) reject(signal.reason as Error)
      else outcome()
    })
  })
}

const errorOf = ({ code, message }: WireError): Error =>
  code === null ? new Error(message) : new UserError(code, message)
