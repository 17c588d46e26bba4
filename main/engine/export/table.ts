import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ExportReport } from '../../../contract/domain.ts'
import { publishSingle, writeLines } from './manifest.ts'
import { type Digest, digestFile, requireSame } from './originals.ts'
import type { TableFormat } from './tableFormats.ts'
import { requireRoom, type Target } from './target.ts'
import type { ExportRequest } from './types.ts'
import { createProgress } from './work.ts'

/** No line is shorter: a digest, numbers, a path and its tags. */
const LEAST_BYTES_A_LINE = 100
const PHOTOS_A_TURN = 256

/** One line a photo. Originals are not looked at, so photos on a drive that is away are included. */
export async function exportTable(
  request: ExportRequest,
  target: Target,
  format: TableFormat,
): Promise<ExportReport> {
  await requireRoom(target.folder, request.total * LEAST_BYTES_A_LINE)
  const draft = join(target.workshop, 'export')
  const tell = createProgress(request)
  const { photos, digest } = await writeTable(request, tell, draft, format)
  tell({ phase: 'verifying', done: 0, total: photos })
  const found = await digestFile(draft, request.signal)
  requireSame(target.fileName, found, digest)
  tell({ phase: 'verifying', done: photos, total: photos })
  const { bytes, sha256 } = found
  const published = await publishSingle(draft, target, (path) => ({
    head: {
      kind: request.as,
      createdAt: request.clock(),
      photos,
      bytes,
      archive: null,
      skipped: [],
    },
    files: [{ path, bytes, sha256, source: null, photo: null }],
  }))
  return { ...published, photos, bytes, skipped: [] }
}

async function writeTable(
  request: ExportRequest,
  tell: ExportRequest['onProgress'],
  path: string,
  format: TableFormat,
): Promise<{ photos: number; digest: Digest }> {
  const hash = createHash('sha256')
  let photos = 0
  let bytes = 0
  const count = (line: string) => {
    hash.update(line)
    bytes += Buffer.byteLength(line)
    return line
  }
  async function* lines(): AsyncGenerator<string> {
    yield count(format.head)
    for await (const photo of request.photos) {
      request.signal.throwIfAborted()
      yield count(format.line(photo))
      tell({ phase: 'writing', done: ++photos, total: request.total })
      if (photos % PHOTOS_A_TURN === 0) await setImmediate()
    }
  }
  const handle = await open(path, 'wx')
  try {
    tell({ phase: 'writing', done: 0, total: request.total })
    await writeLines(handle, lines())
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { photos, digest: { sha256: hash.digest('hex'), bytes } }
}
