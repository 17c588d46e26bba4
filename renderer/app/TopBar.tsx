import { CircleQuestionMark, Download, Monitor, Moon, PanelLeft, Settings, Sun } from 'lucide-react'
import type { RefObject } from 'react'
import type { SortOrder } from '../../contract/domain.ts'
import { UndoButtons } from '../decisions/UndoButtons.tsx'
import { formatPhotos } from './format.ts'
import { SearchBox } from './SearchBox.tsx'
import type { Search } from './useSearch.ts'
import { useTheme } from './useTheme.ts'

/** CSS pixels. */
export const thumbnailSizes = { smallest: 80, usual: 168, largest: 320 }

const sortNames: Record<SortOrder, string> = {
  newest: 'Newest',
  oldest: 'Oldest',
  name: 'Name',
}

interface TopBarProps {
  search: Search
  searchInput: RefObject<HTMLInputElement | null>
  onLeaveSearch: () => void
  /** Whether there are photos to search, sort and export. */
  usable: boolean
  thumbnailSize: number
  onThumbnailSize: (size: number) => void
  panelShown: boolean
  onTogglePanel: () => void
  onExport: () => void
  onSettings: () => void
  onHelp: () => void
}

export function TopBar(props: TopBarProps) {
  const { search, usable } = props
  const { theme, next: nextTheme } = useTheme()
  const ThemeIcon = { system: Monitor, light: Sun, dark: Moon }[theme]
  const count = search.shown?.count ?? 0
  return (
    <header className="topbar">
      {usable && (
        <button
          type="button"
          className="icon-button"
          aria-label="Side panel"
          aria-pressed={props.panelShown}
          title="Side panel (b)"
          onClick={props.onTogglePanel}
        >
          <PanelLeft size={18} aria-hidden />
        </button>
      )}
      <h1 className="brand">
        <img src="/icon.svg" alt="" width={20} height={20} />
        <span>Albumen</span>
      </h1>
      {usable && (
        <>
          <SearchBox search={search} input={props.searchInput} onLeave={props.onLeaveSearch} />
          <span className="result-count" role="status" aria-busy={search.searching}>
            {search.shown ? formatPhotos(count) : ''}
          </span>
          <span className="topbar-break" />
          <select
            className="select"
            aria-label="Sort"
            value={search.sort}
            onChange={(event) => search.setSort(event.target.value as SortOrder)}
          >
            {Object.entries(sortNames).map(([sort, name]) => (
              <option key={sort} value={sort}>
                {name}
              </option>
            ))}
          </select>
          <input
            className="slider"
            type="range"
            aria-label="Thumbnail size"
            title="Thumbnail size"
            min={thumbnailSizes.smallest}
            max={thumbnailSizes.largest}
            step={8}
            value={props.thumbnailSize}
            onChange={(event) => props.onThumbnailSize(Number(event.target.value))}
          />
          <button
            type="button"
            className="button compact"
            aria-label="Export"
            disabled={count === 0}
            onClick={props.onExport}
          >
            <Download size={15} aria-hidden />
            <span className="wide-only">Export</span>
          </button>
        </>
      )}
      <span className="topbar-space" />
      {usable && <UndoButtons />}
      <button
        type="button"
        className="icon-button"
        aria-label="Theme"
        aria-description={`Now: ${theme}`}
        title={`Theme: ${theme}`}
        onClick={nextTheme}
      >
        <ThemeIcon size={17} aria-hidden />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Settings"
        title="Settings (,)"
        onClick={props.onSettings}
      >
        <Settings size={17} aria-hidden />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Help"
        title="Keyboard and search (?)"
        onClick={props.onHelp}
      >
        <CircleQuestionMark size={17} aria-hidden />
      </button>
    </header>
  )
}
