/** A file that is not here in full yet, beside the place where it will be. */
import { createHash } from 'node:crypto'
import { type FileHandle, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { z } from 'zod'

/** Where the bytes that are here come from, so that others are not put behind them. */
const source = z.object({ url: z.string(), validator: z.string().nullable() })
type Source = z.infer<typeof source>

export interface PartialFile {
  path: string
  /** Bytes that are here. */
  size(): number
  /** `null` when that is not known. */
  source(): Source | null
  /** The first bytes of what is here, some hundreds at most. */
  beginning(): Promise<Uint8Array>
  /** Throws away what is here, to begin with bytes of `source`. */
  restart(source: Source): Promise<void>
  append(bytes: Uint8Array): Promise<void>
  /** Makes what is here survive a power cut. */
  sync(): Promise<void>
  close(): Promise<void>
}

const BEGINNING = 512

const sourcePath = (path: string): string => `${path}.json`

/** Whoever opens one holds the lock of its model: two writers would mix their bytes. */
export async function openPartial(path: string): Promise<PartialFile> {
  const handle = await open(path, 'a+')
  let { size } = await handle.stat()
  let known = await readSource(path)
  return {
    path,
    size: () => size,
    source: () => known,
    async beginning() {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0)
      return buffer.subarray(0, bytesRead)
    },
    async restart(next) {
      await handle.truncate(0)
      size = 0
      // Not before: bytes of the file before must never be taken for bytes of the next.
      await writeFile(sourcePath(path), JSON.stringify(next))
      known = next
    },
    async append(bytes) {
      await writeAll(handle, bytes)
      size += bytes.byteLength
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, at)
    at += bytesWritten
  }
}

async function readSource(path: string): Promise<Source | null> {
  try {
    return source.parse(JSON.parse(await readFile(sourcePath(path), 'utf8')))
  } catch {
    return null
  }
}

/** What a download that was stopped has left; `null` for none. */
export async function lookAtPartial(
  path: string,
): Promise<{ received: number; source: Source | null } | null> {
  const found = await stat(path).catch(() => null)
  return found && { received: found.size, source: await readSource(path) }
}

export async function removePartial(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(sourcePath(path), { force: true })
}

/** When the bytes have become the file, nothing more needs to be known of where they came from. */
export const forgetSource = (path: string): Promise<void> => rm(sourcePath(path), { force: true })

const PIECE = 4 * 1024 * 1024

/** sha256 of a file in hexadecimal; `onPiece` hears how many bytes were read since. */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  onPiece: (bytes: number) => void,
): Promise<string> {
  await using handle = await open(path)
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(PIECE)
  for (;;) {
    signal.throwIfAborted()
    const { bytesRead } = await handle.read(piece, 0, PIECE)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(piece.subarray(0, bytesRead))
    onPiece(bytesRead)
  }
}
