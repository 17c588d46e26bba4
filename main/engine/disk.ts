import { closeSync, fsyncSync, openSync } from 'node:fs'
import { link, open, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Bytes that the file system of a folder has left for us; `null` where it does not say. */
export async function freeBytes(folder: string): Promise<number | null> {
  const { bavail, bsize, blocks } = await statfs(folder)
  // Some network and FUSE file systems do not say.
  return blocks === 0 ? null : bavail * bsize
}

export const megabytes = (bytes: number): string =>
  `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`

/** Makes the names in a folder survive a power cut, where the platform can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  // Windows cannot, and needs not: NTFS journals names.
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** Makes the bytes of a file survive a power cut, where nothing can be waited for. */
export function syncFileNow(file: string): void {
  const descriptor = openSync(file, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** As `syncFolder`, where nothing can be waited for. */
export function syncFolderNow(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // As there.
  }
}

/** Writes a file all at once: whatever happens, it is as it was before or as it will be. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.partial`
  try {
    await writeFile(unfinished, text, { flush: true })
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  await syncFolder(dirname(file))
}

/** Gives a file another name, never that of another. `false`: there is something of that name. */
export async function moveInto(from: string, to: string): Promise<boolean> {
  try {
    // Unlike a rename, a link never replaces what is there.
    await link(from, to)
  } catch (error) {
    if (isTaken(error)) return false
    return reserveAndMove(from, to)
  }
  await rm(from)
  return true
}

/** For exFAT and others without links: replaces an empty file that is certainly ours. */
async function reserveAndMove(from: string, to: string): Promise<boolean> {
  try {
    await (await open(to, 'wx')).close()
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  }
  try {
    await rename(from, to)
  } catch (error) {
    await rm(to, { force: true })
    throw error
  }
  return true
}

export function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST'
}
