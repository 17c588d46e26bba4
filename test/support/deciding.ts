/** What persons say of photos, as the window shows it. */
import { expect } from 'vitest'
import { type AlbumenWindow, eventually } from './window.ts'

/** Sorts by name and waits until the photos stand so. `names`: of all. */
export async function sortByName({ page }: AlbumenWindow, names: readonly string[]) {
  await page.getByRole('combobox', { name: 'Sort' }).selectOption('Name')
  const sorted = names.map((name) => name.toLowerCase()).sort()
  await page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll('[role=gridcell]')]
        .map((cell) => cell.ariaLabel?.toLowerCase())
        .join() === wanted,
    sorted.join(),
  )
}

/** The toast of the last change, in the page or in the dialog in front. */
export const lastChange = ({ page }: AlbumenWindow) =>
  page.locator('.toast-change').filter({ visible: true })

/** Waits until the last change is told in these words. */
export const told = (window: AlbumenWindow, words: string | RegExp) =>
  lastChange(window).getByText(words, { exact: true }).waitFor()

/** File names of the photos that are selected, sorted. */
export const selectedNames = ({ grid }: AlbumenWindow): Promise<string[]> =>
  grid
    .locator('[role=gridcell][aria-selected=true]')
    .evaluateAll((cells) => cells.map((cell) => cell.ariaLabel ?? '').sort())

/** Waits until these photos are selected and the bar says how many they are. */
export async function expectSelected(window: AlbumenWindow, names: readonly string[]) {
  await eventually(() => selectedNames(window)).toEqual([...names].sort())
  const bar = window.page.getByRole('region', { name: 'Selection' })
  if (names.length === 0) await bar.waitFor({ state: 'detached' })
  else {
    const count = `${names.length} ${names.length === 1 ? 'photo' : 'photos'} selected`
    await eventually(() => bar.getByRole('status').textContent()).toBe(count)
  }
}

/** Names in a list of the viewer's panel, such as `Tags`. */
export const namesIn = async (window: AlbumenWindow, list: string): Promise<string[]> =>
  window.page
    .getByRole('complementary', { name: 'Information' })
    .getByRole('list', { name: list, exact: true })
    .locator('.tag-name')
    .allTextContents()

/** Nothing that a person does leaves the focus nowhere. */
export async function expectFocus({ page }: AlbumenWindow): Promise<void> {
  const tag = await page.evaluate(() => document.activeElement?.tagName)
  expect(tag).not.toBe('BODY')
}
