/** What a person who types an album may mean. */
import type { Album, AlbumId } from '../../contract/domain.ts'
import { ranked, tidied } from '../app/names.ts'

export type AlbumChoice = { kind: 'known'; album: Album } | { kind: 'new'; name: string }

/** Best first; a name that no album has comes before those with a word that begins so. */
export function albumChoices(
  text: string,
  albums: readonly Album[],
  except: readonly AlbumId[],
  limit: number,
): AlbumChoice[] {
  const { exact, beginning, inside } = ranked(text, albums)
  const known = (group: readonly Album[]) =>
    group
      .filter(({ id }) => !except.includes(id))
      .map((album): AlbumChoice => ({ kind: 'known', album }))
  const name = tidied(text)
  const isNew = name !== '' && exact.length === 0
  const choices = [...known(exact), ...known(beginning)].slice(0, limit)
  const fresh: AlbumChoice[] = isNew ? [{ kind: 'new', name }] : []
  return [...choices, ...fresh, ...known(inside).slice(0, limit - choices.length)]
}
