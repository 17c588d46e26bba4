/** Where the backups of a library are. Known without opening it: it may be damaged, or an older one. */
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { access, constants, mkdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { writeWhole } from '../disk.ts'
import { storageFailure } from '../storageFailure.ts'

const stored = z.object({
  /** Tells the backups of this library from those of others in the same folder. */
  library: z.string().regex(/^[0-9a-f-]{36}$/),
  /** What a person chose; `null`: the usual folder. */
  folder: z.string().nullable(),
})

export interface BackupPlace {
  /** Id of the library; `null` before its first backup. */
  library: string | null
  folder: string
  isUsual: boolean
}

const file = (directory: string) => join(directory, 'backups.json')

export const usualFolder = (directory: string): string => join(directory, 'backups')

export function backupPlace(directory: string): BackupPlace {
  const { library, folder } = read(directory) ?? { library: null, folder: null }
  return { library, folder: folder ?? usualFolder(directory), isUsual: folder === null }
}

function read(directory: string): z.infer<typeof stored> | null {
  try {
    return stored.parse(JSON.parse(readFileSync(file(directory), 'utf8')))
  } catch {
    // Without it backups are made in the usual folder, under a new id.
    return null
  }
}

async function store(directory: string, place: z.infer<typeof stored>): Promise<void> {
  await writeWhole(file(directory), `${JSON.stringify(place, null, 2)}\n`)
}

/** The id of a library, given to it now where it has none. */
export async function libraryId(directory: string): Promise<string> {
  const known = read(directory)
  if (known) return known.library
  const library = randomUUID()
  try {
    await store(directory, { library, folder: null })
  } catch (error) {
    // Where nothing may be written it has one for this backup alone.
    if (storageFailure(error) !== 'not-writable') throw error
  }
  return library
}

/**
 * Left in a folder that was chosen: without it the drive that it lies on is not connected, although
 * the folder that it is mounted at may be there.
 */
const markOf = (folder: string, library: string) =>
  join(folder, `albumen-backups-${library.slice(0, 8)}.txt`)

/** Makes backups in another folder from now on; `null`: in the usual one. Throws UserError. */
export async function chooseFolder(directory: string, wanted: string | null): Promise<void> {
  const library = await libraryId(directory)
  const folder = wanted === null ? null : resolve(wanted)
  if (folder === null || folder === resolve(usualFolder(directory))) {
    await store(directory, { library, folder: null })
    return
  }
  await requireWritable(folder)
  const text = `Albumen keeps backups of the library in ${directory} in this folder. By this file it knows that the right drive is connected.\n`
  await writeWhole(markOf(folder, library), text)
  await store(directory, { library, folder })
}

/** Throws UserError for what is no folder that may be written. */
export async function requireWritable(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null)
  if (!found?.isDirectory()) {
    throw new UserError(
      'no-such-folder',
      `There is no folder ${folder}: make it, check the spelling, or connect its drive.`,
    )
  }
  try {
    await access(folder, constants.W_OK)
  } catch (error) {
    throw new UserError(
      'backup-folder-not-writable',
      `Nothing may be written to ${folder}: allow it, or choose another folder.`,
      { cause: error },
    )
  }
}

/** The folder that backups go to, made where it is the usual one. Throws UserError where it is offline. */
export async function reachFolder(directory: string): Promise<string> {
  const { library, folder, isUsual } = backupPlace(directory)
  if (isUsual && !existsSync(folder)) {
    await requireWritable(directory)
    await mkdir(folder)
  }
  if (!isUsual && (library === null || !existsSync(markOf(folder, library)))) throw offline(folder)
  return folder
}

const offline = (folder: string): UserError =>
  new UserError(
    'backup-folder-offline',
    `The folder for backups, ${folder}, cannot be reached: connect its drive, or choose another folder in Settings.`,
  )
