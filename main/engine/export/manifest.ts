import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportKind, ExportReport } from '../../../contract/domain.ts'
import { syncFolder } from '../disk.ts'
import { publishApart, type Target } from './target.ts'

export interface ManifestFile {
  /** Relative to the manifest's folder, or inside the archive, with '/' between names. */
  path: string
  bytes: number
  sha256: string
  /** Path of the original and id of its photo; `null` for a table, which is of all photos. */
  source: string | null
  photo: number | null
}

export interface ManifestHead {
  kind: ExportKind
  /** Milliseconds since 1970. */
  createdAt: number
  photos: number
  bytes: number
  /** The one file that holds all `files`, when they lie in an archive. */
  archive: { path: string; bytes: number; sha256: string } | null
  skipped: ExportReport['skipped']
}

/**
 * Writes the manifest whole and only then gives it its name, so that one that exists says: this
 * export is finished and was read back. It holds paths of this machine, which is why an archive,
 * made to be passed on, has it beside and not inside. Returns its path.
 */
export async function publishManifest(
  { folder, workshop }: Target,
  name: string,
  head: ManifestHead,
  files: Iterable<ManifestFile>,
): Promise<string> {
  const draft = join(workshop, '.manifest.json')
  const handle = await open(draft, 'wx')
  try {
    await writeLines(handle, manifestLines(head, files))
    await handle.sync()
  } finally {
    await handle.close()
  }
  const published = await publishApart(draft, folder, name)
  await syncFolder(folder)
  return join(folder, published)
}

/**
 * For exports that are one file: names the draft, then its manifest. `describe` gets the name that
 * the file has in the end.
 */
export async function publishSingle(
  draft: string,
  target: Target,
  describe: (name: string) => { head: ManifestHead; files: Iterable<ManifestFile> },
): Promise<{ path: string; manifest: string }> {
  const name = await publishApart(draft, target.folder, target.fileName)
  const path = join(target.folder, name)
  try {
    await syncFolder(target.folder)
    const { head, files } = describe(name)
    const manifest = await publishManifest(target, `${name}.manifest.json`, head, files)
    return { path, manifest }
  } catch (error) {
    await rm(path, { force: true }).catch(() => {})
    throw error
  }
}

/** One file a line: a manifest of a million files can still be read line by line. */
function* manifestLines(head: ManifestHead, files: Iterable<ManifestFile>): Generator<string> {
  const { createdAt, skipped, ...rest } = head
  const opening = { version: 1, createdAt: new Date(createdAt).toISOString(), ...rest }
  yield `${JSON.stringify(opening, null, 1).slice(0, -2)},\n "files": [`
  yield* listLines(files)
  yield '],\n "skipped": ['
  yield* listLines(skipped)
  yield ']\n}\n'
}

function* listLines(items: Iterable<unknown>): Generator<string> {
  let separator = '\n  '
  for (const item of items) {
    yield separator + JSON.stringify(item)
    separator = ',\n  '
  }
}

const BLOCK_CHARACTERS = 64 * 1024

/** Writes texts in blocks, at the end of the file. */
export async function writeLines(
  handle: FileHandle,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  let block = ''
  for await (const line of lines) {
    block += line
    if (block.length < BLOCK_CHARACTERS) continue
    await handle.writeFile(block)
    block = ''
  }
  await handle.writeFile(block)
}
