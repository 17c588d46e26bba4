import type { Facet } from '../../contract/domain.ts'

export interface FacetRow {
  facet: Facet
  /** Names one place in the tree: a class may lie under several categories. */
  path: string
  parent: string | null
  /** 1 at the top. */
  level: number
  /** `null` for a row with nothing below it. */
  expanded: boolean | null
}

/**
 * The rows to show, from top to bottom.
 * `expanded`: paths that are open. `filter`: with text, only what matches it, with what lies above
 * and below, and what leads to a match is open.
 */
export function facetRows(
  facets: readonly Facet[],
  expanded: ReadonlySet<string>,
  filter: string,
): FacetRow[] {
  const wanted = filter.trim().toLowerCase()
  return wanted === ''
    ? openRows(facets, expanded, null, 1)
    : matchingRows(facets, expanded, wanted, null, 1)
}

function openRows(
  facets: readonly Facet[],
  expanded: ReadonlySet<string>,
  parent: string | null,
  level: number,
): FacetRow[] {
  return facets.flatMap((facet) => {
    const row = rowOf(facet, expanded, parent, level)
    return row.expanded ? [row, ...openRows(facet.children, expanded, row.path, level + 1)] : [row]
  })
}

function matchingRows(
  facets: readonly Facet[],
  expanded: ReadonlySet<string>,
  wanted: string,
  parent: string | null,
  level: number,
): FacetRow[] {
  return facets.flatMap((facet) => {
    const row = rowOf(facet, expanded, parent, level)
    const below = matchingRows(facet.children, expanded, wanted, row.path, level + 1)
    if (below.length > 0) return [{ ...row, expanded: true }, ...below]
    if (!facet.name.toLowerCase().includes(wanted)) return []
    return row.expanded ? [row, ...openRows(facet.children, expanded, row.path, level + 1)] : [row]
  })
}

function rowOf(
  facet: Facet,
  expanded: ReadonlySet<string>,
  parent: string | null,
  level: number,
): FacetRow {
  const path = parent === null ? facet.wnid : `${parent}/${facet.wnid}`
  return {
    facet,
    path,
    parent,
    level,
    expanded: facet.children.length === 0 ? null : expanded.has(path),
  }
}

/**
 * The row at a path; else of the same class elsewhere, because a category that says no more than the
 * only one below it is left out of another search's tree; else the first.
 */
export function rowAt(rows: readonly FacetRow[], path: string | null): FacetRow | undefined {
  const wnid = path?.split('/').at(-1)
  return (
    rows.find((row) => row.path === path) ??
    rows.find(({ facet }) => facet.wnid === wnid) ??
    rows[0]
  )
}

/** The paths with one more, or without it when it was among them. */
export function toggled(paths: ReadonlySet<string>, path: string): ReadonlySet<string> {
  const next = new Set(paths)
  if (!next.delete(path)) next.add(path)
  return next
}

/** The open rows: those a person has clicked, and a category that stands alone at the top. */
export function openPaths(
  facets: readonly Facet[],
  clicked: ReadonlySet<string>,
): ReadonlySet<string> {
  const [only, ...others] = facets
  return only && others.length === 0 ? toggled(clicked, only.wnid) : clicked
}

export type TreeMove = { focus: string } | { toggle: string } | null

/** What a key does in the tree, by the pattern for tree views of the ARIA authoring practices. */
export function moveInTree(rows: readonly FacetRow[], path: string, key: string): TreeMove {
  const index = rows.findIndex((row) => row.path === path)
  const row = rows[index]
  if (!row) return null
  const focus = (target: FacetRow | undefined): TreeMove => (target ? { focus: target.path } : null)
  switch (key) {
    case 'ArrowDown':
      return focus(rows[index + 1])
    case 'ArrowUp':
      return focus(rows[index - 1])
    case 'Home':
      return focus(rows[0])
    case 'End':
      return focus(rows.at(-1))
    case 'ArrowRight':
      if (row.expanded === null) return null
      return row.expanded ? focus(rows[index + 1]) : { toggle: path }
    case 'ArrowLeft':
      if (row.expanded) return { toggle: path }
      return row.parent === null ? null : { focus: row.parent }
    default:
      return null
  }
}
