import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export const sha256OfFile = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex')

export interface DiskFile {
  size: number
  modifiedMs: number
  sha256: string
}

/** Every file below `root`, hidden ones too, by its path from there with `/` between names. */
export function diskTree(root: string): Record<string, DiskFile> {
  const tree: Record<string, DiskFile> = {}
  for (const path of filesBelow(root)) {
    const { size, mtimeMs } = statSync(join(root, path))
    tree[path] = { size, modifiedMs: mtimeMs, sha256: sha256OfFile(join(root, path)) }
  }
  return tree
}

/** Sorted; paths from `root` with `/` between names. */
export const filesBelow = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
