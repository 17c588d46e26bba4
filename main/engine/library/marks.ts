import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { openable } from '../../rpc/pathText.ts'

/** Device and inode; `null` for what is no folder or cannot be reached. */
export function markOf(path: string): string | null {
  try {
    const stats = statSync(openable(path), { bigint: true })
    return stats.isDirectory() ? `${stats.dev}:${stats.ino}` : null
  } catch {
    return null
  }
}

/** Whether another device begins at a folder. */
export function isMountPoint(path: string): boolean {
  const [device, above] = [path, dirname(path)].map(markOf).map((mark) => mark?.split(':')[0])
  return device !== undefined && above !== undefined && device !== above
}
