/** Files come and go while the window is open: it shows them by itself, and what is said stays. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../support/chromium.ts'
import { albumen } from '../support/commandLine.ts'
import { keysOf } from '../support/keys.ts'
import { createLargeWorld, type PhotoWorld, writePhoto } from '../support/photoWorld.ts'
import { openSession, type Session } from '../support/session.ts'
import { type AlbumenWindow, eventually } from '../support/window.ts'

describe.skipIf(!chromiumPath)('photos that come and go', () => {
  let world: PhotoWorld
  let session: Session
  let window: AlbumenWindow
  let bytes: Buffer
  const at = (...names: string[]) => join(world.photos, ...names)

  beforeAll(async () => {
    world = await createLargeWorld({ a: 5 })
    bytes = readFileSync(at('a', 'a_1.jpg'))
    const library = ['--library', world.library]
    await albumen('index', world.photos, ...library, '--model', world.model)
    for (const tag of ['my cat', 'garden']) {
      await albumen('tag', at('a', 'a_1.jpg'), '--add', tag, ...library)
    }
    session = await openSession([...library, '--model', world.model])
    window = session.window
  })
  afterAll(async () => {
    await session?.close()
    world?.remove()
  })
  afterEach(() => expect(window.problems()).toEqual([]))

  const { press, focused, go, tabTo } = keysOf(() => window.page)
  const list = () => window.dialog('Missing photos').getByRole('list', { name: 'Missing photos' })
  const rows = () => list().getByRole('listitem').allInnerTexts()

  test('show and go by themselves', async () => {
    await window.expectPhotos(['a_0.jpg', 'a_1.jpg', 'a_2.jpg', 'a_3.jpg', 'a_4.jpg'])
    await writePhoto(at('b', 'new', 'b_0.jpg'), 500)
    await window.expectPhotos([
      ...['a_0.jpg', 'a_1.jpg', 'a_2.jpg', 'a_3.jpg', 'a_4.jpg', 'b_0.jpg'],
    ])
    await window.upToDate()
    renameSync(at('b'), at('c'))
    rmSync(at('a', 'a_0.jpg'))
    await window.expectPhotos(['a_1.jpg', 'a_2.jpg', 'a_3.jpg', 'a_4.jpg', 'b_0.jpg'])
    await window.button('1 missing').waitFor()
  })

  test('are listed when they are missing, with what is known of them', async () => {
    rmSync(at('a', 'a_1.jpg'))
    await window.button('2 missing').waitFor()
    await tabTo('button 2 missing')
    await press('Enter')
    await eventually(focused).toBe('button Done')
    await eventually(rows).toEqual([
      expect.stringMatching(/^a_0\.jpg\nNothing said of it\n.*a_0\.jpg\nForget…$/),
      expect.stringMatching(/^a_1\.jpg\n2 tags\n.*a_1\.jpg\nForget…$/),
    ])
    const widths = () =>
      list()
        .locator('img')
        .evaluateAll((images) =>
          images.map((image) => (image as HTMLImageElement).naturalWidth > 0),
        )
    await eventually(widths).toEqual([true, true])
  })

  test('are forgotten one by one, when somebody says so twice', async () => {
    await go('Shift+Tab', /^button Forget a_0\.jpg$/)
    await press('Enter')
    const question = window.dialog('Forget “a_0.jpg”?')
    await question.getByText('You said nothing of it').waitFor()
    await eventually(focused).toBe('button Cancel')
    await press('Escape')
    await question.waitFor({ state: 'detached' })
    await eventually(async () => (await rows()).length).toBe(2)
    await eventually(focused).toBe('button Forget a_0.jpg')
    await press('Enter')
    await tabTo('button Forget')
    await press('Enter')
    await eventually(async () => (await rows()).length).toBe(1)
    await eventually(focused).toBe('button Done')
  })

  test('are no longer missing when a file comes back, wherever it lies', async () => {
    mkdirSync(at('elsewhere'))
    writeFileSync(at('elsewhere', 'found again.jpg'), bytes)
    await window.dialog('Missing photos').getByText('No photo is missing.').waitFor()
    await press('Enter')
    await window.search('tag:"my cat"')
    await window.expectPhotos(['found again.jpg'])
    expect(await window.button('1 missing').count()).toBe(0)
  })

  test('are forgotten all at once', async () => {
    await window.search('')
    rmSync(at('a'), { recursive: true })
    await window.button('3 missing').click()
    await window.dialog('Missing photos').getByRole('button', { name: 'Forget all…' }).click()
    const question = window.dialog('Forget 3 photos?')
    await question.getByRole('button', { name: 'Forget', exact: true }).click()
    await window.dialog('Missing photos').getByText('No photo is missing.').waitFor()
    await press('Escape')
    await window.expectPhotos(['b_0.jpg', 'found again.jpg'])
  })
})
