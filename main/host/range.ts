/** The one range of bytes that a request asks for. Multi-range requests are answered in full. */
export type RangeRequest =
  | { kind: 'full' }
  /** Both ends inclusive. */
  | { kind: 'part'; start: number; end: number }
  | { kind: 'unsatisfiable' }

/** `header`: the value of `Range`; `size`: bytes of the whole. RFC 9110, section 14. */
export function parseRange(header: string | null, size: number): RangeRequest {
  const match = header === null ? null : /^bytes=(\d*)-(\d*)$/.exec(header.trim())
  const [, first = '', last = ''] = match ?? []
  if (first === '' && last === '') return { kind: 'full' }
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0
      ? { kind: 'unsatisfiable' }
      : { kind: 'part', start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return { kind: 'full' }
  return start < size ? { kind: 'part', start, end } : { kind: 'unsatisfiable' }
}
