/** What a person may do while photos are looked at, and what may happen to Albumen meanwhile. */
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { groupOf } from '../support/app.ts'
import { chromiumPath } from '../support/chromium.ts'
import { diskTree } from '../support/diskTree.ts'
import { createLargeWorld, type PhotoWorld, writePhoto } from '../support/photoWorld.ts'
import { openSession, type Session } from '../support/session.ts'
import { eventually } from '../support/window.ts'

const photosIn = { a: 45, b: 45, c: 25 }

describe.skipIf(!chromiumPath)('while photos are looked at', () => {
  let world: PhotoWorld
  let before: ReturnType<typeof diskTree>
  let session: Session

  beforeAll(async () => {
    world = await createLargeWorld(photosIn)
    before = diskTree(world.photos)
    session = await openSession(['--library', world.library, '--model', world.model])
  })
  afterAll(async () => {
    await session?.close()
    world?.remove()
  })
  afterEach(() => expect(diskTree(world.photos)).toEqual(before))

  const bar = () => session.window.jobs.getByRole('progressbar', { name: 'Photos looked at' })
  const state = () => session.window.jobs.getAttribute('data-state')
  const text = () => session.window.jobs.locator('.jobs-state').textContent()
  const figure = async (name: 'valuenow' | 'valuemax') =>
    Number(await bar().getAttribute(`aria-${name}`))
  /** Photos that were read; the model may not have seen them yet. */
  const ready = () => session.window.grid.locator('[role=gridcell][data-state=ready]').count()

  async function addFolder(path: string): Promise<void> {
    const { button, dialog } = session.window
    await button('Add folder').click()
    const picker = dialog('Choose a folder with photos')
    await picker.getByRole('textbox', { name: 'Folder path' }).fill(path)
    await picker.getByRole('button', { name: 'Add this folder' }).click()
    await picker.waitFor({ state: 'detached' })
  }
  const someAreDone = () => eventually(() => figure('valuenow')).toBeGreaterThan(0)
  const showOnly = (name: string) => session.window.search(`name:${name}_`)

  test('pausing takes hold, and stays', async () => {
    await addFolder(join(world.photos, 'a'))
    await someAreDone()
    await session.window.button('Pause').click()
    await eventually(text).toBe('Paused')
    let done = await figure('valuenow')
    // That nothing happens any more takes time to see. What vision has begun, it ends.
    await eventually(async () => {
      const before = done
      await session.window.page.waitForTimeout(1000)
      done = await figure('valuenow')
      return done - before
    }).toBe(0)
    expect(done).toBeLessThan(photosIn.a)
    expect(session.window.problems()).toEqual([])
  })

  test('kill -9 of everything loses nothing: it is still paused, and goes on where it was', async () => {
    const done = await figure('valuenow')
    await session.app.kill()
    await session.window.page.getByText('Reconnecting…').waitFor()
    await session.restart()
    await eventually(text).toBe('Paused')
    await showOnly('a')
    await eventually(ready).toBeGreaterThanOrEqual(done)
    await session.window.button('Resume').click()
    await eventually(state).toBe('looking')
    expect(await figure('valuemax')).toBeLessThanOrEqual(photosIn.a - done)
    await session.window.upToDate()
    await eventually(ready).toBe(photosIn.a)
    expect(session.window.problems()).toEqual([])
  })

  test('cancelling keeps what is finished, and continuing takes up the rest', async () => {
    await addFolder(join(world.photos, 'b'))
    await someAreDone()
    await session.window.button('Cancel').click()
    await eventually(text).toMatch(/^\d+ photos? not looked at yet$/)
    await showOnly('b')
    const left = Number.parseInt((await text()) ?? '', 10)
    expect(left).toBeGreaterThan(0)
    await eventually(ready).toBeGreaterThanOrEqual(photosIn.b - left)
    await session.window.button('Continue').click()
    await session.window.upToDate()
    await eventually(ready).toBe(photosIn.b)
    expect(session.window.problems()).toEqual([])
  })

  test.skipIf(process.platform === 'win32')(
    'an open window goes on by itself when the engine and vision are killed',
    async () => {
      await addFolder(join(world.photos, 'c'))
      await someAreDone()
      for (const name of ['vision/process', 'engine/process']) {
        const running = () =>
          groupOf(session.app.pid)
            .filter(({ command }) => command.includes(name))
            .map(({ pid }) => pid)
        // A process that is just being forked still goes by its parent's name.
        await eventually(() => running().length).toBe(1)
        const [victim = 0] = running()
        process.kill(victim, 'SIGKILL')
        await eventually(() => running().filter((pid) => pid !== victim).length).toBe(1)
      }
      await session.window.upToDate()
      await showOnly('c')
      await eventually(ready).toBe(photosIn.c)
      // Thumbnails that were asked for meanwhile may have failed; the window itself must not.
      const uncaught = session.window.problems().filter((problem) => problem.startsWith('uncaught'))
      expect(uncaught).toEqual([])
    },
  )

  test('removing a folder forgets its photos and leaves its files', async () => {
    const { page, button, dialog, jobs } = session.window
    await session.window.search('')
    const count = () => page.locator('.result-count').textContent()
    await eventually(count).toBe(`${photosIn.a + photosIn.b + photosIn.c} photos`)
    await button('Remove folder c').click()
    const question = dialog('Remove “c” from Albumen?')
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'detached' })
    await button('Remove folder c').click()
    await question.getByRole('button', { name: 'Remove', exact: true }).click()
    await eventually(count).toBe(`${photosIn.a + photosIn.b} photos`)
    expect(await page.getByRole('list', { name: 'Folders', exact: true }).innerText()).not.toMatch(
      /\bc\b/,
    )
    await showOnly('c')
    await page.getByText('Nothing found for “name:c_”').waitFor()
    await jobs.getByText('Up to date').waitFor()
  })

  test('a damaged file is set aside, and looked at again when it is whole', async () => {
    const folder = join(world.root, 'rescued')
    const { button, dialog, page } = session.window
    await writePhoto(join(folder, 'd_whole.jpg'), 190)
    writeFileSync(join(folder, 'd_empty.jpg'), '')
    writeFileSync(join(folder, 'd_notes.png'), 'Milk, bread.\n'.repeat(100))
    await addFolder(folder)
    await button('2 unreadable').click()
    const list = dialog('Photos that cannot be read')
    const names = () => list.locator('.quarantine-name').allTextContents()
    await eventually(async () => (await names()).sort()).toEqual(['d_empty.jpg', 'd_notes.png'])

    await writePhoto(join(folder, 'd_empty.jpg'), 191)
    await list.getByRole('button', { name: 'Try all again' }).click()
    await eventually(names).toEqual(['d_notes.png'])
    await writePhoto(join(folder, 'd_notes.png'), 192)
    await list.getByRole('button', { name: 'Try again: d_notes.png' }).click()
    await list.getByText('Every photo can be read.').waitFor()
    await page.keyboard.press('Escape')
    await showOnly('d')
    await session.window.expectPhotos(readdirSync(folder))
    await eventually(ready).toBe(3)
  })
  test('looking for changes finds what came, what changed its name and what is gone', async () => {
    const folder = join(world.root, 'rescued')
    await writePhoto(join(folder, 'more', 'd_new.jpg'), 193)
    renameSync(join(folder, 'd_whole.jpg'), join(folder, 'd_renamed.jpg'))
    rmSync(join(folder, 'd_empty.jpg'))
    await session.window.button('Look for changes').click()
    await session.window.expectPhotos(['d_new.jpg', 'd_renamed.jpg', 'd_notes.png'])
    await session.window.upToDate()
    await eventually(ready).toBe(3)
  })
})
