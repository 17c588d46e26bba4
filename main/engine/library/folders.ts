import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, parse, relative, resolve, sep } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { Directory, FolderId, PhotoId } from '../../../contract/domain.ts'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { openable, textOfPath } from '../../rpc/pathText.ts'
import { photoAt } from '../db/files.ts'
import { deleteFolder, type FolderRow, folderRows, insertFolder } from '../db/folders.ts'
import { isSkippedDirectory } from './candidates.ts'

/**
 * Adds a root, or finds the one that already covers the path. Links in the path are resolved.
 * Throws UserError for what is no readable folder.
 */
export function addFolder(db: Database, path: string, now: number): FolderRow {
  const real = realFolder(path)
  const covering = folderRows(db).find((folder) => isInside(folder.path, real))
  if (covering) return covering
  return { id: insertFolder(db, real, now), path: real, state: 'online' }
}

/** Forgets a root. Returns the one around it, which what lies there belongs to from now on. */
export function removeFolder(db: Database, id: FolderId): FolderId | null {
  const roots = folderRows(db)
  const path = roots.find((root) => root.id === id)?.path
  deleteFolder(db, id)
  const around = path && roots.find((root) => root.id !== id && isInside(root.path, path))
  return around ? around.id : null
}

function realFolder(path: string): string {
  let real: string
  try {
    real = realPath(resolve(path))
  } catch {
    throw new UserError(
      'no-such-folder',
      `There is no folder ${path}: check the spelling, or connect its drive.`,
    )
  }
  if (!statSync(openable(real)).isDirectory()) {
    throw new UserError('not-a-folder', `${path} is a file: choose the folder that holds it.`)
  }
  try {
    accessSync(openable(real), constants.R_OK | constants.X_OK)
  } catch {
    throw new UserError(
      'no-permission',
      `Albumen may not read ${path}: change its permissions, or choose another folder.`,
    )
  }
  return real
}

/** Without links in it. */
const realPath = (path: string) =>
  textOfPath(realpathSync.native(openable(path), { encoding: 'buffer' }))

/** Absolute, and without links as far as they can be followed: what is gone may still be known. */
export function withoutLinks(path: string): string {
  const absolute = resolve(path)
  try {
    return realPath(absolute)
  } catch {
    return absolute
  }
}

/** Whether `path` is `root` or lies in it. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && parse(way).root === '')
}

/** The photo that lies at `path`; `null` when the library does not know it. */
export function photoAtPath(db: Database, path: string): PhotoId | null {
  const absolute = resolve(path)
  const real = join(withoutLinks(dirname(absolute)), parse(absolute).base)
  for (const folder of folderRows(db)) {
    if (!isInside(folder.path, real)) continue
    const way = relative(folder.path, real).split(sep)
    const name = way.pop() ?? ''
    const id = photoAt(db, folder.id, way.join('/'), name)
    if (id !== null) return id
  }
  return null
}

/** The folders inside one, by name, for choosing one. `null`: the home folder. */
export async function browseDirectory(path: string | null): Promise<Directory> {
  const absolute = resolve(path ?? homedir())
  try {
    const entries = await readdir(openable(absolute), { withFileTypes: true, encoding: 'buffer' })
    const children = entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => textOfPath(entry.name))
      .filter((name) => !isSkippedDirectory(name))
      .map((name) => ({ name, path: join(absolute, name) }))
      .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    const parent = dirname(absolute)
    return { path: absolute, parent: parent === absolute ? null : parent, children }
  } catch (error) {
    throw new UserError(
      'no-such-folder',
      `${absolute} cannot be opened (${messageOf(error)}): choose another folder.`,
    )
  }
}
