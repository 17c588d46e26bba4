import { describe, expect, it } from 'vitest'
import type { PhotoId } from '../../../contract/domain.ts'
import {
  countOf,
  everything,
  isSelected,
  narrowed,
  nothing,
  type Selection,
  targetOf,
  toggled,
  withPhotos,
} from '../../../renderer/selection/selection.ts'

const photo = (id: number) => id as PhotoId
const photos = (...ids: number[]): Selection => withPhotos(nothing, ids.map(photo))
const narrowedTo = (selection: Selection, asked: number[], found: number[]) =>
  narrowed(selection, new Set(asked.map(photo)), found.map(photo))

describe('a selection of single photos', () => {
  it('has what was selected, each once', () => {
    const selection = withPhotos(toggled(nothing, photo(3)), [photo(3), photo(5)])
    expect(targetOf(selection, 10)).toEqual({ ids: [3, 5] })
    expect(countOf(selection, 10)).toBe(2)
    expect([3, 4].map((id) => isSelected(selection, photo(id)))).toEqual([true, false])
  })

  it('lets go what is selected a second time, and is nothing without photos', () => {
    expect(targetOf(toggled(photos(1, 2), photo(1)), 10)).toEqual({ ids: [2] })
    expect(targetOf(toggled(photos(1), photo(1)), 10)).toBeNull()
  })

  it('never changes one that was made before', () => {
    const before = photos(1)
    toggled(before, photo(2))
    withPhotos(before, [photo(2)])
    expect(targetOf(before, 10)).toEqual({ ids: [1] })
  })

  it('drops what its search no longer finds, and keeps what was selected since it was asked', () => {
    const selection = photos(1, 2, 3)
    expect(narrowedTo(selection, [1, 2], [2])).toEqual(photos(2, 3))
    expect(narrowedTo(selection, [1, 2, 3], [3, 2, 1])).toBe(selection)
    expect(narrowedTo(photos(1, 2), [1, 2], [])).toEqual(nothing)
  })
})

describe('everything that a search finds', () => {
  const all = everything('dog')

  it('is the search itself, never its photos', () => {
    expect(targetOf(all, 1_000_000)).toEqual({ query: 'dog' })
    expect(countOf(all, 1_000_000)).toBe(1_000_000)
    expect(isSelected(all, photo(7))).toBe(true)
    expect(targetOf(all, 0)).toBeNull()
  })

  it('names what is excepted', () => {
    const selection = toggled(toggled(all, photo(7)), photo(8))
    expect(targetOf(selection, 10)).toEqual({ query: 'dog', except: [7, 8] })
    expect(countOf(selection, 10)).toBe(8)
    expect(isSelected(selection, photo(7))).toBe(false)
    expect(targetOf(withPhotos(selection, [photo(7), photo(9)]), 10)).toEqual({
      query: 'dog',
      except: [8],
    })
    expect(targetOf(toggled(toggled(all, photo(7)), photo(7)), 10)).toEqual({ query: 'dog' })
  })

  it('forgets exceptions that are not found any more, so that the count stays right', () => {
    const selection = toggled(toggled(all, photo(7)), photo(8))
    expect(countOf(narrowedTo(selection, [7, 8], [8]), 9)).toBe(8)
  })

  it('is nothing when all are excepted', () => {
    expect(targetOf(toggled(all, photo(7)), 1)).toBeNull()
  })
})
