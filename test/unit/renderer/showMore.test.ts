import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { ShowMore } from '../../../renderer/dialogs/ShowMore.tsx'

const shown = (rows: number, total: number, limit: number) =>
  renderToStaticMarkup(createElement(ShowMore, { rows, total, limit, onLimit: () => {} }))

it('a list of which all is shown ends there', () => {
  expect(shown(40, 40, 100)).toBe('')
  expect(shown(100, 100, 100)).toBe('')
  expect(shown(1000, 1000, 1000)).toBe('')
})

it('a list of which more is there offers it', () => {
  expect(shown(100, 101, 100)).toContain('Show more')
})

it('a list that is too long for rows says how much is left', () => {
  expect(shown(1000, 2234, 1000)).toContain('1,234 more photos follow when')
  expect(shown(1000, 1001, 1000)).toContain('1 more photo follows when')
})
