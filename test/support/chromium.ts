/** The browser of the end-to-end tests. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/** `CHROMIUM`, the system's, or the one that `npx playwright install chromium` fetched. */
export const chromiumPath = [
  process.env.CHROMIUM,
  ...systemPaths(),
  chromium.executablePath(),
].find((path) => path !== undefined && path !== '' && existsSync(path))
if (!chromiumPath) {
  console.warn(
    'SKIPPED: the end-to-end tests, because there is no Chromium. Install it (Debian: apt-get install chromium; elsewhere: npx playwright install chromium), or set CHROMIUM to its path.',
  )
}

function systemPaths(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return ['/usr/bin', ...folders].map((folder) => join(folder, 'chromium'))
}

export function launchChromium(): Promise<Browser> {
  // As root, which some build machines are, Chromium's sandbox does not start.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [
      ...sandbox,
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
