/** `npm start` in the browser face: what it prints, whom it lets in, and how it ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningApp, repository, startApp } from '../support/app.ts'
import { chromiumPath, launchChromium } from '../support/chromium.ts'
import { createPhotoWorld, type PhotoWorld } from '../support/photoWorld.ts'
import { eventually, openWindow } from '../support/window.ts'

describe.skipIf(!chromiumPath)('npm start -- <folder>', () => {
  let world: PhotoWorld
  let folder: string
  let browser: Browser
  let app: RunningApp
  const names = () => readdirSync(folder).sort()
  const start = () => {
    const options = ['--browser', '--no-open', '--port', '0', '--library', world.library]
    return startApp('scripts/start.mjs', [...options, '--model', world.model, folder])
  }

  beforeAll(async () => {
    world = await createPhotoWorld()
    folder = join(world.photos, '2007', 'Tag im Zoo')
    browser = await launchChromium()
    app = await start()
  })
  afterAll(async () => {
    await browser?.close()
    await app?.kill()
    world?.remove()
  })

  test('says which face it opens, why, and where', () => {
    expect(app.stderr()).toContain('Albumen opens in the browser: you asked for it.\n')
    expect(app.stdout()).toBe(`Albumen is open at ${app.url}\n`)
  })

  test('looks at the photos of the folder', async () => {
    const window = await openWindow(browser, app.url)
    await window.upToDate()
    await window.expectPhotos(names())
    // The token is exchanged for a cookie and leaves the address, which people share and save.
    expect(window.page.url()).toBe(`${new URL(app.url).origin}/`)
    await window.page.reload()
    await window.expectPhotos(names())
    expect(window.problems()).toEqual([])
    await window.close()
  })

  test.each(['/', '/?token=wrong', '/assets/', '/media/thumbnail/1'])(
    'without its token shows a sentence at %s and nothing else',
    async (path) => {
      const page = await browser.newPage()
      const response = await page.goto(new URL(path, app.url).href)
      expect(response?.status()).toBe(401)
      expect((await page.locator('body').innerText()).trim()).toBe(
        'To see your photos, open the address that Albumen printed.',
      )
      await page.close()
    },
  )

  test.skipIf(process.platform === 'win32')(
    'ends on Ctrl-C with everything in place, and leaves no process behind',
    async () => {
      expect(await app.stop()).toBe(0)
      expect(app.stderr()).not.toMatch(/error|ended|\n {4}at /i)
      await expect(fetch(app.url)).rejects.toThrow('fetch failed')
      // SQLite removes its journals when the last connection is closed as it should be.
      expect(readdirSync(world.library).filter((name) => /-(wal|shm)$/.test(name))).toEqual([])
    },
  )

  test.skipIf(process.platform === 'win32')(
    'has everything when it is started again, and looks at nothing twice',
    async () => {
      app = await start()
      const window = await openWindow(browser, app.url)
      await window.expectPhotos(names())
      await eventually(() => window.jobs.locator('.jobs-state').textContent()).toBe('Up to date')
      const ready = window.grid.locator('[role=gridcell][data-state=ready]')
      expect(await ready.count()).toBe(names().length)
      await window.close()
    },
  )
})

/** Of util-linux: gives a program a terminal. */
const script = '/usr/bin/script'
const hasTerminal = process.platform === 'linux' && existsSync(script)
if (!hasTerminal) console.warn(`SKIPPED: npm start in a terminal, because there is no ${script}.`)

describe.skipIf(!hasTerminal)('npm start in a terminal', () => {
  let world: PhotoWorld
  beforeAll(async () => {
    world = await createPhotoWorld()
  })
  afterAll(() => world?.remove())

  test('shows how far it is on a line that changes, and ends on the keys Ctrl-C', async () => {
    const options = ['--browser', '--no-open', '--library', world.library, '--model', world.model]
    const command = [process.execPath, join(repository, 'scripts/start.mjs'), ...options]
    // A shell that stayed between (dash does) would end by the signal itself, and its code hide ours.
    const line = `exec ${[...command, world.photos].map((part) => `'${part}'`).join(' ')}`
    const terminal = spawn(script, [
      '--quiet',
      '--flush',
      '--return',
      '--command',
      line,
      '/dev/null',
    ])
    const ended = once(terminal, 'exit')
    let screen = ''
    terminal.stdout.on('data', (data) => {
      screen += data
    })
    await eventually(() => screen).toMatch(
      new RegExp(
        `\\d+ / ${world.names().length} photos · [\\d.]+ a second · .+ left · .*ResNet on cpu`,
      ),
    )
    terminal.stdin.write('\x03')
    expect(await ended).toEqual([0, null])
    expect(screen).not.toMatch(/Everything has been looked at|\n {4}at /)
  })
})
