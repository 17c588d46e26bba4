import type { PhotoTarget } from '../../../contract/commands.ts'
import type { PhotoId, SortOrder } from '../../../contract/domain.ts'
import type { Search } from './search.ts'

/**
 * The photos that a person means: those named as they were named, those of a search in its order.
 * Throws UserError for a search that is not understood.
 */
export function idsOf(search: Search, target: PhotoTarget, sort: SortOrder): readonly PhotoId[] {
  if ('ids' in target) return target.ids
  const ids = search.ids(target.query, sort)
  if (!target.except?.length) return ids
  const except = new Set(target.except)
  return ids.filter((id) => !except.has(id))
}
