import { FolderPlus, HardDrive, Lock, SearchX, Tags } from 'lucide-react'

/** What a newcomer sees: no folder is in the library yet. */
export function Welcome({ onAdd, onSettings }: { onAdd: () => void; onSettings: () => void }) {
  return (
    <div className="welcome">
      <img src="/icon.svg" alt="" width={72} height={72} />
      <h2>Find your photos by what they show</h2>
      <p className="lead">
        Add a folder with photos. Albumen looks at each of them here, on this computer, and lets you
        search, browse and export what it sees.
      </p>
      <button type="button" className="button primary large" onClick={onAdd}>
        <FolderPlus size={18} aria-hidden />
        Add folder
      </button>
      <ul className="promises">
        <li>
          <Tags size={18} aria-hidden />
          <div>
            <strong>It recognises</strong>
            <span>
              dogs, boats, mountains and many other things, and their categories.{' '}
              <button type="button" className="link-button" onClick={onSettings}>
                Get a model that knows a thousand
              </button>
            </span>
          </div>
        </li>
        <li>
          <Lock size={18} aria-hidden />
          <div>
            <strong>It never changes a photo</strong>
            <span>and never moves or deletes one. It only reads.</span>
          </div>
        </li>
        <li>
          <HardDrive size={18} aria-hidden />
          <div>
            <strong>It never sends one anywhere</strong>
            <span>No account, no cloud, no network needed.</span>
          </div>
        </li>
      </ul>
    </div>
  )
}

interface NothingFoundProps {
  query: string
  /** Photos that have not been looked at yet. */
  pending: number
  onClear: () => void
}

export function NothingFound({ query, pending, onClear }: NothingFoundProps) {
  return (
    <div className="nothing">
      <SearchX size={36} aria-hidden />
      <h2>Nothing found for “{query}”</h2>
      <ul>
        <li>
          Try a wider word: <code>dog</code> finds every breed, <code>vehicle</code> every car.
        </li>
        <li>
          Give alternatives with <code>|</code>: <code>sea | lake</code>.
        </li>
        <li>Pick from the classes at the left: they are what was recognised.</li>
        {pending > 0 && <li>Some photos have not been looked at yet: they may still turn up.</li>}
      </ul>
      <button type="button" className="button" onClick={onClear}>
        Show all photos
      </button>
    </div>
  )
}

/** A folder is there, but no photo has been found in it, or not yet. */
export function NoPhotos({ busy, onAdd }: { busy: boolean; onAdd: () => void }) {
  return (
    <div className="nothing">
      <h2>{busy ? 'Looking for photos…' : 'There are no photos in these folders'}</h2>
      {!busy && (
        <>
          <p>Albumen shows JPEG, PNG, WebP, HEIC, AVIF, TIFF and GIF files.</p>
          <button type="button" className="button" onClick={onAdd}>
            Choose another folder
          </button>
        </>
      )}
    </div>
  )
}
