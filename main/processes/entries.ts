import { existsSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The file that a child process starts with. */
export const processEntry = (child: 'engine' | 'vision'): string =>
  entryFile(join(child, 'process'))

/** The file that a thread for backups starts with. */
export const backupThreadEntry = (): string => entryFile(join('engine', 'backup', 'thread'))

/**
 * `.ts` where we run from source, `.js` where we were built. It is looked for upwards from this file,
 * because a bundle may have put that anywhere below `main`.
 */
function entryFile(name: string): string {
  const here = fileURLToPath(import.meta.url)
  const entry = name + extname(here)
  for (let directory = dirname(here); ; directory = dirname(directory)) {
    const path = join(directory, entry)
    if (existsSync(path)) return path
    if (directory === dirname(directory)) throw new Error(`There is no ${entry} above ${here}.`)
  }
}
