import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Bytes. The last file of this size is kept beside the current one. */
const maxSize = 1024 * 1024

/** Writes lines to a file, because a desktop app has no terminal, and to standard error. */
export function openLog(path: string): (line: string) => void {
  return (line) => {
    console.error(line)
    try {
      mkdirSync(dirname(path), { recursive: true })
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > maxSize) {
        renameSync(path, `${path}.old`)
      }
      appendFileSync(path, `${new Date().toISOString()} ${line}\n`)
    } catch {
      // A full disk must not take the app down over a log line.
    }
  }
}
