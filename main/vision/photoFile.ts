/** A file on disk as a photo: read once, recognised, opened, decoded; or the reason why not. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { CaptureMetadata } from '../../contract/domain.ts'
import { messageOf } from '../../contract/errors.ts'
import { openable } from '../rpc/pathText.ts'
import type { HashOutcome, LookOutcome, ReadStamp, UnreadableCode } from '../rpc/visionCommands.ts'
import { decodePhoto, type Pixels, renderPhoto, type SquareRule } from './decode.ts'
import { type PhotoFormat, type Recognised, recogniseFormat } from './formats.ts'
import type { Size } from './geometry.ts'
import { imageDataHash } from './imageDataHash.ts'
import { readMetadata } from './metadata.ts'
import type { ExifTool } from './raw/exifTool.ts'
import { openRaw } from './raw/openRaw.ts'
import type { DecodableFormat } from './source.ts'
import { UnreadableError } from './unreadable.ts'
import { whyDamaged } from './whyDamaged.ts'

/** All but when the file was read. */
export type Seen = Omit<Extract<LookOutcome, { state: 'seen' }>, 'read'>
export type Unseen = Exclude<LookOutcome, { state: 'seen' }>

interface DecodeFileOptions {
  /** Told before the rest is known, and also where the file turns out to be unreadable after that. */
  onSquare?: (square: Pixels) => void
  /** Rejects with its reason when it was aborted before the file was read. */
  signal?: AbortSignal
}

export interface FileDecoder {
  /** `model`: what the square is cut for; without one there is none. */
  decodeFile(
    path: string,
    model: { model: SquareRule } | null,
    options?: DecodeFileOptions,
  ): Promise<Unseen | { state: 'decoded'; seen: Seen; square: Pixels | null }>
  /** Rejects with the signal's reason when that was aborted before the file was read. */
  hashFile(path: string, signal?: AbortSignal): Promise<HashOutcome>
  /** JPEG within a square of `maximumSide`; `null` for what cannot be shown. */
  renderFile(path: string, maximumSide: number): Promise<Uint8Array | null>
}

export function createFileDecoder(exifTool: ExifTool): FileDecoder {
  /** The picture in a file: the file itself, or what a raw file has inside. */
  async function openPicture(path: string, bytes: Buffer, format: PhotoFormat): Promise<Picture> {
    if (format !== 'raw') return { bytes, format, size: null, metadata: readMetadata(bytes) }
    const { preview, metadata, width, height } = await openRaw(exifTool, path, bytes)
    return { bytes: preview, format: 'jpeg', size: { width, height }, metadata }
  }

  return {
    async decodeFile(path, model, { onSquare, signal } = {}) {
      const bytes = await readPhoto(path, signal)
      if (!Buffer.isBuffer(bytes)) return bytes
      const recognised = recogniseFormat(bytes)
      if (recognised.kind !== 'photo') return whyNotAPhoto(recognised)
      const { format } = recognised
      try {
        const picture = await openPicture(path, bytes, format)
        const rule = model?.model ?? null
        const options = onSquare ? { onSquare } : {}
        const decoded = await decodePhoto(picture.bytes, picture.format, rule, options)
        const { width, height } = picture.size ?? decoded
        const seen: Seen = {
          state: 'seen',
          contentHash: sha256(bytes),
          imageHash: imageDataHash(bytes, format),
          format,
          width,
          height,
          orientation: decoded.orientation,
          metadata: picture.metadata,
          thumbnail: decoded.thumbnail,
          predictions: null,
          features: null,
        }
        return { state: 'decoded', seen, square: decoded.square }
      } catch (error) {
        return whyUndecodable(error, format)
      }
    },

    async hashFile(path, signal) {
      const bytes = await readPhoto(path, signal)
      return Buffer.isBuffer(bytes) ? { state: 'hashed', contentHash: sha256(bytes) } : bytes
    },

    async renderFile(path, maximumSide) {
      try {
        const bytes = await readPhoto(path)
        if (!Buffer.isBuffer(bytes)) return null
        const recognised = recogniseFormat(bytes)
        if (recognised.kind !== 'photo') return null
        const picture = await openPicture(path, bytes, recognised.format)
        return await renderPhoto(picture.bytes, picture.format, maximumSide)
      } catch {
        return null
      }
    },
  }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()

interface Picture {
  bytes: Buffer
  format: DecodableFormat
  /** Of the photo, where that is not the picture's. */
  size: Size | null
  metadata: CaptureMetadata
}

/** Of the file, in bytes; or why it cannot be opened. */
export async function stampOf(path: string): Promise<ReadStamp | Unseen> {
  try {
    const stats = await stat(openable(path))
    const { size, mtimeMs: modifiedMs } = stats
    return stats.isFile() ? { size, modifiedMs } : { state: 'missing' }
  } catch (error) {
    return whyUnopenable(error)
  }
}

/** Another one for bytes that were written later; empty for a file that is not there. */
export async function versionOf(path: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(openable(path))
    return `${size} ${mtimeMs}`
  } catch {
    return ''
  }
}

async function readPhoto(path: string, signal?: AbortSignal): Promise<Buffer | Unseen> {
  try {
    // Not blocking: a pipe that took the file's place would wait for a writer for ever.
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
    const file = await open(openable(path), flags)
    try {
      if (!(await file.stat()).isFile()) return { state: 'missing' }
      // A signal that is undefined is taken for a wrong one.
      return await file.readFile(signal ? { signal } : {})
    } finally {
      await file.close()
    }
  } catch (error) {
    signal?.throwIfAborted()
    return whyUnopenable(error)
  }
}

export const unreadable = (code: UnreadableCode, reason: string) =>
  ({ state: 'unreadable', code, reason }) as const

function whyUnopenable(error: unknown): Unseen {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EACCES' || code === 'EPERM') {
    return unreadable('no-permission', 'Albumen may not read the file: check its permissions.')
  }
  if (code === 'EIO') return unreadable('damaged', 'The disk reports an error reading the file.')
  return { state: 'missing' }
}

const whyNotAPhoto = (recognised: Exclude<Recognised, { kind: 'photo' }>): Unseen =>
  recognised.kind === 'unknown'
    ? unreadable('not-a-photo', 'The file does not hold a picture of a format Albumen knows.')
    : unreadable('unsupported-format', `${recognised.name} files are not supported.`)

function whyUndecodable(error: unknown, format: PhotoFormat): Unseen {
  if (error instanceof UnreadableError) return unreadable(error.code, error.message)
  const message = messageOf(error)
  if (/timeout/i.test(message)) {
    return unreadable('too-slow', 'Decoding took too long and was stopped.')
  }
  return unreadable('damaged', `The picture cannot be decoded: ${whyDamaged(message, format)}.`)
}
