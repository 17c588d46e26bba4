/** The backups in the settings: making one, choosing a folder, going back to one and back again. */
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { InputOf, MutationName } from '../../contract/commands.ts'
import { chromiumPath } from '../support/chromium.ts'
import { albumen } from '../support/commandLine.ts'
import { createPhotoWorld, type PhotoWorld } from '../support/photoWorld.ts'
import { openSession, type Session } from '../support/session.ts'
import { type AlbumenWindow, eventually } from '../support/window.ts'

const PHOTOS = 5

/** Asks the engine for a change, as a window does, over a line of its own. */
const ask = <Name extends MutationName>(page: Page, name: Name, input: InputOf<Name>) =>
  page.evaluate(
    (call) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/rpc`)
        socket.onopen = () => socket.send(JSON.stringify({ type: 'call', id: 1, ...call }))
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data as string) as { id?: number; type: string }
          if (message.id !== 1) return
          socket.close()
          if (message.type === 'result') resolve(undefined)
          else reject(new Error(data as string))
        }
      }),
    { name, input },
  )

describe.skipIf(!chromiumPath)('backups', () => {
  let world: PhotoWorld
  let session: Session
  let window: AlbumenWindow
  let settings: Locator
  let table: Locator
  let names: string[]

  beforeAll(async () => {
    world = await createPhotoWorld()
    const folder = join(world.photos, '2007', 'Tag im Zoo')
    names = readdirSync(folder)
    const indexed = await albumen(
      ...['index', folder, '--library', world.library, '--model', world.model],
    )
    expect(indexed.code, indexed.stderr).toBe(0)
    session = await openSession(['--library', world.library, '--model', world.model])
    window = session.window
    await window.upToDate()
    await say('said before')
    settings = window.dialog('Settings')
    table = settings.getByRole('table', { name: 'All backups' })
  })
  afterAll(async () => {
    await session?.close()
    world?.remove()
  })
  afterEach(() => expect(window.problems()).toEqual([]))

  const say = (name: string) =>
    ask(window.page, 'tagPhotos', { target: { query: '' }, tag: { name }, verdict: 'yes' })
  const button = (name: string | RegExp) =>
    settings.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
  const row = (text: string | RegExp) => table.getByRole('row').filter({ hasText: text })
  const rows = () => table.locator('tbody tr').count()

  async function openBackups(): Promise<void> {
    await window.button('Settings').click()
    await button('Backups').click()
  }
  async function closeSettings(): Promise<void> {
    await window.page.keyboard.press('Escape')
    await settings.waitFor({ state: 'detached' })
  }
  /** Photos with a tag, as searching finds them. */
  async function expectTagged(tag: string, photos: readonly string[]): Promise<void> {
    await window.search(`tag:"${tag}"`)
    if (photos.length > 0) await window.expectPhotos(photos)
    else await window.page.getByText('Nothing found').first().waitFor()
  }
  async function restore(which: Locator): Promise<void> {
    await which.getByRole('button', { name: /^Restore/ }).click()
    const question = window.dialog(/^Restore the library of/)
    expect(await question.textContent()).toMatch(/replaces the library as it is now: 5 photos/)
    await question.getByRole('button', { name: 'Restore', exact: true }).click()
    await question.waitFor({ state: 'detached', timeout: 60_000 })
    await settings.getByText(/^The library is as it was on/).waitFor()
  }

  test('are made when a person wants one, verified, and listed with what they hold', async () => {
    await openBackups()
    await settings.getByText('There is none yet.').waitFor()
    await button('Back up now').click()
    await settings.getByText('Verified', { exact: true }).waitFor()
    await eventually(rows).toBe(1)
    expect(await row('Backup').textContent()).toMatch(
      new RegExp(`Backup${PHOTOS} photos, ${PHOTOS} decisions.*[kM]B`),
    )
    await closeSettings()
  })

  test('bring back what was said then, and what was said afterwards when one goes back again', async () => {
    await say('said afterwards')
    await ask(window.page, 'ratePhotos', { target: { query: '' }, stars: 4 })
    await expectTagged('said afterwards', names)

    await openBackups()
    await restore(row('Backup'))
    await eventually(rows).toBe(2)
    expect(await row('Before restoring').textContent()).toMatch(/10 decisions, 5 ratings/)
    await closeSettings()
    await expectTagged('said afterwards', [])
    await expectTagged('said before', names)

    await openBackups()
    await restore(row('Before restoring'))
    await eventually(rows).toBe(3)
    await closeSettings()
    await expectTagged('said afterwards', names)
    await window.upToDate()
  })

  test('are not restored where a person thinks better of it', async () => {
    await openBackups()
    await row('Backup')
      .getByRole('button', { name: /^Restore/ })
      .click()
    const question = window.dialog(/^Restore the library of/)
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'detached' })
    expect(await rows()).toBe(3)
    await closeSettings()
    await expectTagged('said afterwards', names)
  })

  test('go to another folder when one is chosen; while its drive is gone everybody is told', async () => {
    const drive = join(world.root, 'drive')
    mkdirSync(drive)
    await openBackups()
    const field = settings.getByRole('textbox', { name: 'Folder for backups' })
    await field.fill(join(world.root, 'no such folder'))
    await button('Use').click()
    await settings.getByRole('alert').filter({ hasText: 'There is no folder' }).waitFor()
    await field.fill(world.root)
    await button('Choose…').click()
    const picker = window.dialog('Where should backups go?')
    await picker.getByRole('textbox', { name: 'Folder path' }).fill(drive)
    // Looks into the folder; what stands in the form behind is not taken with it.
    await window.page.keyboard.press('Enter')
    await picker.getByText('There are no folders in this one.').waitFor()
    expect(await button('Use the library’s own folder again').count()).toBe(0)
    await picker.getByRole('button', { name: 'Use this folder' }).click()
    await button('Use').click()
    await button('Use the library’s own folder again').waitFor()
    await button('Back up now').click()
    await eventually(() => readdirSync(drive).filter((name) => /sqlite$/.test(name)).length).toBe(1)
    await eventually(rows).toBe(4)

    renameSync(drive, `${drive} unplugged`)
    await button('Back up now').click()
    const told = /folder for backups, .*drive, cannot be reached: connect its drive/
    await settings.getByRole('alert').filter({ hasText: told }).first().waitFor()
    await closeSettings()
    await window.page.getByText('There is no new backup.').waitFor()
    renameSync(`${drive} unplugged`, drive)
    await openBackups()
    await button('Back up now').click()
    await eventually(() => settings.locator('.settings-problem').count()).toBe(0)
    await button('Use the library’s own folder again').click()
    await eventually(() => field.inputValue()).toBe(join(world.library, 'backups'))
    await closeSettings()
    await eventually(() => window.page.getByText('There is no new backup.').count()).toBe(0)
  })

  test('and what can be made again beside them: thumbnails, and nothing else', async () => {
    await openBackups()
    await button('Make thumbnails again…').click()
    const question = window.dialog('Make all thumbnails again?')
    await question.getByRole('button', { name: 'Make again' }).click()
    await question.waitFor({ state: 'detached' })
    await closeSettings()
    await window.upToDate()
    await expectTagged('said before', names)
    await expectTagged('said afterwards', names)
  })
})
