/** The engine as a child process of Node, for the browser face and the command line. */
import { fork } from 'node:child_process'
import type { EngineOptions } from '../engine/hostCommands.ts'
import { processChannel } from '../rpc/channels.ts'
import { processEntry } from './entries.ts'
import { type EngineProcess, superviseEngine } from './supervisor.ts'

/** `log` takes whole lines, for people. */
export const startEngine = (options: EngineOptions, log: (line: string) => void) =>
  superviseEngine({ spawn: () => forkEngine(processEntry('engine'), options), log })

/** `entry`: path of `main/engine/process`. What it prints goes to our standard error. */
export function forkEngine(entry: string, options: EngineOptions): EngineProcess {
  const child = fork(entry, [JSON.stringify(options)], {
    serialization: 'advanced',
    // Standard output belongs to the command line's answers.
    stdio: ['ignore', 2, 'inherit', 'ipc'],
    execArgv: [],
  })
  return {
    channel: processChannel(child),
    exited: new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        const how = signal === null ? `exit code ${code}` : `signal ${signal}`
        // Its last words may still be under way.
        if (child.connected) child.once('disconnect', () => resolve(how))
        else resolve(how)
      })
      child.on('error', (error) => {
        if (child.pid === undefined) resolve(error.message)
      })
    }),
    kill: () => child.kill('SIGKILL'),
  }
}
