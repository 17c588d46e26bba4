/** Numbers in names count as numbers, so that IMG_9 stands before IMG_10. */
const DIGITS = 15
const sortKey = (name: string): string =>
  name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(DIGITS, '0'))

/**
 * For each photo id, where it stands when all photos are ordered by the name of their first file.
 * A rank is a number, so ordering a result later compares no strings.
 */
export function nameRanks(names: Iterable<readonly [photo: number, name: string]>): Int32Array {
  const keys: (string | undefined)[] = []
  const photos: number[] = []
  for (const [photo, name] of names) {
    if (keys[photo] !== undefined) continue
    keys[photo] = sortKey(name)
    photos.push(photo)
  }
  photos.sort((a, b) => {
    const [left = '', right = ''] = [keys[a], keys[b]]
    return left < right ? -1 : left > right ? 1 : a - b
  })
  const ranks = new Int32Array(keys.length)
  for (const [rank, photo] of photos.entries()) ranks[photo] = rank
  return ranks
}
