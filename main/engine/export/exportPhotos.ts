import type { ExportReport } from '../../../contract/domain.ts'
import { assertNever } from '../../../contract/errors.ts'
import { exportArchive } from './archive.ts'
import { exportCopies } from './copies.ts'
import { exportTable } from './table.ts'
import { csv, jsonLines } from './tableFormats.ts'
import { openTarget, type Target, targetFailure } from './target.ts'
import type { ExportRequest } from './types.ts'

/**
 * Writes photos out as folders of copies, an archive or a table, with a manifest of the sha256 of
 * every file, which is written last: without it, an export is not finished.
 *
 * Originals are only read. What lies in the target keeps its name and bytes; new files of that name
 * are numbered. Everything is made in a hidden folder inside the target, read back from disk, and
 * named only then. A photo whose original is gone or has changed is left out and reported.
 * Throws UserError where the target cannot take it, and the signal's reason; then nothing is left.
 */
export async function exportPhotos(request: ExportRequest): Promise<ExportReport> {
  request.signal.throwIfAborted()
  try {
    const target = await openTarget(request.to, request.as)
    try {
      return await write(request, target)
    } finally {
      await target.close()
    }
  } catch (error) {
    throw targetFailure(error, request.to)
  }
}

function write(request: ExportRequest, target: Target): Promise<ExportReport> {
  const { as } = request
  switch (as) {
    case 'copies':
      return exportCopies(request, target)
    case 'zip':
      return exportArchive(request, target)
    case 'csv':
      return exportTable(request, target, csv)
    case 'jsonl':
      return exportTable(request, target, jsonLines)
    default:
      return assertNever(as)
  }
}
