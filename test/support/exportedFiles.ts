/** What exports left on disk, read by other means than those that wrote it. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { openPromise } from 'yauzl'

export interface Manifest {
  kind: string
  photos: number
  archive: { path: string; bytes: number; sha256: string } | null
  files: { path: string; bytes: number; sha256: string; source: string | null }[]
  skipped: unknown[]
}

export const readManifest = (path: string): Manifest =>
  JSON.parse(readFileSync(path, 'utf8')) as Manifest

/** sha256 of each file in an archive, by its path there. */
export async function sha256InArchive(path: string): Promise<Record<string, string>> {
  const archive = await openPromise(path, { lazyEntries: true, autoClose: false })
  const sums: Record<string, string> = {}
  try {
    for await (const entry of archive.eachEntry()) {
      const bytes = await buffer(await archive.openReadStreamPromise(entry))
      sums[entry.fileName] = createHash('sha256').update(bytes).digest('hex')
    }
  } finally {
    archive.close()
  }
  return sums
}

/** Rows of a CSV table as objects by its head. Reads RFC 4180. */
export function readCsv(path: string): Record<string, string>[] {
  const text = readFileSync(path, 'utf8').replace(/^\ufeff/, '')
  const rows = text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    )
  const [head = [], ...body] = rows
  return body.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])))
}
