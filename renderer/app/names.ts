/** Names that people give, as they are compared. */

/** What the engine takes for the same name is the same here. */
export const nameKey = (name: string): string =>
  name.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ')

/** A name as it is kept: trimmed, on one line. */
export const tidied = (name: string): string => name.trim().replace(/\s+/g, ' ')

/** Whether `name` means none but the thing of this id, or no thing at all. */
export const isAlone = <Thing extends { id: number; name: string }>(
  { id, name }: Thing,
  things: readonly Thing[],
): boolean => things.every((other) => other.id === id || nameKey(other.name) !== nameKey(name))

/** The former and the present name of each thing that is called otherwise now. */
export function renames<Thing extends { id: number; name: string }>(
  before: readonly Thing[],
  now: readonly Thing[],
): { before: string; now: string }[] {
  const names = new Map(now.map(({ id, name }) => [id, name]))
  return before.flatMap((thing) => {
    const name = names.get(thing.id)
    if (name === undefined || name === thing.name || !isAlone(thing, now)) return []
    return [{ before: thing.name, now: name }]
  })
}

export interface Ranked<Thing> {
  /** Of this very name. */
  exact: Thing[]
  beginning: Thing[]
  /** With another word that begins so. */
  inside: Thing[]
}

/** The things that `text` may name, each list in the order of `things`. */
export function ranked<Thing extends { name: string }>(
  text: string,
  things: readonly Thing[],
): Ranked<Thing> {
  const typed = nameKey(text)
  const result: Ranked<Thing> = { exact: [], beginning: [], inside: [] }
  for (const thing of things) {
    const key = nameKey(thing.name)
    if (key === typed) result.exact.push(thing)
    else if (key.startsWith(typed)) result.beginning.push(thing)
    else if (key.includes(` ${typed}`)) result.inside.push(thing)
  }
  return result
}
