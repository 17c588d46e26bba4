/** Everything of the main way, without a mouse. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../support/chromium.ts'
import { filesBelow } from '../support/diskTree.ts'
import { keysOf } from '../support/keys.ts'
import { createPhotoWorld, dogs, type PhotoWorld } from '../support/photoWorld.ts'
import { openSession, type Session } from '../support/session.ts'
import { type AlbumenWindow, eventually } from '../support/window.ts'

describe.skipIf(!chromiumPath)('with the keyboard alone', () => {
  let world: PhotoWorld
  let folder: string
  let session: Session
  let window: AlbumenWindow
  const names = () => readdirSync(folder).sort()
  const dogsHere = () => world.showing(...dogs).filter((name) => names().includes(name))

  beforeAll(async () => {
    world = await createPhotoWorld()
    folder = join(world.photos, '2007', 'Tag im Zoo')
    session = await openSession(['--library', world.library, '--model', world.model])
    window = session.window
  })
  afterAll(async () => {
    await session?.close()
    world?.remove()
  })
  afterEach(() => expect(window.problems()).toEqual([]))

  const { press, type, focused, go, tabTo } = keysOf(() => window.page)

  test('adds a folder', async () => {
    await window.button('Add folder').waitFor()
    await tabTo('button Add folder')
    await press('Enter')
    await eventually(focused).toBe('input Folder path')
    await type(folder)
    await press('Enter')
    await tabTo('button Add this folder')
    await press('Enter')
    await window.expectPhotos(names())
    await window.upToDate()
  })

  test('searches, and goes from the search to the photos and back', async () => {
    await press('/')
    await eventually(focused).toBe('combobox Search photos')
    await type('tag:dog')
    await press('Enter')
    await window.expectPhotos(dogsHere())
    await press('ArrowDown')
    await eventually(focused).toBe('grid Photos')
    await press('/')
    await eventually(focused).toBe('combobox Search photos')
    await press('Escape')
    await window.expectPhotos(names())
    await press('Escape')
    await eventually(focused).toBe('grid Photos')
  })

  test('looks at a photo, near and far, with and without its information', async () => {
    await press('End')
    await press('Enter')
    const viewer = window.dialog('Viewer')
    const place = () => viewer.locator('.viewer-place').textContent()
    const count = names().length
    await eventually(place).toBe(`${count} of ${count}`)
    await viewer.locator('img[data-loaded=true]').waitFor()
    const width = async () =>
      (await viewer.locator('img[data-loaded=true]').boundingBox())?.width ?? 0
    const fitted = await width()
    await press('+')
    await eventually(width).toBeGreaterThan(fitted * 1.2)
    await press('f')
    await eventually(async () => Math.round(await width())).toBe(Math.round(fitted))
    const information = viewer.getByRole('complementary', { name: 'Information' })
    await information.waitFor()
    await press('i')
    await information.waitFor({ state: 'detached' })
    await press('i')
    await information.waitFor()
    await press('ArrowLeft')
    await eventually(place).toBe(`${count - 1} of ${count}`)
    await press('Escape')
    await viewer.waitFor({ state: 'detached' })
    await eventually(focused).toBe('grid Photos')
  })

  test('searches by class and leaves one out', async () => {
    await tabTo('input Filter classes')
    await type('dog')
    const row = window.page.getByRole('treeitem', { name: 'dog', exact: true }).first()
    await row.waitFor()
    await go('Tab', /^treeitem/)
    await go('ArrowDown', /^treeitem dog$/)
    await press('Enter')
    await window.expectPhotos(dogsHere())
    await eventually(focused).toBe('treeitem dog')
    await press('Enter')
    await window.expectPhotos(names())
    await eventually(focused).toBe('treeitem dog')
    await press('-')
    await window.expectPhotos(names().filter((name) => !dogsHere().includes(name)))
  })

  test('exports what is shown', async () => {
    const to = join(world.exports, 'others')
    mkdirSync(to)
    await tabTo('button Export')
    await press('Enter')
    await eventually(focused).toBe('input Folders of copies')
    await press('ArrowDown')
    await press('ArrowDown')
    await tabTo('input Destination folder')
    await type(to)
    await press('Enter')
    await window.dialog('Export finished').waitFor()
    await eventually(focused).toBe('button Done')
    await press('Enter')
    await window.dialog('Export finished').waitFor({ state: 'detached' })
    expect(filesBelow(to)).toEqual(['albumen-export.csv', 'albumen-export.csv.manifest.json'])
  })

  test('reads the help, and hides the panel', async () => {
    await press('?')
    const help = window.dialog('Keyboard and search')
    await help.waitFor()
    await press('Escape')
    await help.waitFor({ state: 'detached' })
    const panel = window.page.getByRole('complementary', { name: 'Side panel' })
    await press('b')
    await panel.waitFor({ state: 'detached' })
    await press('b')
    await panel.waitFor()
  })

  test('removes the folder, after being asked', async () => {
    await tabTo('button Remove folder Tag im Zoo')
    await press('Enter')
    await eventually(focused).toBe('button Cancel')
    await tabTo('button Remove')
    await press('Enter')
    await window.page.getByRole('heading', { name: 'Find your photos' }).waitFor()
    expect(names()).not.toEqual([])
  })
})
