import { resolve } from 'node:path'
import type { InputOf } from '../../contract/commands.ts'
import { exportSearch } from '../engine/export/exportSearch.ts'
import type { CommonOptions } from './index.ts'
import { openForReading } from './openLibrary.ts'
import { createStatusLine } from './statusLine.ts'

export async function runExport(
  { query, to, as }: Omit<InputOf<'exportPhotos'>, 'target'> & { query: string },
  options: CommonOptions,
): Promise<void> {
  const source = await openForReading(options)
  const line = createStatusLine(process.stderr)
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  try {
    const report = await exportSearch(
      { ...source, clock: Date.now },
      { target: { query }, to: resolve(to), as },
      {
        signal: controller.signal,
        onProgress: ({ phase, done, total }) => line.show(`${phase} ${done} of ${total}`),
      },
    )
    line.end()
    if (options.json) {
      console.log(JSON.stringify(report))
      return
    }
    console.log(`${report.photos} photos exported to ${report.path}`)
    console.log(`manifest: ${report.manifest}`)
    for (const { path, reason } of report.skipped) console.error(`left out: ${path}: ${reason}`)
  } finally {
    line.end()
    source.library.close()
  }
}
