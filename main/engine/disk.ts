import { open, statfs } from 'node:fs/promises'

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
