/** Which photos are selected. Never changed once made. */
import type { PhotoTarget } from '../../contract/commands.ts'
import type { PhotoId } from '../../contract/domain.ts'

export type Selection =
  | { kind: 'photos'; ids: ReadonlySet<PhotoId> }
  /** Everything that a search finds, but some: a million photos are never named one by one. */
  | { kind: 'all'; query: string; except: ReadonlySet<PhotoId> }

export const nothing: Selection = { kind: 'photos', ids: new Set() }

export const everything = (query: string): Selection => ({ kind: 'all', query, except: new Set() })

export const isSelected = (selection: Selection, id: PhotoId): boolean =>
  selection.kind === 'all' ? !selection.except.has(id) : selection.ids.has(id)

/** `found`: how many photos the search finds. */
export const countOf = (selection: Selection, found: number): number =>
  selection.kind === 'all' ? Math.max(0, found - selection.except.size) : selection.ids.size

/** The photos that the selection names: those it is made of, or its exceptions. */
export const namedIn = (selection: Selection): ReadonlySet<PhotoId> =>
  selection.kind === 'all' ? selection.except : selection.ids

/** The same selection, naming other photos. */
const naming = (selection: Selection, ids: ReadonlySet<PhotoId>): Selection =>
  selection.kind === 'all' ? { ...selection, except: ids } : { kind: 'photos', ids }

/** Selects a photo, or no longer. */
export function toggled(selection: Selection, id: PhotoId): Selection {
  const ids = new Set(namedIn(selection))
  if (!ids.delete(id)) ids.add(id)
  return naming(selection, ids)
}

export function withPhotos(selection: Selection, added: Iterable<PhotoId>): Selection {
  const ids = new Set(namedIn(selection))
  for (const id of added) {
    if (selection.kind === 'all') ids.delete(id)
    else ids.add(id)
  }
  return naming(selection, ids)
}

/**
 * What is left of a selection when its search finds other photos than before.
 * `asked`: the photos that it was asked of, `found`: those of them that are still found.
 */
export function narrowed(
  selection: Selection,
  asked: ReadonlySet<PhotoId>,
  found: readonly PhotoId[],
): Selection {
  if (found.length === asked.size) return selection
  const stays = new Set(found)
  const left = [...namedIn(selection)].filter((id) => !asked.has(id) || stays.has(id))
  return naming(selection, new Set(left))
}

/** The selection as the engine is told it; `null` for nothing. */
export function targetOf(selection: Selection, found: number): PhotoTarget | null {
  if (countOf(selection, found) === 0) return null
  if (selection.kind === 'photos') return { ids: [...selection.ids] }
  const { query, except } = selection
  return except.size === 0 ? { query } : { query, except: [...except] }
}
