/** So many sentences are remembered. */
const MOST = 1000

/** Tells each sentence once: scan after scan finds the same. */
export function sayOnce(log: (line: string) => void): (sentence: string) => void {
  const said = new Set<string>()
  return (sentence) => {
    if (said.has(sentence)) return
    if (said.size === MOST) said.clear()
    said.add(sentence)
    log(sentence)
  }
}
