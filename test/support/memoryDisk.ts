/** Small disks in memory, for what happens on a full one and on one for reading alone. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'ignore' })

/** Mounts one at a folder that is made. `options`: of tmpfs, such as `size=1m`. Throws where that is forbidden. */
export function mountMemory(folder: string, options: string): void {
  mkdirSync(folder, { recursive: true })
  run('mount', '-t', 'tmpfs', '-o', options, 'albumen-test', folder)
}

/** Lets a file be read and not be written, by whomever. `unmount` ends it. */
export function bindForReading(file: string): void {
  run('mount', '--bind', file, file)
  run('mount', '-o', 'remount,bind,ro', file)
}

export const remount = (folder: string, options: 'ro' | 'rw' | `size=${string}`): void => {
  run('mount', '-o', `remount,${options}`, folder)
}

/** Also where something on it is still open. */
export const unmount = (folder: string): void => {
  run('umount', '-l', folder)
}

/** Takes all the room that is left but `bytes`, in a file of its own, which is returned. */
export function fillDisk(folder: string, bytes = 0): string {
  const { bavail, bsize } = statfsSync(folder)
  const path = join(folder, 'filling')
  try {
    writeFileSync(path, Buffer.alloc(Math.max(0, bavail * bsize - bytes)))
  } catch {
    // Somebody else took some of it meanwhile: it is full all the same.
  }
  return path
}

/** Whether this machine lets us mount one: as root on Linux. */
export const mountsMemory = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'albumen-mount-'))
  try {
    mountMemory(folder, 'size=1m')
    unmount(folder)
    return true
  } catch {
    console.warn('SKIPPED: full and read-only disks, as this machine lets us mount none.')
    return false
  } finally {
    rmdirSync(folder)
  }
})()
