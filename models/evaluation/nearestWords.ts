import { normalised } from '../taxonomy/words.ts'

/**
 * Up to `count` of `candidates` that are spelt most alike, best first: those that hold the word
 * whole, then those with the fewest letters to change, if these are not too many.
 */
export function nearestWords(word: string, candidates: readonly string[], count: number): string[] {
  const wanted = normalised(word)
  if (wanted === '') return []
  const most = Math.max(1, Math.floor(wanted.length / 3))
  return candidates
    .map((candidate) => ({ candidate, distance: distanceTo(normalised(candidate), wanted, most) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || a.candidate.length - b.candidate.length)
    .slice(0, count)
    .map(({ candidate }) => candidate)
}

function distanceTo(name: string, wanted: string, most: number): number {
  if (` ${name} `.includes(` ${wanted} `)) return 0
  if (Math.abs(name.length - wanted.length) > most) return Number.POSITIVE_INFINITY
  return editDistance(name, wanted)
}

/**
 * Letters to insert, drop, replace, or swap with their neighbour: the "optimal string alignment"
 * distance, by rows of its table.
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      let best = Math.min(
        (last[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (last[column - 1] as number) + (same ? 0 : 1),
      )
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (swapped && row > 1 && column > 1) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1)
      current.push(best)
    }
    beforeLast = last
    last = current
  }
  return last[to.length] as number
}
