/**
 * The desktop app as it was built, in a real Electron: `npm run build` first. Skipped where Electron
 * has no binary; `npx install-electron` fetches one.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const binary = electronBinary()
if (binary === null) {
  console.warn('SKIPPED: the desktop suite, because Electron has no binary here.')
}

/** As node_modules/electron/index.js finds it, but without starting a download. */
function electronBinary(): string | null {
  const names: Partial<Record<NodeJS.Platform, string>> = {
    darwin: 'Electron.app/Contents/MacOS/Electron',
    win32: 'electron.exe',
  }
  const directory =
    process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(root, 'node_modules/electron/dist')
  const path = join(directory, names[process.platform] ?? 'electron')
  return existsSync(path) ? path : null
}

const colours = { red: '#c03020', green: '#30a040', blue: '#2040c0', sand: '#d8c090' }

describe.skipIf(binary === null)('the desktop app', () => {
  let directory: string
  let app: ElectronApplication
  let page: Page

  async function launch(): Promise<void> {
    // As root, which some build machines are, Chromium's sandbox does not start.
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    app = await _electron.launch({
      executablePath: binary ?? '',
      cwd: root,
      args: [...sandbox, root, '--library', join(directory, 'library'), join(directory, 'photos')],
    })
    page = await app.firstWindow()
  }

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/main/index.js'))) {
      throw new Error('The desktop app has not been built: run "npm run build" first.')
    }
    directory = await mkdtemp(join(tmpdir(), 'albumen-desktop-'))
    await mkdir(join(directory, 'photos', 'nested'), { recursive: true })
    for (const [name, background] of Object.entries(colours)) {
      const path = join(directory, 'photos', name === 'sand' ? 'nested' : '', `${name}.jpg`)
      await sharp({ create: { width: 640, height: 480, channels: 3, background } }).toFile(path)
    }
    await launch()
  })
  afterAll(async () => {
    await app?.close()
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  })

  const cells = () => page.getByRole('gridcell')

  test('indexes the folder it was started with and shows a thumbnail of each photo', async () => {
    await expect.poll(() => cells().count(), { timeout: 60_000 }).toBe(4)
    const drawn = () =>
      page.$$eval('[role=gridcell] img', (images) =>
        images.map((image) => (image as HTMLImageElement).naturalWidth > 0),
      )
    await expect.poll(drawn, { timeout: 60_000 }).toEqual([true, true, true, true])
  })

  test('searches', async () => {
    const box = page.getByRole('combobox', { name: 'Search photos' })
    await box.fill('blue')
    await box.press('Enter')
    await expect.poll(() => cells().count(), { timeout: 10_000 }).toBe(1)
    expect(await cells().first().getAttribute('aria-label')).toBe('blue.jpg')
    await box.fill('')
    await box.press('Enter')
    await expect.poll(() => cells().count(), { timeout: 10_000 }).toBe(4)
  })

  test('shows a photo in full', async () => {
    const picture = page.waitForResponse(({ url }) => url().includes('/media/picture/'))
    await cells().first().click()
    expect((await picture).status()).toBe(200)
    await page.keyboard.press('Escape')
  })

  test('keeps Node and the file system out of the window', async () => {
    const globals = await page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', '__dirname'].filter((name) => name in window),
    )
    expect(globals).toEqual([])
    expect(await page.evaluate(() => Object.keys(window.albumen ?? {}))).toEqual(['connect'])
  })

  test('enforces its policy: no script of a page, no address but its own', async () => {
    const policy = await page.evaluate(async () =>
      (await fetch('/')).headers.get('content-security-policy'),
    )
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    const ran = await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'window.injected = true'
      document.head.append(script)
      return 'injected' in window
    })
    expect(ran).toBe(false)
    for (const address of ['https://example.com/', 'file:///etc/hosts', 'albumen://other/']) {
      const fetched = page.evaluate((url) => fetch(url).then(() => 'fetched'), address)
      await expect(fetched).rejects.toThrow()
    }
  })

  test('goes nowhere and opens nothing', async () => {
    const before = page.url()
    await page.evaluate(() => {
      location.href = 'https://example.com/'
    })
    expect(await page.evaluate(() => window.open('https://example.com/') === null)).toBe(true)
    await page.waitForTimeout(500)
    expect(page.url()).toBe(before)
    expect(app.windows()).toHaveLength(1)
  })

  test('is granted no permission', async () => {
    const state = await page.evaluate(async () => {
      const { state } = await navigator.permissions.query({ name: 'geolocation' })
      return state
    })
    expect(state).toBe('denied')
  })

  test('runs the engine and vision in processes of their own', async () => {
    const names = await app.evaluate(({ app }) => app.getAppMetrics().map(({ name }) => name))
    expect(names).toEqual(expect.arrayContaining(['Albumen engine', 'Albumen vision']))
  })

  test('ends cleanly, and has everything when it starts again', async () => {
    await app.close()
    const left = await readdir(join(directory, 'library'))
    // SQLite removes them when the last connection is closed as it should be.
    expect(left.filter((name) => name.endsWith('-wal') || name.endsWith('-shm'))).toEqual([])
    await launch()
    await expect.poll(() => cells().count(), { timeout: 30_000 }).toBe(4)
  })
})
