/** A drive that can be plugged in and taken away: a file system in memory, mounted where it should be. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Drive {
  /** Where it is mounted. */
  point: string
  /** `anew`: with the same files, and another number than before. */
  plugIn(anew?: 'anew'): void
  /** Also while files of it are open. */
  takeAway(): void
  /** Another drive, with nothing on it, takes its place. */
  plugInAnother(): void
  remove(): void
}

const run = (...[command, ...args]: [string, ...string[]]) =>
  execFileSync(command, args, { stdio: 'ignore' })

const TMPFS = ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs'] as const

export function createDrive(): Drive {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'albumen-drive-')))
  const point = join(root, 'mounted')
  mkdirSync(point)
  let count = 0
  let drive = makeDrive()
  let mounted = 0

  function makeDrive(): string {
    const place = join(root, `drive-${count++}`)
    mkdirSync(place)
    run('mount', ...TMPFS, place)
    return place
  }
  function plugIn(anew?: 'anew'): void {
    if (anew) {
      const next = makeDrive()
      run('cp', '-a', `${drive}/.`, next)
      drive = next
    }
    run('mount', '--bind', drive, point)
    mounted++
  }
  function takeAway(): void {
    for (; mounted > 0; mounted--) run('umount', '-l', point)
  }
  return {
    point,
    plugIn,
    takeAway,
    plugInAnother() {
      run('mount', ...TMPFS, point)
      mounted++
    },
    remove() {
      takeAway()
      for (let each = 0; each < count; each++) run('umount', '-l', join(root, `drive-${each}`))
      rmSync(root, { recursive: true })
    },
  }
}

/** Whether this process may mount: as root on Linux, outside of most containers. */
export const mayMount = mounts()
if (!mayMount)
  console.warn('SKIPPED: nothing may be mounted here, so that no drive can come and go.')

function mounts(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const place = mkdtempSync(join(tmpdir(), 'albumen-drive-'))
  try {
    run('mount', ...TMPFS, place)
    run('umount', place)
    return true
  } catch {
    return false
  } finally {
    rmSync(place, { recursive: true })
  }
}
