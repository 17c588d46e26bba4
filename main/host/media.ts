/** Thumbnails and pictures for a window. It names photos by id; paths stay on this side. */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Client } from '../../contract/protocol.ts'
import type { Picture } from '../engine/hostCommands.ts'
import { openable } from '../rpc/pathText.ts'
import { parseRange } from './range.ts'
import { respond } from './responses.ts'
import { notFound } from './staticFiles.ts'

/**
 * JPEG bytes of a thumbnail. `versioned`: the address changes with the thumbnail, so that it may
 * be kept for good.
 */
export async function thumbnailResponse(
  engine: Client,
  id: number,
  versioned: boolean,
  signal: AbortSignal,
): Promise<Response> {
  const bytes = (await engine.call('thumbnail', { id }, { signal })) as Uint8Array | null
  if (bytes === null) return notFound()
  const cache = versioned ? 'private, max-age=31536000, immutable' : 'no-cache'
  return bytesResponse(bytes, 'image/jpeg', cache)
}

/** The photo in full: its file as it lies on disk, with ranges, or a picture made for showing. */
export async function pictureResponse(
  engine: Client,
  id: number,
  headers: Headers,
  signal: AbortSignal,
): Promise<Response> {
  const picture = (await engine.call('picture', { id }, { signal })) as Picture | null
  if (picture === null) return notFound()
  if (picture.kind === 'bytes') return bytesResponse(picture.bytes, picture.mime, 'no-cache')
  try {
    return await fileResponse(picture, headers)
  } catch (error) {
    // The file may have gone since the engine looked.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return notFound()
  }
}

function bytesResponse(bytes: Uint8Array, mime: string, cache: string): Response {
  const headers = {
    'content-type': mime,
    'content-length': String(bytes.byteLength),
    'cache-control': cache,
  }
  return respond(200, headers, new Uint8Array(bytes))
}

async function fileResponse(
  { path, mime }: Extract<Picture, { kind: 'file' }>,
  request: Headers,
): Promise<Response> {
  // Not blocking: a named pipe with a photo's name must not hang the face.
  const file = await open(openable(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  let streaming = false
  try {
    const stats = await file.stat()
    if (!stats.isFile()) return notFound()
    const etag = `"${stats.size.toString(36)}-${Math.round(stats.mtimeMs).toString(36)}"`
    const headers: Record<string, string> = {
      'content-type': mime,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      etag,
    }
    if (request.get('if-none-match') === etag) return respond(304, headers, null)
    const unchanged = (request.get('if-range') ?? etag) === etag
    const range = parseRange(unchanged ? request.get('range') : null, stats.size)
    if (range.kind === 'unsatisfiable') {
      return respond(416, { ...headers, 'content-range': `bytes */${stats.size}` }, null)
    }
    const { start, end } = range.kind === 'part' ? range : { start: 0, end: stats.size - 1 }
    headers['content-length'] = String(end - start + 1)
    if (range.kind === 'part') headers['content-range'] = `bytes ${start}-${end}/${stats.size}`
    if (stats.size === 0) return respond(200, headers, null)
    streaming = true
    return respond(range.kind === 'part' ? 206 : 200, headers, fileStream(file, start, end))
  } finally {
    if (!streaming) await file.close()
  }
}

/** Closes the file when it was read to the end, failed or nobody wants the rest. */
const fileStream = (file: FileHandle, start: number, end: number) =>
  Readable.toWeb(
    file.createReadStream({ start, end, highWaterMark: 256 * 1024 }),
  ) as ReadableStream<Uint8Array<ArrayBuffer>>
