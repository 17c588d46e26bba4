import { existsSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The file that a child process starts with: `.ts` where we run from source, `.js` where we were
 * built. It is looked for upwards from this file, because a bundle may have put that anywhere
 * below `main`.
 */
export function processEntry(child: 'engine' | 'vision'): string {
  const here = fileURLToPath(import.meta.url)
  const entry = join(child, `process${extname(here)}`)
  for (let directory = dirname(here); ; directory = dirname(directory)) {
    const path = join(directory, entry)
    if (existsSync(path)) return path
    if (directory === dirname(directory)) throw new Error(`There is no ${entry} above ${here}.`)
  }
}
