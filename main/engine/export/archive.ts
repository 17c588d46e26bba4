import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import type { ExportReport } from '../../../contract/domain.ts'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { manifestFiles } from './copies.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { publishSingle } from './manifest.ts'
import { type Digest, digestFile, readOriginal, requireSame } from './originals.ts'
import { requireRoom, type Target } from './target.ts'
import { planTree } from './tree.ts'
import type { ExportRequest } from './types.ts'
import { createProgress } from './work.ts'
import { createZipWriter, type ZipEntry } from './zipWriter.ts'

/** For both headers of an entry and its line in the manifest. */
const EXTRA_BYTES_A_FILE = 1024

/** The tree of `exportCopies` in one archive. Photos are stored: their formats compress already. */
export async function exportArchive(request: ExportRequest, target: Target): Promise<ExportReport> {
  const { signal } = request
  const ledger = openLedger()
  try {
    await planTree(request, ledger, null)
    const planned = ledger.totals()
    await requireRoom(target.folder, planned.bytes + planned.files * EXTRA_BYTES_A_FILE)
    const draft = join(target.workshop, 'export.zip')
    await writeArchive(request, draft, ledger)
    await verifyArchive(request, draft, ledger)
    const archive = await digestFile(draft, signal)
    const { photos } = ledger.totals()
    const skipped = ledger.skipped()
    const published = await publishSingle(draft, target, (name) => ({
      head: {
        kind: request.as,
        createdAt: request.clock(),
        photos,
        bytes: archive.bytes,
        archive: { path: name, ...archive },
        skipped,
      },
      files: manifestFiles(ledger),
    }))
    return { ...published, photos, bytes: archive.bytes, skipped }
  } finally {
    ledger.close()
  }
}

async function writeArchive(request: ExportRequest, path: string, ledger: Ledger): Promise<void> {
  const { signal } = request
  const tell = createProgress(request)
  const total = ledger.totals().photos
  let done = 0
  tell({ phase: 'writing', done, total })
  const handle = await open(path, 'wx')
  try {
    const writer = createZipWriter(handle)
    for (const photo of ledger.photos()) {
      const paths = photo.targets.map(({ folder, name }) => `${folder}/${name}`)
      const addition = writer.add(paths, photo.size)
      const outcome = await readOriginal(photo, addition.write, signal)
      if (outcome.read) {
        const entries = await addition.commit(outcome.modifiedAt)
        for (const [index, file] of photo.targets.entries()) {
          const entry = entries[index]
          if (entry) ledger.place(file, entry)
        }
      } else {
        ledger.skip(photo, outcome.skipped)
      }
      tell({ phase: 'writing', done: ++done, total })
    }
    await writer.finish(archiveEntries(ledger))
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function* archiveEntries(ledger: Ledger): Generator<ZipEntry> {
  for (const { folder, name, ...file } of ledger.files())
    yield { ...file, path: `${folder}/${name}` }
}

/** Reads every entry back with a reader that shares no code with the writer. */
async function verifyArchive(request: ExportRequest, path: string, ledger: Ledger): Promise<void> {
  const { signal } = request
  const tell = createProgress(request)
  const total = ledger.totals().files
  let done = 0
  tell({ phase: 'verifying', done, total })
  const archive = await openPromise(path, { lazyEntries: true, autoClose: false }).catch(damaged)
  try {
    for await (const entry of archive.eachEntry()) {
      const { digest, checksum } = await digestEntry(archive, entry, signal)
      const slash = entry.fileName.indexOf('/')
      const folder = entry.fileName.slice(0, slash)
      const expected = ledger.fileAt(folder, entry.fileName.slice(slash + 1))
      if (!expected || checksum !== entry.crc32) damaged(`${entry.fileName} is not as written`)
      else requireSame(entry.fileName, digest, expected)
      tell({ phase: 'verifying', done: ++done, total })
    }
    if (done !== total) damaged(`${done} of ${total} files are in it`)
  } catch (error) {
    if (signal.aborted || error instanceof UserError) throw error
    damaged(error)
  } finally {
    archive.close()
  }
}

async function digestEntry(
  archive: ZipFile,
  entry: Entry,
  signal: AbortSignal,
): Promise<{ digest: Digest; checksum: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  let checksum = 0
  for await (const chunk of await archive.openReadStreamPromise(entry)) {
    signal.throwIfAborted()
    hash.update(chunk)
    bytes += chunk.length
    checksum = crc32(chunk, checksum)
  }
  return { digest: { sha256: hash.digest('hex'), bytes }, checksum }
}

function damaged(cause: unknown): never {
  throw new UserError(
    'export-damaged',
    `The archive did not read back as it was written (${messageOf(cause)}): the drive may be failing, export to another one.`,
    { cause },
  )
}
