import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const commandLine = fileURLToPath(new URL('../scripts/albumen.mjs', import.meta.url))

export interface Run {
  seconds: number
  output: string
  /** Peak resident memory, in megabytes; 0 where the process never ran or this is not Linux. */
  engineMegabytes: number
  visionMegabytes: number
}

const SAMPLE_MS = 100

/** Runs the command line and watches the memory of its processes. Throws when it fails. */
export function albumen(...args: string[]): Promise<Run> {
  const started = performance.now()
  const child = spawn(process.execPath, [commandLine, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const peaks = { engine: 0, vision: 0 }
  const timer = setInterval(() => {
    peaks.engine = Math.max(peaks.engine, peakMegabytes(child.pid))
    for (const pid of childrenOf(child.pid)) {
      peaks.vision = Math.max(peaks.vision, peakMegabytes(pid))
    }
  }, SAMPLE_MS)
  let output = ''
  let errors = ''
  child.stdout.on('data', (data) => {
    output += data
  })
  child.stderr.on('data', (data) => {
    errors += data
  })
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      clearInterval(timer)
      if (code !== 0) reject(new Error(`albumen ${args[0]} ended with ${code}: ${errors}`))
      const seconds = (performance.now() - started) / 1000
      const { engine: engineMegabytes, vision: visionMegabytes } = peaks
      resolve({ seconds, output, engineMegabytes, visionMegabytes })
    })
  })
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return ''
  }
}

const peakMegabytes = (pid: number | undefined) =>
  Number(readProc(`${pid}/status`).match(/VmHWM:\s+(\d+)/)?.[1] ?? 0) / 1024

export function childrenOf(pid: number | undefined): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readProc(`${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return []
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] as number
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** The number that follows an option, such as `--rounds 5`. */
export function option(args: readonly string[], name: string, fallback: number): number {
  const at = args.indexOf(name)
  return at === -1 ? fallback : Number(args[at + 1])
}
