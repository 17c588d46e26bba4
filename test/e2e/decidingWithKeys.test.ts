/** Correcting and teaching what the model saw, without a mouse: fast, and never lost. */
import { basename } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../support/chromium.ts'
import {
  expectFocus,
  expectSelected,
  lastChange,
  namesIn,
  sortByName,
  told,
} from '../support/deciding.ts'
import { keysOf } from '../support/keys.ts'
import { createPhotoWorld, type PhotoWorld } from '../support/photoWorld.ts'
import { openSession, type Session } from '../support/session.ts'
import { type AlbumenWindow, eventually } from '../support/window.ts'

describe.skipIf(!chromiumPath)('deciding with the keyboard alone', () => {
  let world: PhotoWorld
  let session: Session
  let window: AlbumenWindow

  beforeAll(async () => {
    world = await createPhotoWorld()
    session = await openSession([world.photos, '--library', world.library, '--model', world.model])
    window = session.window
    await window.upToDate()
    await sortByName(window, world.names())
  })
  afterAll(async () => {
    await session?.close()
    world?.remove()
  })
  afterEach(async () => {
    expect(window.problems()).toEqual([])
    await expectFocus(window)
  })

  const { press, type, focused, go, tabTo } = keysOf(() => window.page)
  const seen = (name: string) =>
    world.known.find(({ path }) => basename(path) === name)?.shows ?? 'unknown'
  const named = (begin: string) => world.names().filter((name) => name.startsWith(begin))
  const active = () =>
    window.grid.evaluate(
      (grid) =>
        document.getElementById(grid.getAttribute('aria-activedescendant') ?? '')?.ariaLabel,
    )
  const viewer = () => window.dialog('Viewer')
  const place = () => viewer().locator('.viewer-place').textContent()
  const field = (name: string) => eventually(focused).toBe(`combobox ${name}`)

  /** Searches, and goes on to the first photo. */
  async function toPhotos(query: string, names: readonly string[]) {
    await press('/', 'ControlOrMeta+a', 'Delete')
    await type(query)
    await press('Enter')
    await window.expectPhotos(names)
    await press('ArrowDown')
    await eventually(focused).toBe('grid Photos')
    await press('Home')
  }

  test('selects one by one, a stretch that grows and shrinks, everything, and nothing', async () => {
    await toPhotos('name:IMG_10', named('IMG_10'))
    await press('x')
    await expectSelected(window, ['IMG_1001.JPEG'])
    await press('ArrowRight', 'ArrowRight', 'Space')
    await expectSelected(window, ['IMG_1001.JPEG', 'IMG_1003.JPEG'])
    await press('Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowLeft')
    await eventually(active).toBe('IMG_1006.JPEG')
    await expectSelected(window, [
      'IMG_1001.JPEG',
      ...['IMG_1003.JPEG', 'IMG_1005.JPEG', 'IMG_1006.JPEG'],
    ])
    await press('Shift+Home')
    await expectSelected(window, ['IMG_1001.JPEG', 'IMG_1002.JPEG', 'IMG_1003.JPEG'])
    await press('Escape')
    await expectSelected(window, [])
    await press('ControlOrMeta+a')
    const count = await window.page.locator('.result-count').textContent()
    await window.page.getByText(`All ${count} selected`, { exact: true }).waitFor()
    await press('x')
    await window.page.getByText(/^\d+ of \d+ photos selected$/).waitFor()
    await press('Escape')
    await eventually(focused).toBe('grid Photos')
  })

  test('tags one photo, the same again elsewhere, and several; undoes and makes again', async () => {
    await toPhotos('name:IMG_100', named('IMG_100'))
    await press('t')
    await field('Tag IMG_1001.JPEG')
    await type('Rex')
    await press('Enter')
    await told(window, 'Tag 1 photo “Rex”')
    await eventually(focused).toBe('grid Photos')
    await press('ArrowRight', 'Shift+T')
    await press('ArrowRight', 't')
    await field('Tag IMG_1003.JPEG')
    await press('Enter')
    await press('ArrowRight', 'x', 'Shift+ArrowRight', 't')
    await field('Tag 2 photos')
    await type('re')
    await window.page.getByRole('option', { name: 'Rex' }).waitFor()
    await press('Enter')
    await told(window, 'Tag 2 photos “Rex”')
    await press('Escape')
    await expectSelected(window, [])
    const tagged = ['IMG_1001.JPEG', 'IMG_1002.JPEG', 'IMG_1003.JPEG']
    await press('ControlOrMeta+z')
    await told(window, 'Undone: Tag 2 photos “Rex”')
    await toPhotos('Rex', tagged)
    await press('Shift+ControlOrMeta+Z')
    await told(window, 'Done again: Tag 2 photos “Rex”')
    await eventually(() => window.grid.getByRole('gridcell').count()).toBe(5)
    await press('ControlOrMeta+z')
    await window.expectPhotos(tagged)
    await press('ControlOrMeta+y')
    await eventually(() => window.grid.getByRole('gridcell').count()).toBe(5)
    // In a field the keys are about what is typed there.
    await press('/', 'ControlOrMeta+z')
    await go('Escape', /^grid/)
    await toPhotos('Rex', [...tagged, 'IMG_1005.JPEG', 'IMG_1006.JPEG'])
  })

  test('rates, rejects and takes back; the focus stays with the photos that are left', async () => {
    await toPhotos('Rex name:IMG_1001', ['IMG_1001.JPEG'])
    await press('3')
    await told(window, 'Rate 1 photo 3 of 5')
    await press('r')
    await field('Reject a tag of IMG_1001.JPEG')
    await type('rex')
    await press('Enter')
    await told(window, 'Take back “Rex” on 1 photo')
    await window.page.getByText('Nothing found for').waitFor()
    await eventually(focused).toBe('button Show all photos')
    await press('ControlOrMeta+z')
    await window.expectPhotos(['IMG_1001.JPEG'])
    await eventually(focused).toBe('grid Photos')
    await press('0')
    await told(window, 'Take the rating off 1 photo')
  })

  test('puts photos into an album, new or known, from the grid', async () => {
    await toPhotos('name:IMG_100', named('IMG_100'))
    await press('ControlOrMeta+a', 'a')
    await field('Add to album')
    await type('Zoo')
    await press('Enter')
    await told(window, /^Put \d photos into “Zoo”$/)
    await press('Escape', 'End', 'a')
    await field('Add to album')
    await press('Escape')
    await eventually(focused).toBe('grid Photos')
  })

  describe('looks at one photo after the other', () => {
    const [one, two] = ['IMG_1001.JPEG', 'IMG_1002.JPEG'] as const

    test('and says of the marked tag that it is right or wrong', async () => {
      await toPhotos('name:IMG_100', named('IMG_100'))
      await press('Enter')
      await eventually(place).toBe('1 of 8')
      const marked = () => viewer().locator('[data-current=true] .tag-name').allTextContents()
      await eventually(marked).toEqual([seen(one)])
      await press('y')
      await told(window, `Tag 1 photo “${seen(one)}”`)
      await eventually(marked).toEqual([])
      // A second press says nothing that was not meant.
      await press('y')
      await press('ArrowRight')
      await eventually(place).toBe('2 of 8')
      await eventually(marked).toEqual([seen(two)])
      await press('n')
      await told(window, `Reject “${seen(two)}” on 1 photo`)
      await eventually(() => namesIn(window, 'Tags')).not.toContain(seen(two))
      await press('ControlOrMeta+z')
      await eventually(() => namesIn(window, 'Tags')).toContain(seen(two))
    })

    test('and of another tag, without losing the place', async () => {
      const row = (name: string) => new RegExp(`^button ${name}`)
      await go('ArrowDown', row(seen(two)))
      await press('n')
      await eventually(() => namesIn(window, 'Tags')).not.toContain(seen(two))
      await expectFocus(window)
      await press('ArrowRight')
      await eventually(place).toBe('3 of 8')
      await eventually(focused).toMatch(/^div/)
      await press('ArrowLeft')
      await eventually(place).toBe('2 of 8')
    })

    test('and the keys go on working when what had the focus is hidden or disabled', async () => {
      const photo = () => eventually(focused).toMatch(/^div/)
      await go('ArrowDown', /^button/)
      await press('i')
      await photo()
      await press('i')
      await viewer().getByRole('complementary', { name: 'Information' }).waitFor()
      await tabTo('button Zoom in')
      await press('Enter')
      await tabTo('button Fit to window')
      await press('Enter')
      await photo()
      await tabTo('button Previous photo')
      await press('Enter')
      await eventually(place).toBe('1 of 8')
      await photo()
      await press('ArrowRight')
      await eventually(place).toBe('2 of 8')
    })

    test('and gives tags, stars and albums, each a key away from the next photo', async () => {
      await press('t')
      await type('frisbee')
      await press('Enter')
      await eventually(() => namesIn(window, 'Tags')).toContain('frisbee')
      await press('ArrowRight', 'Shift+T')
      await eventually(place).toBe('3 of 8')
      await eventually(() => namesIn(window, 'Tags')).toContain('frisbee')
      await press('5')
      await told(window, 'Rate 1 photo 5 of 5')
      await press('a')
      await type('best')
      await press('Enter')
      await told(window, 'Put 1 photo into “best”')
      await press('t')
      await type('never')
      await press('Escape', 'ArrowRight')
      await eventually(place).toBe('4 of 8')
      expect(await namesIn(window, 'Tags')).not.toContain('never')
      await press('Escape')
      await viewer().waitFor({ state: 'detached' })
      await eventually(focused).toBe('grid Photos')
      await eventually(active).toBe('IMG_1005.JPEG')
    })

    test('and goes on with the next when a photo is no longer found', async () => {
      await toPhotos('frisbee', [two, 'IMG_1003.JPEG'])
      await press('Enter')
      await eventually(place).toBe('1 of 2')
      await go('ArrowDown', /^button frisbee/)
      await press('n')
      await eventually(place).toBe('No longer found')
      await press('ArrowRight')
      await eventually(place).toBe('1 of 1')
      await viewer().getByRole('img', { name: 'IMG_1003.JPEG' }).waitFor()
      await press('Escape')
      await eventually(focused).toBe('grid Photos')
    })
  })

  test('keeps albums: makes, renames and removes one, and looks into another', async () => {
    await tabTo('button New album')
    await press('Enter')
    await eventually(focused).toBe('input Name of the new album')
    await type('Aunt Ada')
    await press('Enter')
    await eventually(focused).toBe('button Aunt Ada')
    await press('F2')
    await eventually(focused).toBe('input New name of Aunt Ada')
    await type('Uncle Bob')
    await press('Enter')
    await eventually(focused).toBe('button Uncle Bob')
    await press('ArrowUp')
    await eventually(focused).toBe('button best')
    await press('Enter')
    await window.expectPhotos(['IMG_1003.JPEG'])
    await press('ArrowDown', 'Delete')
    await window.dialog('Remove the album “Uncle Bob”?').waitFor()
    await tabTo('button Remove')
    await press('Enter')
    await told(window, 'Remove the album “Uncle Bob”')
    await eventually(focused).toBe('button Zoo')
  })

  test('renames, merges and removes tags', async () => {
    await press('m')
    const dialog = window.dialog('Tags')
    const chosen = () =>
      dialog.locator('[role=option][aria-selected=true]').getAttribute('aria-label')
    await eventually(focused).toBe('input Filter tags')
    await type('fris')
    await press('ArrowDown')
    await eventually(focused).toBe('listbox Tags')
    await eventually(chosen).toBe('frisbee')
    await press('F2')
    await eventually(focused).toBe('input New name of frisbee')
    await type('our frisbee')
    await press('Enter')
    await told(window, 'Rename “frisbee” to “our frisbee”')
    await eventually(focused).toBe('listbox Tags')
    await go('Shift+Tab', /^input Filter tags$/)
    await press('Escape')
    await type('our f')
    await eventually(chosen).toBe('our frisbee')
    await press('Enter', 'm')
    await field('Merge our frisbee into')
    await type('rex')
    await window.page.getByRole('option', { name: 'Rex' }).last().waitFor()
    await press('Enter')
    await told(window, 'Merge “our frisbee” into “Rex”')
    await eventually(focused).toBe('listbox Tags')
    await press('ControlOrMeta+z')
    await eventually(chosen).toBe('our frisbee')
    await go('Shift+Tab', /^input Filter tags$/)
    await press('Escape', 'Tab', 'ArrowDown', 'Tab')
    await eventually(() => dialog.getByRole('listbox').getByRole('option').count()).toBe(2)
    const removeChosen = async (name: string) => {
      await eventually(chosen).toBe(name)
      await press('Delete')
      await window.dialog(`Remove the tag “${name}”?`).waitFor()
      await tabTo('button Remove')
      await press('Enter')
      await told(window, `Remove the tag “${name}”`)
    }
    await removeChosen('our frisbee')
    await eventually(focused).toBe('listbox Tags')
    await removeChosen('Rex')
    // Nothing is left in the list.
    await eventually(focused).toBe('input Filter tags')
    await lastChange(window).waitFor()
    await press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })
})
