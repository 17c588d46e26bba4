import { Tags } from 'lucide-react'
import { useState } from 'react'
import type { Facet } from '../../contract/domain.ts'
import { formatCount } from '../app/format.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { FilterField } from '../dialogs/FilterField.tsx'
import { FacetTree } from './FacetTree.tsx'
import { facetRows } from './facetRows.ts'

/** A person may have made thousands; the rest is found with the filter. */
const mostOwnTags = 60

interface ClassesProps {
  /** The search that is shown: the trees count its photos. */
  query: string
  /** What stands in the search box: clicks change that. */
  text: string
  onSearch: (text: string) => void
  onManageTags: () => void
  /** Nobody sees the panel now: counting waits. */
  hidden: boolean
}

export function Classes({ query, text, onSearch, onManageTags, hidden }: ClassesProps) {
  const facets = useAnswer('facets', { query }, { keepPrevious: true, enabled: !hidden })
  const [filter, setFilter] = useState('')
  const all = facets.data ?? []
  const empty = facets.data?.length === 0
  const own = all.filter((facet) => facet.own && matches(facet, filter))
  const seen = all.filter((facet) => !facet.own)
  const someSeen = seen.some((facet) => matches(facet, filter))
  const shared = { filter, text, onSearch }

  return (
    <nav className="panel-section classes" aria-label="Classes">
      <header className="panel-header">
        <h2>Classes</h2>
        {text.trim() !== '' && (
          <button type="button" className="link-button" onClick={() => onSearch('')}>
            All photos
          </button>
        )}
        <button
          type="button"
          className="icon-button small"
          aria-label="Manage tags"
          title="Manage tags (m)"
          onClick={onManageTags}
        >
          <Tags size={15} aria-hidden />
        </button>
      </header>
      {!(empty && filter === '') && (
        <FilterField label="Filter classes" value={filter} onChange={setFilter} />
      )}
      {empty && (
        <p className="panel-hint">
          {query === ''
            ? 'What your photos show appears here as Albumen looks at them.'
            : 'Nothing was recognised in these photos.'}
        </p>
      )}
      {all.length > 0 && own.length === 0 && !someSeen && (
        <p className="panel-hint">No class of these photos is called that.</p>
      )}
      <div className="trees">
        {own.length > 0 && (
          <>
            <h3>Your tags</h3>
            <FacetTree name="Your tags" facets={own.slice(0, mostOwnTags)} {...shared} />
            {own.length > mostOwnTags && (
              <button type="button" className="link-button more-tags" onClick={onManageTags}>
                All {formatCount(own.length)} tags…
              </button>
            )}
            {someSeen && <h3>Recognised</h3>}
          </>
        )}
        {seen.length > 0 && <FacetTree name="Classes" facets={seen} {...shared} />}
      </div>
    </nav>
  )
}

const matches = (facet: Facet, filter: string): boolean =>
  facetRows([facet], new Set(), filter).length > 0
