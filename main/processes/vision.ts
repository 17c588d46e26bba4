/** Vision as a child process of Node, for the engine of the browser face and of the command line. */
import { fork } from 'node:child_process'
import type { StartVision } from '../engine/jobs/visionSupervisor.ts'
import { processChannel } from '../rpc/channels.ts'
import { visionEnvironment } from './visionEnvironment.ts'

/**
 * `entry`: path of `main/vision/process`. It ends when this process does. `log`: `null` keeps quiet
 * what it prints, such as what drivers print when they are tried.
 */
export function forkVision(entry: string, log: ((line: string) => void) | null): StartVision {
  return async () => {
    const child = fork(entry, [], {
      serialization: 'advanced',
      // Standard output belongs to the command line's answers.
      stdio: log ? ['ignore', 2, 'inherit', 'ipc'] : ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      env: visionEnvironment(),
    })
    child.on('error', (error) => log?.(`The vision process: ${error.message}`))
    let wanted = true
    child.on('exit', (code, signal) => {
      if (wanted && (signal || code))
        log?.(`The vision process ended (${signal ?? `exit code ${code}`}).`)
    })
    const kill = () => {
      wanted = false
      child.kill('SIGKILL')
    }
    return { channel: processChannel(child), kill }
  }
}
