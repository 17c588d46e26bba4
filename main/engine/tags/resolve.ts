import type { Database } from 'better-sqlite3'
import type { TagId } from '../../../contract/domain.ts'
import { UserError } from '../../../contract/errors.ts'
import type { Taxonomy } from '../../../models/taxonomy/taxonomy.ts'
import { insertTag, knownTags, type TagRow, tagRow, tagsNamed, tagWithWnid } from '../db/tags.ts'

export type NamedTag = { id: TagId } | { name: string }

interface Resolving {
  db: Database
  taxonomy: Taxonomy
  modelId: number | null
}

/**
 * The tag that is meant: by its id, by a WordNet id such as `n02084071`, or by name, where a person's
 * own comes before a class of the model in use, and that before others. Throws UserError for a name
 * that means several, and for an unknown one unless `create`.
 */
export function resolveTag(
  { db, taxonomy, modelId }: Resolving,
  wanted: NamedTag,
  { create }: { create: boolean },
): TagRow {
  if ('id' in wanted) {
    const known = tagRow(db, wanted.id)
    if (known) return known
    throw new UserError('no-such-tag', 'This tag is not there any more: choose another one.')
  }
  const { name } = wanted
  const named = /^n\d{8}$/.test(name) ? tagWithWnid(db, name) : tagsNamed(db, name)
  const [first, ...others] = narrowed(named, db, modelId)
  if (first && others.length === 0) return first
  if (first) {
    const choices = [first, ...others].map((tag) => `${tag.wnid} (${kindOf(tag, taxonomy)})`)
    throw new UserError(
      'ambiguous-tag',
      `“${name}” means several things: say which by its WordNet id, ${choices.join(' or ')}.`,
    )
  }
  if (!create) {
    throw new UserError('no-such-tag', `No photo has a tag “${name}”: check the spelling.`)
  }
  return { id: insertTag(db, null, name), wnid: null, name }
}

/** A person's own tag is meant before a class, and a class of the model in use before others. */
function narrowed(tags: readonly TagRow[], db: Database, modelId: number | null): TagRow[] {
  const own = tags.filter(({ wnid }) => wnid === null)
  if (own.length > 0) return own
  const known = new Set(knownTags(db, modelId).map(({ id }) => id))
  const ofModel = tags.filter(({ id }) => known.has(id))
  return ofModel.length > 0 ? ofModel : [...tags]
}

function kindOf({ wnid }: TagRow, taxonomy: Taxonomy): string {
  const [category] = wnid === null ? [] : taxonomy.categories(wnid)
  return (category && taxonomy.synset(category)?.name) ?? 'unknown'
}
