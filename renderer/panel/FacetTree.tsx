import { ChevronRight, Minus } from 'lucide-react'
import { type KeyboardEvent, type MouseEvent, useMemo, useRef, useState } from 'react'
import type { Facet } from '../../contract/domain.ts'
import { formatCount, formatPhotos } from '../app/format.ts'
import { termOf, toggleExclusion, toggleSearch, toggleTerm } from '../app/queryText.ts'
import { useLostFocus } from '../app/useLostFocus.ts'
import { type FacetRow, facetRows, moveInTree, openPaths, rowAt, toggled } from './facetRows.ts'

interface FacetTreeProps {
  name: string
  facets: readonly Facet[]
  /** With text, only what matches it. */
  filter: string
  text: string
  onSearch: (text: string) => void
}

export function FacetTree({ name: treeName, facets, filter, text, onSearch }: FacetTreeProps) {
  const [clicked, setClicked] = useState<ReadonlySet<string>>(new Set())
  const [focused, setFocused] = useState<string | null>(null)
  const tree = useRef<HTMLDivElement>(null)
  const rows = useMemo(
    () => facetRows(facets, openPaths(facets, clicked), filter),
    [facets, clicked, filter],
  )
  const entry = rowAt(rows, focused)?.path

  // A row that had the focus may be gone with the search that it belonged to.
  const lostFocus = useLostFocus(() => {
    const row = rows.findIndex(({ path }) => path === entry)
    treeItems(tree.current)[row]?.focus()
  })

  const toggle = (path: string) => setClicked(toggled(clicked, path))

  function focus(path: string): void {
    setFocused(path)
    const index = rows.findIndex((row) => row.path === path)
    treeItems(tree.current)[index]?.focus()
  }

  function choose(row: FacetRow, event: MouseEvent | KeyboardEvent): void {
    const { name } = row.facet
    if (event.altKey || event.shiftKey) onSearch(toggleExclusion(text, name))
    else if (event.ctrlKey || event.metaKey) onSearch(toggleTerm(text, name))
    else onSearch(toggleSearch(text, name))
  }

  function onKeyDown(row: FacetRow, event: KeyboardEvent): void {
    if (event.target !== event.currentTarget) return
    if (event.key === 'Enter' || event.key === ' ') choose(row, event)
    else if (event.key === '-') onSearch(toggleExclusion(text, row.facet.name))
    else {
      const move = moveInTree(rows, row.path, event.key)
      if (!move) return
      if ('focus' in move) focus(move.focus)
      else toggle(move.toggle)
    }
    event.preventDefault()
  }

  return (
    <div
      ref={tree}
      className="tree"
      role="tree"
      aria-label={treeName}
      hidden={rows.length === 0}
      {...lostFocus}
    >
      {rows.map((row) => (
        <div
          key={row.path}
          role="treeitem"
          className="tree-row"
          aria-level={row.level}
          aria-expanded={row.expanded ?? undefined}
          aria-selected={text.trim() === termOf(row.facet.name)}
          aria-label={row.facet.name}
          aria-description={formatPhotos(row.facet.count)}
          tabIndex={row.path === entry ? 0 : -1}
          style={{ paddingInlineStart: 4 + (row.level - 1) * 14 }}
          onFocus={() => setFocused(row.path)}
          onClick={(event) => choose(row, event)}
          onKeyDown={(event) => onKeyDown(row, event)}
        >
          {row.expanded === null ? (
            <span className="twisty" />
          ) : (
            <button
              type="button"
              className={row.expanded ? 'twisty open' : 'twisty'}
              tabIndex={-1}
              aria-label={`${row.expanded ? 'Close' : 'Open'} ${row.facet.name}`}
              onClick={(event) => {
                event.stopPropagation()
                toggle(row.path)
              }}
            >
              <ChevronRight size={14} aria-hidden />
            </button>
          )}
          <span className="tree-name">{row.facet.name}</span>
          <button
            type="button"
            className="icon-button small reveal"
            tabIndex={-1}
            aria-label={`Leave out ${row.facet.name}`}
            title="Leave out of the search (Alt-click)"
            onClick={(event) => {
              event.stopPropagation()
              onSearch(toggleExclusion(text, row.facet.name))
            }}
          >
            <Minus size={13} aria-hidden />
          </button>
          <span className="count" aria-hidden>
            {formatCount(row.facet.count)}
          </span>
        </div>
      ))}
    </div>
  )
}

const treeItems = (tree: HTMLElement | null): HTMLElement[] => [
  ...(tree?.querySelectorAll<HTMLElement>('[role=treeitem]') ?? []),
]
