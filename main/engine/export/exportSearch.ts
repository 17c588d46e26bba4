import type { CallContext, InputOf } from '../../../contract/commands.ts'
import type { ExportProgress, ExportReport } from '../../../contract/domain.ts'
import { photoRecords, type RecordSource } from '../library/records.ts'
import type { Search } from '../search/search.ts'
import { idsOf } from '../search/target.ts'
import { exportPhotos } from './exportPhotos.ts'

/** Exports photos, those of a search newest first. Throws UserError for a bad query. */
export function exportSearch(
  source: RecordSource & { search: Search; clock: () => number },
  { target, to, as }: InputOf<'exportPhotos'>,
  { signal, onProgress }: CallContext<ExportProgress>,
): Promise<ExportReport> {
  const ids = idsOf(source.search, target, 'newest')
  return exportPhotos({
    photos: photoRecords(source, ids),
    total: ids.length,
    to,
    as,
    signal,
    onProgress,
    clock: source.clock,
  })
}
