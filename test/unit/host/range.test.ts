import { describe, expect, test } from 'vitest'
import { parseRange } from '../../../main/host/range.ts'

describe('parseRange', () => {
  test.each([
    [null, { kind: 'full' }],
    ['bytes=0-3', { kind: 'part', start: 0, end: 3 }],
    ['bytes=4-', { kind: 'part', start: 4, end: 9 }],
    ['bytes=-3', { kind: 'part', start: 7, end: 9 }],
    ['bytes=-30', { kind: 'part', start: 0, end: 9 }],
    ['bytes=8-99', { kind: 'part', start: 8, end: 9 }],
    ['bytes=10-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=5-2', { kind: 'full' }],
    ['bytes=0-1,4-5', { kind: 'full' }],
    ['bytes=-', { kind: 'full' }],
    ['lines=0-1', { kind: 'full' }],
  ])('of ten bytes, %s is %o', (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected)
  })

  test('no part of an empty file can be had', () => {
    expect(parseRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' })
    expect(parseRange('bytes=-5', 0)).toEqual({ kind: 'unsatisfiable' })
  })
})
