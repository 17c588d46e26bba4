import { Plus, Tag as TagIcon, UserRound } from 'lucide-react'
import { type RefObject, useState } from 'react'
import type { TagSummary } from '../../contract/domain.ts'
import { formatCount } from '../app/format.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { type Choice, ChoiceField } from '../dialogs/ChoiceField.tsx'
import {
  type OfferedTag,
  type RecentTag,
  type TagChoice,
  tagChoices,
  tagsSuggested,
} from './tagChoices.ts'

/** As many as are taken in at a glance. */
const mostChoices = 8
/** Below this many letters nearly every tag has a synonym that begins so. */
const leastForSynonyms = 2

/** Tags that the photos in question have, and how many photos these are. */
export interface TagsPresent {
  tags: readonly TagSummary[]
  photos: number
}

interface TagFieldProps {
  input: RefObject<HTMLInputElement | null>
  label: string
  placeholder: string
  /** Which tags are offered: `any`, also new ones; those that are `known`; those `present` on the photos. */
  offers: 'any' | 'known' | 'present'
  /** `null` while not known. */
  present: TagsPresent | null
  recent: readonly OfferedTag[]
  /** Not among the choices. */
  except?: TagSummary['id']
  onTag: (tag: RecentTag) => void
  onLeave: () => void
}

interface ChoiceOfTag extends Choice {
  tag: RecentTag
}

/** A field that completes tags by name, by synonym, and by what was given last. */
export function TagField(props: TagFieldProps) {
  const { offers, present, recent } = props
  const [text, setText] = useState('')
  const answer = useAnswer('listTags', {})
  const known = (answer.data ?? []).filter(({ id }) => id !== props.except)
  const typed = text.trim().replaceAll('"', '')
  const suggested = useAnswer(
    'suggest',
    { text: `tag:"${typed}`, limit: 50 },
    { enabled: typed.length >= leastForSynonyms, keepPrevious: true },
  )
  const onPhotos = present?.tags ?? []
  const tags = offers === 'present' ? onPhotos : known
  const choices = tagChoices(text, {
    tags,
    first: offers === 'present' ? onPhotos : recent.filter(({ id }) => id !== props.except),
    byOtherName: typed.length < leastForSynonyms ? [] : tagsSuggested(suggested.data ?? [], tags),
    makesNew: offers === 'any',
    limit: mostChoices,
  })
  return (
    <ChoiceField
      input={props.input}
      label={props.label}
      placeholder={props.placeholder}
      text={text}
      onText={setText}
      choices={choices.map((choice) => offered(choice, present))}
      pending={offers === 'present' ? present === null : answer.isPending}
      onChoose={({ tag }) => {
        setText('')
        props.onTag(tag)
      }}
      onLeave={() => {
        setText('')
        props.onLeave()
      }}
      nothing={offers === 'present' && present ? 'These photos have no such tag.' : null}
    />
  )
}

function offered(choice: TagChoice, present: TagsPresent | null): ChoiceOfTag {
  if (choice.kind === 'new') {
    return {
      key: 'new',
      name: `New tag “${choice.name}”`,
      note: null,
      aside: null,
      icon: <Plus size={14} aria-hidden />,
      asTyped: true,
      tag: { id: null, name: choice.name },
    }
  }
  const { id, name, category, own } = choice.tag
  return {
    key: String(id ?? name),
    name,
    note: category,
    aside: sharePresent(id, present),
    icon: own ? <UserRound size={14} aria-hidden /> : <TagIcon size={14} aria-hidden />,
    asTyped: false,
    tag: { id, name },
  }
}

/** How many of several photos have it. */
function sharePresent(id: RecentTag['id'], present: TagsPresent | null): string | null {
  const having = present?.tags.find((tag) => tag.id === id)?.photos
  if (!present || having === undefined || present.photos === 1) return null
  return `${formatCount(having)} of ${formatCount(present.photos)}`
}
