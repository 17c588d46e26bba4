/** The report of `albumen evaluate` in a real browser, opened from disk as people do. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, launchChromium } from '../support/chromium.ts'
import { albumen } from '../support/commandLine.ts'
import { smallLabels, writePicture, writeSmallModel } from '../support/pictures.ts'

const attack = '<img src=x onerror=alert(1)>'
const windows = process.platform === 'win32'

describe.skipIf(!chromiumPath)('a report', () => {
  let root: string
  let browser: Browser
  let page: Page
  /** Whatever should not be there: requests, console messages, dialogs, errors. */
  const noises: string[] = []

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'albumen-report-'))
    // No name of a file on Windows may hold these characters.
    const evil = windows ? `&amp;'` : `"${attack}&amp;'`
    const photos = join(root, 'photos')
    // The last one no model knows.
    const folders = ['dog', 'cat', 'fruit', 'n04254680', 'n99999999']
    for (const [index, folder] of folders.entries()) {
      for (const seed of [1, 2, 3, 4])
        await writePicture(join(photos, folder, `${evil}${seed}.jpg`), 10 * index + seed)
    }
    const labels = smallLabels.map((label) =>
      label.name === 'castle' ? { ...label, name: `castle ${attack}` } : label,
    )
    const models = [1, 2].map((seed) => {
      const name = `model ${seed} ${attack}`
      return writeSmallModel(join(root, 'models'), `small${seed}`, seed, { labels, name, id: name })
    })
    const report = join(root, 'report.html')
    const args = models.flatMap((model) => ['--model', model])
    const { code, stderr } = await albumen('evaluate', photos, ...args, '--report', report)
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Report: ${report}\n` })

    browser = await launchChromium()
    page = await browser.newPage()
    const address = pathToFileURL(report).href
    page.on('request', (request) => {
      const url = request.url()
      if (url !== address && !url.startsWith('data:')) noises.push(`request: ${url}`)
    })
    page.on('console', (message) => noises.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => noises.push(`error: ${error.message}`))
    page.on('dialog', (dialog) => {
      noises.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    await page.goto(address)
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(root, { recursive: true })
  })

  test('asks for nothing, complains of nothing, and runs nothing that a name brings', async () => {
    await page.locator('summary').first().click()
    expect(await page.locator('h1').textContent()).toContain(attack)
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    expect(noises).toEqual([])
  })

  test('forbids what is not its own by a policy', async () => {
    const policy = await page
      .locator('meta[http-equiv="Content-Security-Policy"]')
      .getAttribute('content')
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    // The policy works: a script from outside of it does not run.
    await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'document.title = "taken over"'
      document.body.append(script)
    })
    expect(await page.title()).not.toBe('taken over')
    expect(noises.splice(0).join()).toContain('Content Security Policy')
  })

  test('shows every picture that it embeds', async () => {
    const widths = await page
      .locator('img')
      .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth))
    expect(widths.length).toBeGreaterThan(2)
    expect(widths.length).toBeLessThanOrEqual(36)
    expect(Math.min(...widths)).toBeGreaterThan(0)
  })

  test('gives each chart a name and a description', async () => {
    const charts = page.getByRole('img', { name: /./ }).and(page.locator('svg'))
    // Two of both models, two of each.
    expect(await charts.count()).toBe(6)
    expect(await page.locator('svg').count()).toBe(6)
    for (const text of await page.locator('svg > desc').allTextContents())
      expect(text.length).toBeGreaterThan(20)
    const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id))
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('sorts the classes by a column, up and then down', async () => {
    const table = page.locator('table.sortable').nth(1)
    await page.locator('summary', { hasText: 'classes' }).first().click()
    const column = (index: number) =>
      table
        .locator('tbody tr')
        .evaluateAll((rows, at) => rows.map((row) => row.children[at]?.textContent), index)
    const recalls = async () => (await column(5)).map(Number)
    await table.getByRole('button', { name: 'Recall' }).click()
    const up = await recalls()
    expect(up).toEqual(up.toSorted((a, b) => a - b))
    await table.getByRole('button', { name: 'Recall' }).click()
    expect(await recalls()).toEqual(up.toReversed())
    expect(await table.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending')
    await table.getByRole('button', { name: 'Class' }).click()
    expect(await column(0)).toEqual(['cat', 'dog', 'fruit', 'soccer ball'])
  })

  test('is light or dark as the system is, and light on paper with everything unfolded', async () => {
    const ground = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    await page.emulateMedia({ colorScheme: 'light' })
    const light = await ground()
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await ground()).not.toBe(light)
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
    expect(await ground()).toBe(light)
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
    expect(await page.locator('details:not([open])').count()).toBe(0)
  })
})
