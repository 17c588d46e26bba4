/** Ids of photos, in an order. SQLite counts rows up from 1, so 32 bits hold two thousand million. */
export type PhotoIds = Int32Array<ArrayBuffer>

/** Which photos are meant: one bit for each id below `32 * length`. Never changed once made. */
export type PhotoSet = Uint32Array<ArrayBuffer>

/** How many words a set of these photos takes. */
export function setLength(ids: PhotoIds): number {
  let largest = 0
  for (const id of ids) if (id > largest) largest = id
  return (largest >>> 5) + 1
}

/** The photos of several lists; those beyond `length` words are left out. */
export function setOf(length: number, lists: Iterable<PhotoIds>): PhotoSet {
  const set = new Uint32Array(length)
  for (const ids of lists) {
    for (const id of ids) {
      const word = id >>> 5
      if (word < length) set[word] = (set[word] ?? 0) | (1 << (id & 31))
    }
  }
  return set
}

export const has = (set: PhotoSet, id: number): boolean =>
  ((set[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0

export const both = (a: PhotoSet, b: PhotoSet): PhotoSet =>
  a.map((word, index) => word & (b[index] ?? 0))

export const either = (a: PhotoSet, b: PhotoSet): PhotoSet =>
  a.map((word, index) => word | (b[index] ?? 0))

export const allBut = (set: PhotoSet): PhotoSet => set.map((word) => ~word)
