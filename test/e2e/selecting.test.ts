/** Selecting more photos than the window has at hand. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageSize } from '../../renderer/grid/pages.ts'
import { chromiumPath } from '../support/chromium.ts'
import { keysOf } from '../support/keys.ts'
import { openSession, type Session } from '../support/session.ts'
import { eventually } from '../support/window.ts'

const photos = 2 * pageSize + 20

describe.skipIf(!chromiumPath)('selecting more photos than are at hand', () => {
  let root: string
  let session: Session
  /** Asks of the window that wait until they are let through. */
  const held: (() => void)[] = []

  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'albumen-e2e-')))
    const folder = join(root, 'photos')
    mkdirSync(folder)
    for (let index = 0; index < photos; index++) {
      const background = { r: index >> 8, g: index & 255, b: 0 }
      const image = sharp({ create: { width: 8, height: 8, channels: 3, background } })
      await image.png().toFile(join(folder, `p${index}.png`))
    }
    session = await openSession([folder, '--library', join(root, 'library')])
    await session.window.upToDate()
    const { page } = session.window
    await page.routeWebSocket(/.*/, (socket) => {
      const server = socket.connectToServer()
      socket.onMessage((message) => {
        if (`${message}`.includes('"photoIds"')) held.push(() => server.send(message))
        else server.send(message)
      })
    })
    await page.reload()
    await page.getByText(`${photos} photos`).first().waitFor()
  })
  afterAll(async () => {
    await session?.close()
    rmSync(root, { recursive: true, force: true })
  })

  const { press } = keysOf(() => session.window.page)
  const selected = async () => {
    const bar = session.window.page.getByRole('region', { name: 'Selection' })
    return (await bar.count()) === 0 ? '' : bar.getByRole('status').textContent()
  }
  const askedFor = (count: number) => eventually(() => held.length).toBe(count)

  test('a stretch that is asked for is selected although other keys were pressed meanwhile', async () => {
    await session.window.grid.focus()
    await press('Home', 'Shift+End')
    await askedFor(1)
    await press('Home')
    held.pop()?.()
    await eventually(selected).toBe(`${photos} photos selected`)
  })

  test('but not once the selection was cleared', async () => {
    await press('Escape')
    await eventually(selected).toBe('')
    await press('x', 'Shift+End')
    await askedFor(1)
    await press('Escape')
    await eventually(selected).toBe('')
    held.pop()?.()
    await press('Home', 'x')
    await eventually(selected).toBe('1 photo selected')
    await session.window.page.waitForTimeout(300)
    expect(await selected()).toBe('1 photo selected')
  })
})
