/** The window in a browser, by what a person finds in it. */
import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

/** Milliseconds that a step may take on a busy machine. */
const patience = 30_000

/** Room for every photo of these tests: the grid renders only those in view. */
const viewport = { width: 1440, height: 1700 }

export const eventually = <Value>(read: () => Value | Promise<Value>, timeout = patience) =>
  expect.poll(read, { timeout, interval: 50 })

export interface AlbumenWindow {
  page: Page
  box: Locator
  grid: Locator
  jobs: Locator
  /** Enters a search. */
  search(text: string): Promise<void>
  /** Waits until exactly these photos are shown, by file name in any order. */
  expectPhotos(names: readonly string[]): Promise<void>
  /** Waits until nothing is left to look at. */
  upToDate(): Promise<void>
  dialog(name: string | RegExp): Locator
  button(name: string): Locator
  /** What went wrong in the page since it was opened: errors, refusals, requests to elsewhere. */
  problems(): readonly string[]
  close(): Promise<void>
}

export async function openWindow(browser: Browser, url: string): Promise<AlbumenWindow> {
  const context = await browser.newContext({ viewport })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  const problems = watchForProblems(page, new URL(url).host)
  await page.goto(url)

  const box = page.getByRole('combobox', { name: 'Search photos' })
  const grid = page.getByRole('grid', { name: 'Photos' })
  const jobs = page.getByRole('region', { name: 'Progress' })
  const shownNames = () =>
    grid
      .getByRole('gridcell')
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label')).sort())
  return {
    page,
    box,
    grid,
    jobs,
    async search(text) {
      await box.fill(text)
      await box.press('Enter')
    },
    async expectPhotos(names) {
      await eventually(shownNames).toEqual([...names].sort())
      const count = `${names.length} ${names.length === 1 ? 'photo' : 'photos'}`
      await eventually(() => page.locator('.result-count').textContent()).toBe(count)
    },
    upToDate: () => jobs.getByText('Up to date').waitFor({ timeout: 120_000 }),
    dialog: (name) => page.getByRole('dialog', { name }),
    button: (name) => page.getByRole('button', { name, exact: true }),
    problems: () => problems,
    close: () => context.close(),
  }
}

/** A violation of the content security policy is an error on the console. */
function watchForProblems(page: Page, host: string): string[] {
  const problems: string[] = []
  const checkOrigin = (address: string) => {
    const { protocol, host: other } = new URL(address)
    if (other !== host && !['data:', 'blob:'].includes(protocol)) {
      problems.push(`asked another origin: ${address}`)
    }
  }
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`))
  page.on('request', (request) => checkOrigin(request.url()))
  page.on('websocket', (socket) => checkOrigin(socket.url()))
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} from ${response.url()}`)
  })
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText
    // The window gives up pictures that it no longer shows.
    if (reason !== 'net::ERR_ABORTED') problems.push(`${reason} from ${request.url()}`)
  })
  return problems
}
