import { type RefObject, useEffect, useRef, useState } from 'react'
import type { PhotoTarget } from '../../contract/commands.ts'
import type { PhotoCard } from '../../contract/domain.ts'
import { useShortcuts } from '../app/shortcuts.ts'
import type { Search } from '../app/useSearch.ts'
import { type Decisions, useDecisions } from '../decisions/useDecisions.ts'
import { useUndo } from '../decisions/useUndo.ts'
import { type PhotoSelection, useSelection } from './useSelection.ts'

/** What the bar asks for: a tag to give or to reject, or an album. */
export type Asked = 'tag' | 'reject' | 'album'

/** The photos that the next decision is about. */
export interface Subject {
  target: PhotoTarget
  photos: number
  /** Of the only photo, where none is selected. */
  name: string | null
}

export interface Deciding {
  selection: PhotoSelection
  decisions: Decisions
  /** What is selected; the photo that the keys are on while something is asked of it alone. */
  subject: Subject | null
  asked: Asked | null
  ask: (asked: Asked) => void
  endAsking: () => void
  /** Nothing is selected, and nothing asked. */
  clear: () => void
  /** The photo that the keys are on; the grid keeps it up to date. */
  active: RefObject<PhotoCard | null>
}

const stars = [0, 1, 2, 3, 4, 5]

/**
 * Selecting and deciding in the grid, by mouse and by key. Without a selection the keys are about the
 * photo that they are on, as long as it can be seen which one that is.
 */
export function useDeciding(search: Search, focusGrid: () => void): Deciding {
  const { shown } = search
  const selection = useSelection(search)
  const decisions = useDecisions()
  const again = useUndo()
  const active = useRef<PhotoCard | null>(null)
  const [asking, setAsking] = useState<{ asked: Asked; about: Subject | null } | null>(null)

  const target = selection.target()
  const selected = target && { target, photos: selection.count, name: null }
  const subject = selected ?? asking?.about ?? null

  function subjectOfKeys(): Subject | null {
    if (selected) return selected
    const photo = active.current
    const isSeen = document.activeElement?.matches('[role=grid]:focus-visible')
    return photo && isSeen ? { target: { ids: [photo.id] }, photos: 1, name: photo.name } : null
  }
  /** `false` when there is no photo that `decide` could be about. */
  const about = (decide: (subject: Subject) => void) => () => {
    const photos = subjectOfKeys()
    if (!photos) return false
    decide(photos)
  }
  const askBy = (asked: Asked) =>
    about((photos) => setAsking({ asked, about: photos.name === null ? null : photos }))

  // What was asked about is gone.
  useEffect(() => {
    if (asking && !subject) setAsking(null)
  }, [asking, subject])

  useShortcuts({
    'Mod+a'() {
      if (!shown?.count) return false
      selection.selectAll()
      focusGrid()
    },
    Escape() {
      if (selection.count === 0) return false
      selection.clear()
      focusGrid()
    },
    t: askBy('tag'),
    r: askBy('reject'),
    a: askBy('album'),
    T: about((photos) => decisions.tagAgain(photos.target)),
    ...Object.fromEntries(
      stars.map((each) => [each, about((photos) => decisions.rate(photos.target, each))]),
    ),
  })
  useShortcuts(
    { 'Mod+z': again.undo, 'Shift+Mod+z': again.redo, 'Mod+y': again.redo },
    { dialogs: '[data-decides]' },
  )

  return {
    selection,
    decisions,
    subject,
    asked: subject && (asking?.asked ?? null),
    ask: (asked) => setAsking({ asked, about: asking?.about ?? null }),
    endAsking: () => setAsking(null),
    clear() {
      selection.clear()
      setAsking(null)
      focusGrid()
    },
    active,
  }
}
