import { useCallback, useRef, useState } from 'react'
import type { PhotoCard, PhotoId } from '../../contract/domain.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { HelpDialog } from '../dialogs/HelpDialog.tsx'
import { ToastRegion } from '../dialogs/ToastRegion.tsx'
import { ExportDialog, type Exported } from '../export/ExportDialog.tsx'
import { PhotoGrid } from '../grid/PhotoGrid.tsx'
import { JobsBar } from '../jobs/JobsBar.tsx'
import { Albums } from '../panel/Albums.tsx'
import { Classes } from '../panel/Classes.tsx'
import { Folders } from '../panel/Folders.tsx'
import { SelectionBar } from '../selection/SelectionBar.tsx'
import { useDeciding } from '../selection/useDeciding.ts'
import { SettingsDialog } from '../settings/SettingsDialog.tsx'
import { useTransfers } from '../settings/useTransfers.ts'
import { TagsDialog } from '../tags/TagsDialog.tsx'
import { Viewer } from '../viewer/Viewer.tsx'
import { useAddFolder } from './AddFolder.tsx'
import { Banners } from './Banners.tsx'
import { formatPhotos, wordFor } from './format.ts'
import { useShortcuts } from './shortcuts.ts'
import { useStored } from './storage.ts'
import { TopBar, thumbnailSizes } from './TopBar.tsx'
import { useFollowedNames } from './useFollowedNames.ts'
import { useLostFocus } from './useLostFocus.ts'
import { type ShownSearch, useSearch } from './useSearch.ts'
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
  const [dialog, setDialog] = useState<'help' | 'settings' | 'tags' | null>(null)
  const [exported, setExported] = useState<Exported | null>(null)
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
  const focusGrid = () =>
    content.current?.querySelector<HTMLElement>('[role=grid], .nothing button')?.focus()
  const deciding = useDeciding(search, focusGrid)
  useFollowedNames(search)
  const lostFocus = useLostFocus(focusGrid)

  const openSettings = () => setDialog('settings')
  const manageTags = () => setDialog('tags')

  useShortcuts({
    '/': () => searchInput.current?.focus(),
    '?': () => setDialog('help'),
    ',': openSettings,
    m: manageTags,
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
        onExport={() => search.shown && setExported(allOf(search.shown))}
        onSettings={openSettings}
        onHelp={() => setDialog('help')}
      />
      <Banners onSettings={openSettings} />
      <div className="body">
        {panelShown && hasFolder && (
          <aside className="panel" aria-label="Side panel">
            <Folders onAdd={addFolder.add} />
            <Albums text={search.text} onSearch={search.submit} onFollow={search.follow} />
            <Classes
              // Nothing found has no classes to go on with.
              query={search.shown?.count === 0 ? '' : (search.shown?.query ?? '')}
              text={search.text}
              onSearch={search.submit}
              onManageTags={manageTags}
              hidden={opened !== null}
            />
          </aside>
        )}
        <main ref={content} className="content" {...lostFocus}>
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
              activePhoto={deciding.active}
              selection={deciding.selection}
              onOpen={open}
            />
          )}
          {search.shown && (
            <SelectionBar
              deciding={deciding}
              search={search.shown}
              onExport={({ target, photos }) =>
                setExported({ target, photos, what: `The selection: ${formatPhotos(photos)}` })
              }
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
          decisions={deciding.decisions}
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
      {exported && <ExportDialog exported={exported} onClose={() => setExported(null)} />}
      {dialog === 'settings' && (
        <SettingsDialog
          transfers={transfers}
          onManageTags={manageTags}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'tags' && (
        <TagsDialog
          onSearch={(text) => {
            setDialog(null)
            search.submit(text)
          }}
          onFollow={search.follow}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'help' && <HelpDialog onClose={() => setDialog(null)} />}
      {addFolder.picker}
      <ToastRegion />
    </div>
  )
}

const allOf = ({ query, count }: ShownSearch): Exported => ({
  target: { query },
  photos: count,
  what:
    query === ''
      ? wordFor(count, 'The only photo', `All ${formatPhotos(count)}`)
      : `${formatPhotos(count)} found by “${query}”`,
})
