/** The command line as people start it: a child process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const entry = resolve('scripts/albumen.mjs')
const windows = process.platform === 'win32'
const projectNode = resolve(`node_modules/node/bin/node${windows ? '.exe' : ''}`)
const node = existsSync(projectNode) ? projectNode : process.execPath

export interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunningCommand {
  child: ChildProcess
  finished: Promise<Finished>
}

export function startAlbumen(
  args: string[],
  options: { uid?: number; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): RunningCommand {
  const child = spawn(node, [entry, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  const finished = new Promise<Finished>((done, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => done({ code, signal, ...output }))
  })
  return { child, finished }
}

export const albumen = (...args: string[]): Promise<Finished> => startAlbumen(args).finished

/** What a command printed with --json. Throws, with what it said, when it failed. */
export async function albumenJson<Line>(...args: string[]): Promise<Line[]> {
  const { code, stdout, stderr } = await albumen(...args, '--json')
  if (code !== 0) throw new Error(`albumen ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}
