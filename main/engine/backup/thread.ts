/** @file Works on one backup on a thread of its own: SQLite blocks while it copies and checks. */
import { parentPort, workerData } from 'node:worker_threads'
import { errorToWire } from '../../../contract/protocol.ts'
import { findBackups } from './list.ts'
import { makeBackup } from './make.ts'
import { prepareRestore } from './restore.ts'
import type { ThreadJob, ThreadMessage } from './threads.ts'

const tell = (message: ThreadMessage) => parentPort?.postMessage(message)
const onProgress = (progress: unknown) => tell({ type: 'progress', progress })

function work(job: ThreadJob): unknown {
  switch (job.name) {
    case 'make':
      return makeBackup(job.input, onProgress)
    case 'prepareRestore':
      return prepareRestore(job.input, onProgress)
    case 'list':
      return findBackups(job.input.directory)
    default:
      return job satisfies never
  }
}

try {
  tell({ type: 'result', result: await work(workerData as ThreadJob) })
} catch (error) {
  tell({ type: 'error', error: errorToWire(error) })
}
