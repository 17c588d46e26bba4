import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Ledger } from './ledger.ts'
import { nameKey, numberedFolder, safeFileName, safeFolderName } from './names.ts'
import type { ExportRequest } from './types.ts'

const UNTAGGED = 'untagged'
const PHOTOS_A_TURN = 256

/** Folders of the export, by their names in it. */
export interface Tree {
  /** Whether the folder was there before. */
  existed(folder: string): boolean
}

/**
 * Plans a folder for each tag, with a file for each photo that has it. `root`: the folder where they
 * will lie, whose contents keep their names; `null` for an empty place.
 */
export async function planTree(
  { photos, signal }: Pick<ExportRequest, 'photos' | 'signal'>,
  ledger: Ledger,
  root: string | null,
): Promise<Tree> {
  const folders = await openFolders(root, ledger)
  let seen = 0
  for await (const photo of photos) {
    signal.throwIfAborted()
    if (++seen % PHOTOS_A_TURN === 0) await setImmediate()
    if (photo.sha256 === null) {
      ledger.leaveOut(photo, 'It was not read yet: let indexing finish, then export again.')
      continue
    }
    const names = new Set<string>()
    const tags = photo.folderTags.length > 0 ? photo.folderTags : [UNTAGGED]
    for (const tag of tags) names.add(folders.known(tag) ?? (await folders.choose(tag)))
    ledger.plan(photo, names, safeFileName(photo.name))
  }
  return folders
}

async function openFolders(root: string | null, ledger: Ledger) {
  const entries = root === null ? [] : await readdir(root, { withFileTypes: true })
  const chosen = new Map<string, string>()
  const existing = new Set<string>()

  /** A folder there already is used; a file or a link of that name is left alone. */
  async function choose(tag: string): Promise<string> {
    const wanted = safeFolderName(tag)
    for (let count = 1; ; count++) {
      const name = numberedFolder(wanted, count)
      const alike = entries.filter((entry) => nameKey(entry.name) === nameKey(name))
      const folder = alike.find((entry) => entry.isDirectory())
      if (alike.length > 0 && !folder) continue
      if (root !== null && folder) {
        existing.add(folder.name)
        for (const file of await readdir(join(root, folder.name))) ledger.occupy(folder.name, file)
      }
      chosen.set(nameKey(wanted), folder?.name ?? name)
      return folder?.name ?? name
    }
  }

  return {
    known: (tag: string) => chosen.get(nameKey(safeFolderName(tag))),
    choose,
    existed: (folder: string) => existing.has(folder),
  }
}
