/** Names that a file system takes for one: by Unicode normalisation, and where it does so by case. */
import { nameKey } from '../export/names.ts'

const composed = (name: string) => name.normalize('NFC')

/**
 * Which of the names that are known and no longer listed are now listed otherwise: `[from, to]`.
 * macOS and network drives tell the same name composed or decomposed, as they please. Another case
 * alone is the same name only where the file system takes it so: where `opens` the old one still.
 * Where several could be meant, none is.
 */
export function renamed(
  gone: Iterable<string>,
  fresh: readonly string[],
  opens: (name: string) => boolean,
): [from: string, to: string][] {
  if (fresh.length === 0) return []
  const byKey = Map.groupBy(fresh, nameKey)
  const pairs = [...gone].flatMap((from): [string, string][] => {
    const [to, ...others] = byKey.get(nameKey(from)) ?? []
    if (to === undefined || others.length > 0) return []
    return composed(from) === composed(to) || opens(from) ? [[from, to]] : []
  })
  return [...Map.groupBy(pairs, ([, to]) => to).values()].flatMap((same) =>
    same.length === 1 ? same : [],
  )
}
