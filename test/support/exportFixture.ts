import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import type { ExportProgress, PhotoId } from '../../contract/domain.ts'
import { exportPhotos } from '../../main/engine/export/exportPhotos.ts'
import type { ExportPhoto, ExportRequest } from '../../main/engine/export/types.ts'

export const sha256 = (bytes: string | Uint8Array) =>
  createHash('sha256').update(bytes).digest('hex')

export interface Fixture {
  originals: string
  /** A folder that exists and is empty. */
  out: string
  photo(name: string, folderTags: string[], bytes?: string): ExportPhoto
  run(photos: ExportPhoto[], request: Partial<ExportRequest>): ReturnType<typeof exportPhotos>
  remove(): void
}

/** Real files in a folder of their own. */
export function createFixture(): Fixture {
  const root = mkdtempSync(join(tmpdir(), 'albumen-export-test-'))
  const originals = join(root, 'originals')
  const out = join(root, 'out')
  mkdirSync(out)
  let made = 0
  return {
    originals,
    out,
    photo(name, folderTags, bytes = `bytes of ${name}`) {
      const id = ++made
      const path = join(originals, String(id), name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, bytes)
      return {
        id: id as PhotoId,
        path,
        name: basename(path),
        sha256: sha256(bytes),
        size: Buffer.byteLength(bytes),
        takenAt: null,
        width: null,
        height: null,
        camera: null,
        lens: null,
        latitude: null,
        longitude: null,
        tags: [],
        folderTags,
      }
    },
    run: (photos, request) =>
      exportPhotos({
        photos,
        total: photos.length,
        to: out,
        as: 'copies',
        signal: new AbortController().signal,
        onProgress: () => {},
        clock: () => Date.UTC(2026, 0, 2, 3, 4, 5),
        ...request,
      }),
    remove: () => rmSync(root, { recursive: true }),
  }
}

/** Every file below a folder: path, with '/' between names, to sha256. Empty folders end in '/'. */
export function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const shown = relative(folder, path).replaceAll('\\', '/')
    if (entry.isFile()) found[shown] = sha256(readFileSync(path))
    else if (entry.isDirectory() && readdirSync(path).length === 0) found[`${shown}/`] = ''
  }
  return found
}

/** Paths alone, sorted. */
export const names = (folder: string) => Object.keys(contents(folder)).sort()

export interface Manifest {
  version: number
  createdAt: string
  kind: string
  photos: number
  bytes: number
  archive: { path: string; bytes: number; sha256: string } | null
  files: { path: string; bytes: number; sha256: string; source: string | null; photo: number }[]
  skipped: { path: string; reason: string }[]
}

export const readManifest = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Manifest

/** Aborts at the first progress that `when` accepts. */
export function abortWhen(when: (progress: ExportProgress) => boolean) {
  const controller = new AbortController()
  const onProgress = (progress: ExportProgress) => {
    if (when(progress)) controller.abort(new Error('cancelled by the test'))
  }
  return { signal: controller.signal, onProgress }
}

/** Lets `damage` have the hidden folder of an export in `out` after writing and before reading back. */
export const beforeVerifying =
  (out: string, damage: (workshop: string) => void) =>
  ({ phase, done }: ExportProgress) => {
    if (phase !== 'verifying' || done > 0) return
    const workshop = readdirSync(out).find((name) => name.endsWith('.partial'))
    if (workshop === undefined) throw new Error(`No export is being made in ${out}.`)
    damage(join(out, workshop))
  }
