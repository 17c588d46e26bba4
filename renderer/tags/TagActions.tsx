import { useEffect, useRef, useState } from 'react'
import type { TagId, TagSummary } from '../../contract/domain.ts'
import { UserError } from '../../contract/errors.ts'
import { formatPhotos, wordFor } from '../app/format.ts'
import { nameKey, tidied } from '../app/names.ts'
import { reported, useTold } from '../decisions/useTold.ts'
import { ConfirmDialog } from '../dialogs/ConfirmDialog.tsx'
import { TagField } from './TagField.tsx'

export type TagDoing = 'rename' | 'merge' | 'remove'

interface TagActionsProps {
  /** `null` when none is chosen. */
  tag: TagSummary | null
  tags: readonly TagSummary[]
  doing: TagDoing | null
  onDo: (doing: TagDoing) => void
  /** Done, or left. `id`: the tag to go on with, where that is another one. */
  onEnd: (id?: TagId) => void
  /** A tag is called otherwise now, or went (`null`). */
  onFollow: (before: TagSummary, now: string | null) => void
  onShow: () => void
}

/** What can be done with the chosen tag, and asks what that needs. */
export function TagActions(props: TagActionsProps) {
  const { tag, tags, doing, onDo, onEnd, onFollow, onShow } = props
  const merge = useTold('mergeTags', reported, ({ into }) => {
    const other = tags.find(({ id }) => id === into)
    if (tag && other) onFollow(tag, other.name)
  })
  const mergeInto = (into: TagId) =>
    tag && merge.mutate({ input: { from: tag.id, into } }, { onSuccess: () => onEnd(into) })
  if (tag && doing === 'rename') {
    return <RenameTag tag={tag} tags={tags} onMerge={mergeInto} onEnd={onEnd} onFollow={onFollow} />
  }
  if (tag && doing === 'merge') return <MergeTag tag={tag} onMerge={mergeInto} onEnd={onEnd} />
  return (
    <footer className="dialog-actions tag-footer">
      <span className="tag-chosen">
        {tag && (
          <>
            <strong>{tag.name}</strong> {formatPhotos(tag.photos)}
          </>
        )}
      </span>
      <button type="button" className="button compact" disabled={!tag} onClick={onShow}>
        Show photos
      </button>
      <button
        type="button"
        className="button compact"
        disabled={!tag}
        title="F2"
        onClick={() => onDo('rename')}
      >
        Rename…
      </button>
      <button
        type="button"
        className="button compact"
        disabled={!tag}
        title="m"
        onClick={() => onDo('merge')}
      >
        Merge…
      </button>
      <button
        type="button"
        className="button compact"
        disabled={!tag}
        title="Delete"
        onClick={() => onDo('remove')}
      >
        Remove…
      </button>
      {tag && doing === 'remove' && <RemoveTag tag={tag} onEnd={onEnd} onFollow={onFollow} />}
    </footer>
  )
}

interface OneTagProps extends Pick<TagActionsProps, 'onEnd' | 'onFollow'> {
  tag: TagSummary
}

interface RenameTagProps extends OneTagProps {
  tags: readonly TagSummary[]
  onMerge: (into: TagId) => void
}

type MergeTagProps = Omit<RenameTagProps, 'tags' | 'onFollow'>

function RenameTag({ tag, tags, onMerge, onEnd, onFollow }: RenameTagProps) {
  const rename = useTold('renameTag', reported, ({ name }) => onFollow(tag, name))
  const [name, setName] = useState(tag.name)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  const taken =
    rename.error instanceof UserError && rename.error.code === 'tag-exists'
      ? tags.find((each) => each.own && nameKey(each.name) === nameKey(name))
      : undefined
  return (
    <form
      className="dialog-actions tag-footer"
      onSubmit={(event) => {
        event.preventDefault()
        const wanted = tidied(name)
        if (wanted === '' || wanted === tag.name) onEnd()
        else {
          rename.mutate({ input: { id: tag.id, name: wanted } }, { onSuccess: () => onEnd() })
        }
      }}
    >
      <input
        ref={input}
        className="field"
        aria-label={`New name of ${tag.name}`}
        spellCheck={false}
        autoComplete="off"
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.preventDefault()
          onEnd()
        }}
      />
      {taken && (
        <button type="button" className="button compact" onClick={() => onMerge(taken.id)}>
          Merge into “{taken.name}”
        </button>
      )}
      <button type="button" className="button compact" onClick={() => onEnd()}>
        Cancel
      </button>
      <button type="submit" className="button compact primary" disabled={rename.isPending}>
        Rename
      </button>
    </form>
  )
}

function MergeTag({ tag, onMerge, onEnd }: MergeTagProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <div className="dialog-actions tag-footer">
      <span className="tag-merged">
        Merge <strong>{tag.name}</strong> into
      </span>
      <TagField
        input={input}
        label={`Merge ${tag.name} into`}
        placeholder="Another tag"
        offers="known"
        present={null}
        recent={[]}
        except={tag.id}
        onTag={({ id }) => id !== null && onMerge(id)}
        onLeave={onEnd}
      />
      <button type="button" className="button compact" onClick={() => onEnd()}>
        Cancel
      </button>
    </div>
  )
}

function RemoveTag({ tag, onEnd, onFollow }: OneTagProps) {
  const { id, name, own, photos } = tag
  const remove = useTold('removeTag', reported, () => {
    if (own) onFollow(tag, null)
  })
  return (
    <ConfirmDialog
      title={`Remove the tag “${name}”?`}
      action="Remove"
      busy={remove.isPending}
      onClose={() => onEnd()}
      onConfirm={() => remove.mutate({ input: { id } }, { onSettled: () => onEnd() })}
    >
      <p>
        {own
          ? whatLosesIt(photos)
          : 'Photos that you gave it lose it. Where the model sees it, it stays, and where you rejected it, it stays away.'}{' '}
        It can be undone.
      </p>
    </ConfirmDialog>
  )
}

function whatLosesIt(photos: number): string {
  if (photos === 0) return 'No photo has it.'
  const stay = wordFor(photos, 'stays', 'stay')
  return `It comes off ${formatPhotos(photos)}, which ${stay} in Albumen and on the disk.`
}
