/** Correcting and teaching what the model saw, with the mouse. */
import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../support/chromium.ts'
import { expectSelected, lastChange, namesIn, sortByName, told } from '../support/deciding.ts'
import { diskTree } from '../support/diskTree.ts'
import { readCsv } from '../support/exportedFiles.ts'
import { createPhotoWorld, type PhotoWorld } from '../support/photoWorld.ts'
import { openSession, type Session } from '../support/session.ts'
import { type AlbumenWindow, eventually } from '../support/window.ts'

describe.skipIf(!chromiumPath)('deciding with the mouse', () => {
  let world: PhotoWorld
  let before: ReturnType<typeof diskTree>
  let session: Session
  let window: AlbumenWindow

  beforeAll(async () => {
    world = await createPhotoWorld()
    before = diskTree(world.photos)
    session = await openSession([world.photos, '--library', world.library, '--model', world.model])
    window = session.window
    await window.upToDate()
    await sortByName(window, world.names())
  })
  afterAll(async () => {
    await session?.close()
    world?.remove()
  })
  afterEach(() => {
    expect(window.problems()).toEqual([])
    expect(diskTree(world.photos)).toEqual(before)
  })

  const cell = (name: string) => window.grid.getByRole('gridcell', { name })
  const inBar = (name: string | RegExp) =>
    window.page
      .getByRole('region', { name: 'Selection' })
      .getByRole('button', { name, exact: true })
  const pick = async (...names: string[]) => {
    for (const name of names) await cell(name).click({ modifiers: ['ControlOrMeta'] })
    await expectSelected(window, names)
  }
  const option = (name: string | RegExp) => window.page.getByRole('option', { name })
  const everything = async () => {
    await window.search('')
    await window.expectPhotos(world.names())
  }
  const [one, two, three] = ['IMG_1001.JPEG', 'IMG_1002.JPEG', 'IMG_1003.JPEG'] as const
  const seen = (name: string) =>
    world.known.find(({ path }) => basename(path) === name)?.shows ?? 'unknown'

  describe('selects photos', () => {
    test('one by one, up to another, and none any more, while a click still opens', async () => {
      await pick(one, two)
      await cell(one)
        .getByRole('button', { name: `Deselect ${one}` })
        .click()
      await expectSelected(window, [two])
      await cell('IMG_1005.JPEG').click({ modifiers: ['Shift'] })
      await expectSelected(window, [one, two, three, 'IMG_1005.JPEG'])
      await cell(two).click({ modifiers: ['Shift'] })
      await expectSelected(window, [one, two])
      await inBar('Clear selection').click()
      await expectSelected(window, [])
      await cell(one).click()
      await window.dialog('Viewer').getByRole('button', { name: 'Close', exact: true }).click()
      await expectSelected(window, [])
    })

    test('of which another search keeps those that it finds, and the search alone is left', async () => {
      await pick(one, three)
      await window.search(`name:${one}`)
      await window.expectPhotos([one])
      await expectSelected(window, [one])
      await everything()
      await expectSelected(window, [one])
      await inBar(/^Select all/).click()
      const all = `All ${world.names().length} photos selected`
      await window.page.getByText(all, { exact: true }).waitFor()
      await window.search(`name:${one}`)
      await window.expectPhotos([one])
      await expectSelected(window, [])
      await everything()
    })
  })

  test('gives several photos a new tag, sees it in the panel, and takes it back', async () => {
    await pick(one, three)
    await inBar('Tag…').click()
    await window.page.getByRole('combobox', { name: 'Tag 2 photos' }).fill('my favourites')
    await option('New tag “my favourites”').click()
    await told(window, 'Tag 2 photos “my favourites”')
    const tree = window.page.getByRole('tree', { name: 'Your tags' })
    await tree.getByRole('treeitem', { name: 'my favourites' }).click()
    await window.expectPhotos([one, three])
    expect(await window.box.inputValue()).toBe('tag:"my favourites"')
    await lastChange(window).getByRole('button', { name: 'Undo' }).click()
    await told(window, 'Undone: Tag 2 photos “my favourites”')
    await window.page.getByText('Nothing found for').waitFor()
    await lastChange(window).getByRole('button', { name: 'Redo' }).click()
    await window.expectPhotos([one, three])
    await window.page.getByRole('banner').getByRole('button', { name: 'Undo' }).click()
    await told(window, 'Undone: Tag 2 photos “my favourites”')
    await tree.waitFor({ state: 'detached' })
    await window.button('Show all photos').click()
    await window.expectPhotos(world.names())
  })

  test('rejects a tag, which no rescan and no other look at the photo brings back', async () => {
    const others = world.showing(seen(two)).filter((name) => name !== two)
    await pick(two)
    await inBar('Reject tag…').click()
    await option(seen(two)).click()
    await told(window, `Reject “${seen(two)}” on 1 photo`)
    const isGone = async () => {
      await window.search(`tag:"${seen(two)}"`)
      if (others.length > 0) await window.expectPhotos(others)
      else await window.page.getByText('Nothing found for').waitFor()
      await everything()
    }
    await isGone()
    await window.button('Look for changes').click()
    await window.upToDate()
    await window.button('Settings').click()
    const settings = window.dialog('Settings')
    await settings.getByRole('button', { name: 'Tags', exact: true }).click()
    await settings.getByRole('button', { name: 'Forget what models said…' }).click()
    const question = window.dialog('Forget what models said?')
    await question.getByText('What you said stays').waitFor()
    await question.getByRole('button', { name: 'Forget' }).click()
    await question.waitFor({ state: 'detached' })
    await window.page.keyboard.press('Escape')
    await window.jobs.getByText('Looking at photos').waitFor()
    await window.upToDate()
    await isGone()
  })

  test('decides about the tags of one photo, with a way back from each', async () => {
    await cell(three).click()
    const facts = window.page.getByRole('complementary', { name: 'Information' })
    const button = (name: string) => facts.getByRole('button', { name, exact: true })
    await eventually(() => button(`Accept ${seen(three)}`).getAttribute('aria-pressed')).toBe(
      'false',
    )
    await button(`Accept ${seen(three)}`).click()
    await told(window, `Tag 1 photo “${seen(three)}”`)
    await eventually(() => button(`Accept ${seen(three)}`).getAttribute('aria-pressed')).toBe(
      'true',
    )
    await button(`Reject ${seen(three)}`).click()
    await facts.getByText('Rejected (1)').click()
    await eventually(() => namesIn(window, 'Rejected')).toEqual([seen(three)])
    expect(await namesIn(window, 'Tags')).not.toContain(seen(three))
    await button(`Take back that ${seen(three)} is wrong`).click()
    await eventually(() => namesIn(window, 'Tags')).toContain(seen(three))

    await facts.getByRole('combobox', { name: 'Add a tag' }).fill('whiskers')
    await option('New tag “whiskers”').click()
    await eventually(() => namesIn(window, 'Tags')).toContain('whiskers')
    await button('Remove whiskers').click()
    await eventually(() => namesIn(window, 'Tags')).not.toContain('whiskers')

    await button('4 stars').click()
    await told(window, 'Rate 1 photo 4 of 5')
    await eventually(() => button('4 stars').getAttribute('aria-pressed')).toBe('true')
    await facts.getByRole('combobox', { name: 'Add to album' }).fill('Zoo')
    await option('New album “Zoo”').click()
    await facts.getByRole('button', { name: 'Remove from album Zoo' }).waitFor()
    await window.page.keyboard.press('Escape')
    await window.dialog('Viewer').waitFor({ state: 'detached' })
    await eventually(() => cell(three).getAttribute('aria-description')).toBe('4 stars')
  })

  test('keeps an album: fills it, looks into it, renames it, takes photos out, removes it', async () => {
    const albums = window.page.getByRole('list', { name: 'Albums' })
    const album = (name: string) => albums.getByRole('button', { name, exact: true })
    await pick(one, two)
    await inBar('Add to album…').click()
    await option('Zoo').click()
    await told(window, 'Put 2 photos into “Zoo”')
    await eventually(() => album('Zoo').getAttribute('aria-description')).toBe('3 photos')
    await inBar('Clear selection').click()
    await album('Zoo').click()
    await window.expectPhotos([one, two, three])
    await album('Zoo').hover()
    await window.button('Rename album Zoo').click()
    await window.page.getByRole('textbox', { name: 'New name of Zoo' }).fill('Zürich 2023')
    await window.page.keyboard.press('Enter')
    await told(window, 'Rename the album “Zoo” to “Zürich 2023”')
    await eventually(() => window.box.inputValue()).toBe('in:"Zürich 2023"')
    await window.expectPhotos([one, two, three])
    await pick(one, two)
    await inBar('Remove from “Zürich 2023”').click()
    await window.expectPhotos([three])
    await expectSelected(window, [])
    await album('Zürich 2023').hover()
    await window.button('Remove album Zürich 2023').click()
    const question = window.dialog('Remove the album “Zürich 2023”?')
    await question.getByText('Its 1 photo stays in Albumen').waitFor()
    await question.getByRole('button', { name: 'Remove', exact: true }).click()
    await window.expectPhotos(world.names())
    await eventually(() => albums.getByRole('listitem').count()).toBe(0)
  })

  test('rates what is selected, and exports just that', async () => {
    await pick(one, two)
    await inBar('5 stars').click()
    await told(window, 'Rate 2 photos 5 of 5')
    await eventually(() => cell(one).locator('.cell-stars').textContent()).toBe('5')
    await window.search('rating>=5')
    await window.expectPhotos([one, two])
    await inBar('No stars').click()
    await window.page.getByText('Nothing found for').waitFor()
    await window.button('Show all photos').click()
    await pick(one, 'IMG_1005.JPEG')
    const to = join(world.exports, 'selection')
    mkdirSync(to)
    await inBar('Export selection').click()
    const form = window.dialog('Export')
    await form.getByText('The selection: 2 photos').waitFor()
    await form.getByRole('radio', { name: 'CSV table' }).check()
    await form.getByRole('textbox', { name: 'Destination folder' }).fill(to)
    await form.getByRole('button', { name: 'Start export' }).click()
    const report = window.dialog('Export finished')
    await report.waitFor()
    const [table = ''] = await report.locator('dd.path').allTextContents()
    const exported = readCsv(table).map(({ path = '' }) => basename(path))
    expect(exported.sort()).toEqual([one, 'IMG_1005.JPEG'])
    await report.getByRole('button', { name: 'Done' }).click()
    await inBar('Clear selection').click()
  })

  test('fits into the smallest window that the desktop allows', async () => {
    const { page } = window
    const size = page.viewportSize() ?? { width: 0, height: 0 }
    await page.setViewportSize({ width: 640, height: 480 })
    await pick(one)
    const beyond = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('body *')]
          .filter((element) => element.checkVisibility())
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
          .map((element) => element.outerHTML),
      )
    await eventually(beyond).toEqual([])
    expect(await window.button('Help').isVisible()).toBe(true)
    expect((await inBar('5 stars').boundingBox())?.width).toBe(24)
    await inBar('Clear selection').click()
    await page.setViewportSize(size)
  })

  test('renames, merges and removes tags, and the search goes along', async () => {
    const { page } = window
    await pick(one, two)
    for (const name of ['first', 'second']) {
      await inBar('Tag…').click()
      await page.getByRole('combobox', { name: 'Tag 2 photos' }).fill(name)
      await page.keyboard.press('Enter')
      await told(window, `Tag 2 photos “${name}”`)
    }
    await window.search('tag:first')
    await window.expectPhotos([one, two])
    await window.button('Manage tags').click()
    const dialog = window.dialog('Tags')
    const tag = (name: string) => dialog.getByRole('option', { name, exact: true })
    await dialog.getByRole('combobox', { name: 'Whose tags' }).selectOption('Yours')
    await eventually(() => dialog.getByRole('listbox').getByRole('option').count()).toBe(2)
    await tag('first').click()
    await dialog.getByRole('button', { name: 'Rename…' }).click()
    await dialog.getByRole('textbox', { name: 'New name of first' }).fill('Second')
    await dialog.getByRole('button', { name: 'Rename', exact: true }).click()
    await dialog.getByRole('alert').getByText('There is a tag “second” already').waitFor()
    await dialog.getByRole('button', { name: 'Merge into “second”' }).click()
    await told(window, 'Merge “first” into “second”')
    await tag('first').waitFor({ state: 'detached' })
    // The search goes on with what is left of it.
    const searched = () => window.box.inputValue()
    await eventually(searched).toBe('tag:second')
    await dialog.getByRole('button', { name: 'Rename…' }).click()
    await dialog.getByRole('textbox', { name: 'New name of second' }).fill('third')
    await page.keyboard.press('Enter')
    await tag('third').waitFor()
    await eventually(searched).toBe('tag:third')
    await lastChange(window).getByRole('button', { name: 'Undo' }).click()
    await eventually(searched).toBe('tag:second')
    await lastChange(window).getByRole('button', { name: 'Redo' }).click()
    await eventually(searched).toBe('tag:third')
    await dialog.getByRole('button', { name: 'Remove…' }).click()
    const question = window.dialog('Remove the tag “third”?')
    await question.getByText('which stay in Albumen').waitFor()
    await question.getByRole('button', { name: 'Remove', exact: true }).click()
    await dialog.getByText('You have no tags of your own yet.').waitFor()
    await eventually(searched).toBe('')
    await lastChange(window).getByRole('button', { name: 'Undo' }).click()
    await tag('third').dblclick()
    await window.expectPhotos([one, two])
  })
})
