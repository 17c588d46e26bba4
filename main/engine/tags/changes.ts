import type { Database } from 'better-sqlite3'
import type { Handlers, PhotoTarget } from '../../../contract/commands.ts'
import type { AlbumId, ChangeReport, PhotoId, TagId } from '../../../contract/domain.ts'
import { UserError } from '../../../contract/errors.ts'
import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { addToAlbum, albumNamed, deleteAlbum, ratePhoto, removeFromAlbum } from '../db/albums.ts'
import { photoNow } from '../db/identity.ts'
import {
  deleteDecision,
  deleteDecisionsOfTag,
  deleteTag,
  isOfClass,
  moveTag,
  renameTag,
  spareShown,
  storeDecision,
  tagsNamed,
  takeBackTag,
} from '../db/tags.ts'
import { asStep, countChangedPhotos, nextRedo, nextUndo, replay } from '../db/undo.ts'
import type { Search } from '../search/search.ts'
import { idsOf } from '../search/target.ts'
import { albumOf, createAlbum, nameAlbum } from './albums.ts'
import { resolveTag } from './resolve.ts'

export interface ChangesOptions {
  db: Database
  taxonomy: Taxonomy
  search: Search
  currentModelId: () => number | null
  /** Milliseconds since 1970. */
  now: () => number
  /** `tags`: those that other photos than before may have now. */
  onChange: (tags: readonly TagId[] | 'all') => void
}

export type ChangeName =
  | 'tagPhotos'
  | 'renameTag'
  | 'mergeTags'
  | 'removeTag'
  | 'ratePhotos'
  | 'addAlbum'
  | 'renameAlbum'
  | 'removeAlbum'
  | 'addToAlbum'
  | 'removeFromAlbum'
  | 'undo'
  | 'redo'

interface PhotoChange {
  /** `photos`: how many, in words. */
  title: (photos: string) => string
  /** Those that other photos than before may have then. */
  tags: readonly TagId[]
  make: (photo: PhotoId) => void
}

const titleOf: Record<'yes' | 'no' | 'none', (tag: string) => PhotoChange['title']> = {
  yes: (tag) => (photos) => `Tag ${photos} “${tag}”`,
  no: (tag) => (photos) => `Reject “${tag}” on ${photos}`,
  none: (tag) => (photos) => `Take back “${tag}” on ${photos}`,
}

/** Everything that persons say of photos. Each change is one step that can be undone. */
export function createChanges(options: ChangesOptions): Handlers<ChangeName> {
  const { db, taxonomy, search, now, onChange } = options

  /** Changes tags or albums themselves. */
  function change(title: string, make: () => void): ChangeReport {
    const { result: photos, changed } = asStep(db, { title, now: now() }, () => {
      make()
      return countChangedPhotos(db)
    })
    onChange('all')
    return { photos, title, changed }
  }

  /** Changes photos one by one and says how many are otherwise now. `prepare` is part of the step. */
  function changePhotos(target: PhotoTarget, prepare: () => PhotoChange): ChangeReport {
    // In the order of their rows: a million took 12 s instead of 35 s.
    const ids = idsOf(search, target, 'oldest').toSorted((a, b) => a - b)
    const targets = ids.map((id) => photoNow(db, id)).filter((id) => id !== null)
    // Not even a tag or an album is made for none.
    if (targets.length === 0) return { photos: 0, title: 'No photo is meant', changed: false }
    let title = ''
    const make = () => {
      const prepared = prepare()
      for (const photo of targets) prepared.make(photo)
      const photos = countChangedPhotos(db)
      title = prepared.title(photos === 1 ? '1 photo' : `${photos.toLocaleString('en')} photos`)
      return { photos, tags: prepared.tags }
    }
    const { result, changed } = asStep(db, { title: () => title, now: now() }, make)
    onChange(result.tags)
    return { photos: result.photos, title, changed }
  }

  function addPhotos(target: PhotoTarget, album: () => { id: AlbumId; name: string }) {
    return changePhotos(target, () => {
      const { id, name } = album()
      return {
        title: (photos) => `Put ${photos} into “${name}”`,
        tags: [],
        make: (photo) => addToAlbum(db, id, photo, now()),
      }
    })
  }

  return {
    tagPhotos: ({ target, tag: wanted, verdict }) =>
      changePhotos(target, () => {
        const resolving = { db, taxonomy, modelId: options.currentModelId() }
        const { id: tagId, name } = resolveTag(resolving, wanted, { create: verdict === 'yes' })
        return {
          title: titleOf[verdict](name),
          tags: [tagId],
          make(photoId) {
            if (verdict === 'none') deleteDecision(db, photoId, tagId)
            else storeDecision(db, { photoId, tagId, verdict, source: 'user', decidedAt: now() })
          },
        }
      }),

    renameTag({ id, name }) {
      const tag = resolveTag({ db, taxonomy, modelId: null }, { id }, { create: false })
      const other = tagsNamed(db, name).find((each) => each.wnid === null && each.id !== id)
      if (other) {
        throw new UserError('tag-exists', `There is a tag “${other.name}” already: merge them.`)
      }
      return change(`Rename “${tag.name}” to “${name}”`, () => renameTag(db, id, name))
    },
    mergeTags({ from, into }) {
      if (from === into) throw new UserError('same-tag', 'Choose another tag to merge it with.')
      const [first, second] = [from, into].map((id) =>
        resolveTag({ db, taxonomy, modelId: null }, { id }, { create: false }),
      )
      return change(`Merge “${first?.name}” into “${second?.name}”`, () => {
        spareShown(db, { rejected: from, shown: into, modelId: options.currentModelId() })
        moveTag(db, from, into)
        deleteTag(db, from)
      })
    },
    removeTag({ id }) {
      const tag = resolveTag({ db, taxonomy, modelId: null }, { id }, { create: false })
      return change(`Remove the tag “${tag.name}”`, () => {
        if (isOfClass(db, id)) takeBackTag(db, id)
        else {
          deleteDecisionsOfTag(db, id)
          deleteTag(db, id)
        }
      })
    },

    ratePhotos: ({ target, stars }) =>
      changePhotos(target, () => ({
        title: (photos) =>
          stars === 0 ? `Take the rating off ${photos}` : `Rate ${photos} ${stars} of 5`,
        tags: [],
        make: (photo) => ratePhoto(db, photo, stars, now()),
      })),

    addAlbum({ name }) {
      const title = `Make the album “${name}”`
      const { result } = asStep(db, { title, now: now() }, () => createAlbum(db, name, now()))
      onChange([])
      return result
    },
    renameAlbum({ id, name }) {
      const album = albumOf(db, id)
      return change(`Rename the album “${album}” to “${name}”`, () => nameAlbum(db, id, name))
    },
    removeAlbum({ id }) {
      const album = albumOf(db, id)
      return change(`Remove the album “${album}”`, () => deleteAlbum(db, id))
    },
    addToAlbum: (input) =>
      addPhotos(input.target, () => {
        if ('id' in input) return { id: input.id, name: albumOf(db, input.id) }
        const known = albumNamed(db, input.name)
        if (known === null) return createAlbum(db, input.name, now())
        return { id: known, name: albumOf(db, known) }
      }),
    removeFromAlbum({ id, target }) {
      const album = albumOf(db, id)
      return changePhotos(target, () => ({
        title: (photos) => `Take ${photos} out of “${album}”`,
        tags: [],
        make: (photo) => removeFromAlbum(db, id, photo),
      }))
    },

    undo: () => again('undo'),
    redo: () => again('redo'),
  }

  function again(direction: 'undo' | 'redo'): string | null {
    const step = replay(db, direction)
    if (step) onChange('all')
    return step?.title ?? null
  }
}

/** What undo and redo would do. */
export const undoState = (db: Database) => ({
  undo: nextUndo(db)?.title ?? null,
  redo: nextRedo(db)?.title ?? null,
})
