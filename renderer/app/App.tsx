import { useCallback, useEffect, useRef, useState } from 'react'
import type { PhotoCard, PhotoId } from '../../contract/domain.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { HelpDialog } from '../dialogs/HelpDialog.tsx'
import { ToastRegion } from '../dialogs/toasts.tsx'
import { ExportDialog } from '../export/ExportDialog.tsx'
import { PhotoGrid } from '../grid/PhotoGrid.tsx'
import { JobsBar } from '../jobs/JobsBar.tsx'
import { Classes } from '../panel/Classes.tsx'
import { Folders } from '../panel/Folders.tsx'
import { SettingsDialog } from '../settings/SettingsDialog.tsx'
import { useTransfers } from '../settings/useTransfers.ts'
import { Viewer } from '../viewer/Viewer.tsx'
import { useAddFolder } from './AddFolder.tsx'
import { Banners } from './Banners.tsx'
import { useStored } from './storage.ts'
import { TopBar, thumbnailSizes } from './TopBar.tsx'
import { useSearch } from './useSearch.ts'
import { NoPhotos, NothingFound, Welcome } from './Welcome.tsx'

const clampSize = (stored: unknown): number =>
  typeof stored === 'number'
    ? Math.min(Math.max(thumbnailSizes.smallest, stored), thumbnailSizes.largest)
    : thumbnailSizes.usual

export function App() {
  const folders = useAnswer('listFolders', {})
  const library = useAnswer('libraryStatus', {})
  const jobs = useAnswer('jobs', {})
  const search = useSearch()
  const addFolder = useAddFolder()
  const transfers = useTransfers()
  const [thumbnailSize, setThumbnailSize] = useStored('thumbnailSize', clampSize)
  const [panelShown, setPanelShown] = useStored('panel', (stored) => stored !== false)
  const [dialog, setDialog] = useState<'export' | 'help' | 'settings' | null>(null)
  const [active, setActive] = useState(0)
  const [opened, setOpened] = useState<{ id: PhotoId; index: number } | null>(null)
  const searchInput = useRef<HTMLInputElement>(null)
  const content = useRef<HTMLElement>(null)

  const hasFolder = (folders.data?.length ?? 0) > 0
  const shownKey = search.shown && `${search.shown.sort} ${search.shown.query}`
  const [lastKey, setLastKey] = useState(shownKey)
  if (shownKey !== lastKey) {
    setLastKey(shownKey)
    setActive(0)
  }

  const open = useCallback((index: number, photo: PhotoCard) => {
    setActive(index)
    setOpened({ id: photo.id, index })
  }, [])
  const move = useCallback((index: number, id: PhotoId) => {
    setActive(index)
    setOpened({ id, index })
  }, [])
  const focusGrid = () => content.current?.querySelector<HTMLElement>('[role=grid]')?.focus()

  const openSettings = () => setDialog('settings')

  useShortcuts({
    '/': () => searchInput.current?.focus(),
    '?': () => setDialog('help'),
    ',': openSettings,
    b: () => setPanelShown(!panelShown),
  })

  return (
    <div className="app">
      <TopBar
        search={search}
        searchInput={searchInput}
        onLeaveSearch={focusGrid}
        usable={hasFolder}
        thumbnailSize={thumbnailSize}
        onThumbnailSize={setThumbnailSize}
        panelShown={panelShown}
        onTogglePanel={() => setPanelShown(!panelShown)}
        onExport={() => setDialog('export')}
        onSettings={openSettings}
        onHelp={() => setDialog('help')}
      />
      <Banners onSettings={openSettings} />
      <div className="body">
        {panelShown && hasFolder && (
          <aside className="panel" aria-label="Side panel">
            <Folders onAdd={addFolder.add} />
            <Classes
              // Nothing found has no classes to go on with.
              query={search.shown?.count === 0 ? '' : (search.shown?.query ?? '')}
              text={search.text}
              onSearch={search.submit}
            />
          </aside>
        )}
        <main ref={content} className="content">
          {folders.data && !hasFolder && (
            <Welcome onAdd={addFolder.add} onSettings={openSettings} />
          )}
          {hasFolder && search.shown?.count === 0 && search.shown.query !== '' && (
            <NothingFound
              query={search.shown.query}
              pending={library.data?.pending ?? 0}
              onClear={() => search.submit('')}
            />
          )}
          {hasFolder && search.shown?.count === 0 && search.shown.query === '' && (
            <NoPhotos busy={jobs.data?.state !== 'idle'} onAdd={addFolder.add} />
          )}
          {hasFolder && search.shown && search.shown.count > 0 && (
            <PhotoGrid
              search={search.shown}
              thumbnailSize={thumbnailSize}
              active={active}
              onActive={setActive}
              onOpen={open}
            />
          )}
        </main>
      </div>
      {hasFolder && <JobsBar />}
      {opened && search.shown && (
        <Viewer
          search={search.shown}
          id={opened.id}
          index={opened.index}
          onMove={move}
          onClose={() => {
            setOpened(null)
            // After the dialog has given the focus back.
            setTimeout(focusGrid)
          }}
          onSearch={(text) => {
            setOpened(null)
            search.submit(text)
          }}
        />
      )}
      {dialog === 'export' && search.shown && (
        <ExportDialog search={search.shown} onClose={() => setDialog(null)} />
      )}
      {dialog === 'settings' && (
        <SettingsDialog transfers={transfers} onClose={() => setDialog(null)} />
      )}
      {dialog === 'help' && <HelpDialog onClose={() => setDialog(null)} />}
      {addFolder.picker}
      <ToastRegion />
    </div>
  )
}

/** Keys that work wherever nothing is being typed and no dialog is open. */
function useShortcuts(actions: Record<string, () => void>): void {
  const latest = useRef(actions)
  latest.current = actions
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.target as Element
      if (target.closest('input, textarea, select, dialog')) return
      const action = latest.current[event.key]
      if (!action) return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}
