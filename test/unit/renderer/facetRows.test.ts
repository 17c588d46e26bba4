import { describe, expect, it } from 'vitest'
import type { Facet } from '../../../contract/domain.ts'
import {
  facetRows,
  moveInTree,
  openPaths,
  rowAt,
  toggled,
} from '../../../renderer/panel/facetRows.ts'

const facet = (name: string, ...children: Facet[]): Facet => ({
  wnid: name,
  name,
  own: false,
  count: 1,
  children,
})
const dog = facet('dog', facet('beagle'), facet('Samoyed'))
const facets = [facet('animal', dog, facet('cat')), facet('toy', facet('toy dog'), facet('ball'))]

const shown = (open: string[], filter = '') =>
  facetRows(facets, new Set(open), filter).map((row) => `${row.level} ${row.facet.name}`)

describe('the rows of the class tree', () => {
  it('are the top level until something is opened', () => {
    expect(shown([])).toEqual(['1 animal', '1 toy'])
    expect(shown(['animal'])).toEqual(['1 animal', '2 dog', '2 cat', '1 toy'])
  })

  it('leave out what lies open in a closed category', () => {
    expect(shown(['animal/dog'])).toEqual(['1 animal', '1 toy'])
  })

  it('say which can be opened', () => {
    const rows = facetRows(facets, new Set(['animal']), '')
    expect(rows.map((row) => row.expanded)).toEqual([true, false, null, false])
  })

  it('show the way to every match of a filter, and no others', () => {
    expect(shown([], 'SAMO')).toEqual(['1 animal', '2 dog', '3 Samoyed'])
    expect(shown([], 'dog')).toEqual(['1 animal', '2 dog', '1 toy', '2 toy dog'])
    expect(shown([], 'zebra')).toEqual([])
  })

  it('let a match be opened', () => {
    expect(shown(['animal/dog'], 'dog')).toContain('3 beagle')
  })

  it('open a category that stands alone, until it is closed', () => {
    const alone = [facet('animal', dog)]
    expect(openPaths(alone, new Set())).toEqual(new Set(['animal']))
    expect(openPaths(alone, toggled(new Set(), 'animal'))).toEqual(new Set())
    expect(openPaths(facets, new Set())).toEqual(new Set())
  })
})

describe('the row that has the focus', () => {
  const rows = facetRows([dog, facets[1] ?? dog], new Set(), '')

  it.each([
    ['stays where it is', 'toy', 'toy'],
    ['goes with its class to another place in the tree', 'animal/dog', 'dog'],
    ['is the first when its class is gone', 'animal/cat', 'dog'],
    ['is the first at first', null, 'dog'],
  ])('%s', (_what, path, expected) => {
    expect(rowAt(rows, path)?.path).toBe(expected)
  })

  it('is none where there are no rows', () => {
    expect(rowAt([], 'animal')).toBeUndefined()
  })
})

describe('keys in the class tree', () => {
  const rows = facetRows(facets, new Set(['animal']), '')

  it.each([
    ['ArrowDown', 'animal', { focus: 'animal/dog' }],
    ['ArrowUp', 'toy', { focus: 'animal/cat' }],
    ['ArrowUp', 'animal', null],
    ['ArrowRight', 'toy', { toggle: 'toy' }],
    ['ArrowRight', 'animal', { focus: 'animal/dog' }],
    ['ArrowRight', 'animal/cat', null],
    ['ArrowLeft', 'animal', { toggle: 'animal' }],
    ['ArrowLeft', 'animal/cat', { focus: 'animal' }],
    ['ArrowLeft', 'toy', null],
    ['Home', 'toy', { focus: 'animal' }],
    ['End', 'animal', { focus: 'toy' }],
    ['x', 'animal', null],
  ])('%s on %s', (key, path, move) => {
    expect(moveInTree(rows, path, key)).toEqual(move)
  })
})
