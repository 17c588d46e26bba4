/** Albumen itself, as the processes that a person starts. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { vi } from 'vitest'

export const repository = resolve(import.meta.dirname, '../..')

export interface RunningApp {
  /** With the token that lets a browser in. */
  url: string
  /** Of the process that was started; on POSIX also of its process group. */
  pid: number
  /** What it has printed so far. */
  stdout(): string
  stderr(): string
  /** Ctrl-C, as a terminal sends it: to every process at once. Resolves with the exit code when none is left. */
  stop(): Promise<number | null>
  /** `kill -9` of every process at once. */
  kill(): Promise<void>
}

/** `albumen serve`, as it runs from source. */
export const serve = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunningApp> =>
  startApp('scripts/albumen.mjs', ['serve', '--no-open', '--json', ...args], env)

/** Runs a script of the repository and waits for the address that it prints. */
export async function startApp(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<RunningApp> {
  if (!existsSync(join(repository, 'dist/renderer/index.html'))) {
    throw new Error('The window has not been built: run "npm run build" first, or "npm test".')
  }
  const child = spawn(process.execPath, [join(repository, script), ...args], {
    cwd: repository,
    env: { ...process.env, ...env },
    // A process group of its own, as a shell makes one for every command.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (data) => {
    stderr += data
  })
  const ended = once(child, 'exit')
  const address = new Promise<string>((found) => {
    createInterface(child.stdout).on('line', (line) => {
      stdout += `${line}\n`
      const url = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(line)?.[0]
      if (url) found(url)
    })
  })
  const url = await Promise.race([
    address,
    ended.then(([code]) => {
      throw new Error(`${script} ended with code ${code} before it was open: ${stderr}`)
    }),
  ])
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    signalAll(child, signal)
    await ended
    await vi.waitFor(() => assertNoneLeft(child), { timeout: 10_000 })
    return child.exitCode
  }
  return {
    url,
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    stop: () => end('SIGINT'),
    kill: async () => void (await end('SIGKILL')),
  }
}

function signalAll(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  // Windows has neither process groups nor SIGINT for another process.
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'])
  else process.kill(-child.pid, signal)
}

function assertNoneLeft({ pid }: ChildProcess): void {
  if (process.platform === 'win32' || pid === undefined) return
  const left = groupOf(pid)
  if (left.length > 0) throw new Error(`Processes are left: ${JSON.stringify(left)}`)
}

/** Living processes of a group, with their command lines. POSIX only. */
export function groupOf(group: number): { pid: number; command: string }[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,pgid=,stat=,args='], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, pgid, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    // A zombie has ended: only its parent has not noticed yet.
    if (Number(pgid) !== group || state?.startsWith('Z')) return []
    return [{ pid: Number(pid), command: command ?? '' }]
  })
}
