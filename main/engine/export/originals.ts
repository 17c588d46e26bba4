import { createHash } from 'node:crypto'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { openable } from '../../rpc/pathText.ts'

const CHUNK_BYTES = 256 * 1024

interface Original {
  path: string
  /** 64 hex digits. */
  sha256: string
  size: number
}

export type ReadOutcome =
  | { read: true /** Milliseconds. */; modifiedAt: number }
  /** `skipped`: why, in a sentence. */
  | { read: false; skipped: string }

/**
 * Reads an original once, for reading only, links followed, and compares it with what the library
 * knows. `onChunk` may keep a chunk until its promise is fulfilled.
 * Throws what `onChunk` throws, and the signal's reason.
 */
export async function readOriginal(
  original: Original,
  onChunk: (chunk: Buffer) => Promise<void>,
  signal: AbortSignal,
): Promise<ReadOutcome> {
  const opened = await attempt(() => openOriginal(original))
  if ('failed' in opened) return skip(whyUnreadable(opened.failed))
  const handle = opened.value
  if (handle === null) return skip(CHANGED)
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, original.size + 1))
    const hash = createHash('sha256')
    for (let bytes = 0; ; ) {
      signal.throwIfAborted()
      const got = await attempt(() => handle.read(buffer, 0, buffer.length, null))
      if ('failed' in got) return skip(whyUnreadable(got.failed))
      const { bytesRead } = got.value
      if (bytesRead === 0) break
      bytes += bytesRead
      // More than planned would run into the next file of an archive.
      if (bytes > original.size) return skip(CHANGED)
      const chunk = buffer.subarray(0, bytesRead)
      hash.update(chunk)
      await onChunk(chunk)
    }
    if (hash.digest('hex') !== original.sha256) return skip(CHANGED)
    const status = await attempt(() => handle.stat())
    if ('failed' in status) return skip(whyUnreadable(status.failed))
    return { read: true, modifiedAt: status.value.mtimeMs }
  } finally {
    await handle.close()
  }
}

/** `null`: it has another size than the library knows. */
async function openOriginal({ path, size }: Original): Promise<FileHandle | null> {
  const status = await stat(openable(path))
  // Opening a pipe would wait for a writer for ever.
  if (!status.isFile()) throw new Error('it is no longer a file')
  return status.size === size ? open(openable(path), 'r') : null
}

const CHANGED = 'It has changed since it was last looked at: rescan its folder, then export again.'
const skip = (skipped: string): ReadOutcome => ({ read: false, skipped })

function whyUnreadable(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'It is missing: bring the file or its drive back, then export again.'
    case 'EACCES':
    case 'EPERM':
      return 'It may not be read: allow reading it, then export again.'
    default:
      return `It cannot be read (${messageOf(error)}): check its drive, then export again.`
  }
}

/** Errors as values, so that those of reading are told apart from those of writing. */
async function attempt<Value>(
  action: () => Promise<Value>,
): Promise<{ value: Value } | { failed: unknown }> {
  try {
    return { value: await action() }
  } catch (failed) {
    return { failed }
  }
}

export interface Digest {
  /** 64 hex digits. */
  sha256: string
  bytes: number
}

/** What lies on disk under `path` now. */
export async function digestFile(path: string, signal: AbortSignal): Promise<Digest> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size + 1))
    const hash = createHash('sha256')
    for (let bytes = 0; ; ) {
      signal.throwIfAborted()
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) return { sha256: hash.digest('hex'), bytes }
      bytes += bytesRead
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

/** Throws UserError unless the file just written reads back as it should. */
export function requireSame(name: string, found: Digest, expected: Digest): void {
  if (found.sha256 === expected.sha256 && found.bytes === expected.bytes) return
  throw new UserError(
    'export-damaged',
    `${name} did not read back as it was written: the drive may be failing, export to another one.`,
  )
}
