import {
  CheckCheck,
  Download,
  ImageMinus,
  ImagePlus,
  type LucideIcon,
  TagPlus,
  TagX,
  X,
} from 'lucide-react'
import type { MouseEvent, ReactNode } from 'react'
import type { Album } from '../../contract/domain.ts'
import { formatCount, formatPhotos } from '../app/format.ts'
import { albumTerm } from '../app/queryText.ts'
import type { ShownSearch } from '../app/useSearch.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { Stars } from '../decisions/Stars.tsx'
import { Asking } from './Asking.tsx'
import type { Deciding, Subject } from './useDeciding.ts'

interface SelectionBarProps {
  deciding: Deciding
  search: ShownSearch
  onExport: (subject: Subject) => void
}

/** What can be done with what is selected. Lies over the photos, so that none moves when it comes. */
export function SelectionBar(props: SelectionBarProps) {
  const { subject } = props.deciding
  return subject && <Bar {...props} subject={subject} />
}

function Bar({ deciding, search, onExport, subject }: SelectionBarProps & { subject: Subject }) {
  const { selection, decisions, ask } = deciding
  const albums = useAnswer('listAlbums', {}).data
  const album = albums?.find(({ name }) => albumTerm(name) === search.query.trim())

  return (
    <section className="selection-bar" aria-label="Selection" onMouseDown={keepFocus}>
      <BarButton icon={X} name="Clear selection" keyName="Esc" onClick={deciding.clear} />
      <span className="selection-count" role="status">
        {wordsFor(subject, deciding, search)}
      </span>
      {selection.count > 0 && selection.count < search.count && (
        <BarButton
          icon={CheckCheck}
          name={`Select all ${formatCount(search.count)}`}
          keyName="Ctrl+A"
          onClick={selection.selectAll}
        />
      )}
      <span className="selection-line selection-break" />
      <BarButton icon={TagPlus} name="Tag…" keyName="t" shown onClick={() => ask('tag')} />
      <BarButton icon={TagX} name="Reject tag…" keyName="r" shown onClick={() => ask('reject')} />
      <span className="selection-line" />
      <Stars stars={null} onRate={(stars) => decisions.rate(subject.target, stars)} />
      <span className="selection-line" />
      <BarButton
        icon={ImagePlus}
        name="Add to album…"
        keyName="a"
        shown
        onClick={() => ask('album')}
      />
      {album && <RemoveFrom album={album} deciding={deciding} subject={subject} />}
      <BarButton icon={Download} name="Export selection" onClick={() => onExport(subject)} />
      {deciding.asked !== null && (
        <Asking
          key={deciding.asked}
          asked={deciding.asked}
          subject={subject}
          decisions={decisions}
          onEnd={deciding.endAsking}
        />
      )}
    </section>
  )
}

/** A press on a button leaves the focus with the photos, where the next key goes. */
function keepFocus(event: MouseEvent): void {
  if (!(event.target as Element).closest('.asking')) event.preventDefault()
}

function RemoveFrom(props: { album: Album; deciding: Deciding; subject: Subject }) {
  const { album, deciding, subject } = props
  return (
    <BarButton
      icon={ImageMinus}
      name={`Remove from “${album.name}”`}
      onClick={() => deciding.decisions.removeFromAlbum(subject.target, album.id)}
    />
  )
}

function wordsFor(subject: Subject, { selection }: Deciding, { count }: ShownSearch): ReactNode {
  if (subject.name !== null) return subject.name
  if (selection.selection.kind === 'photos' || count === 1)
    return `${formatPhotos(subject.photos)} selected`
  if (subject.photos === count) return `All ${formatPhotos(count)} selected`
  return `${formatCount(subject.photos)} of ${formatPhotos(count)} selected`
}

interface BarButtonProps {
  icon: LucideIcon
  name: string
  /** The key that does the same. */
  keyName?: string
  /** Whether there is room for its name where the bar is wide. */
  shown?: boolean
  onClick: () => void
}

function BarButton({ icon: Icon, name, keyName, shown = false, onClick }: BarButtonProps) {
  return (
    <button
      type="button"
      className={shown ? 'selection-button named' : 'selection-button'}
      aria-label={name}
      title={keyName === undefined ? name : `${name} (${keyName})`}
      onClick={onClick}
    >
      <Icon size={16} aria-hidden />
      {shown && <span>{name}</span>}
    </button>
  )
}
