/** A window used with the keyboard alone. */
import type { Page } from 'playwright-core'

const mostSteps = 80

export interface Keys {
  press(...keys: string[]): Promise<void>
  type(text: string): Promise<void>
  /** Role and name of what has the focus, as a screen reader says it. */
  focused(): Promise<string>
  /** Presses a key until something of that role and name has the focus. */
  go(key: string, wanted: RegExp): Promise<void>
  tabTo(wanted: string): Promise<void>
}

/** `page`: asked for at each key, since a test may open its window again. */
export function keysOf(page: () => Page): Keys {
  const keys: Keys = {
    async press(...names) {
      for (const name of names) await page().keyboard.press(name)
    },
    type: (text) => page().keyboard.type(text),
    focused: () =>
      page().evaluate(() => {
        const element = document.activeElement
        const label = element instanceof HTMLInputElement ? element.labels?.[0]?.innerText : null
        const role = element?.role ?? element?.tagName.toLowerCase()
        return `${role} ${element?.ariaLabel ?? label ?? element?.textContent ?? ''}`.trim()
      }),
    async go(key, wanted) {
      const passed = new Set<string>()
      for (let count = 0; count < mostSteps; count++) {
        const now = await keys.focused()
        if (wanted.test(now)) return
        passed.add(now)
        await keys.press(key)
      }
      throw new Error(`${key} never comes to ${wanted}, only to ${[...passed].join(', ')}.`)
    },
    tabTo: (wanted) => keys.go('Tab', new RegExp(`^${wanted}$`)),
  }
  return keys
}
