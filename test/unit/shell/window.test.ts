import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openLog } from '../../../main/shell/log.ts'
import { menuTemplate } from '../../../main/shell/menu.ts'
import { stopBeforeQuitting } from '../../../main/shell/quit.ts'
import { fillWindow, windowOptions } from '../../../main/shell/window.ts'

test('a page runs in a sandbox, isolated and without Node', () => {
  expect(windowOptions('/preload.cjs', true).webPreferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  })
})

describe('fillWindow', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function filled() {
    const webContents = Object.assign(new EventEmitter(), { reload: vi.fn() })
    const window = Object.assign(new EventEmitter(), {
      webContents,
      show: vi.fn(),
      loadURL: vi.fn(async () => {}),
      isDestroyed: vi.fn(() => false),
    })
    fillWindow(window as never, () => {})
    return { window, webContents }
  }

  test('shows the window once its page is painted', () => {
    const { window } = filled()
    expect(window.loadURL).toHaveBeenCalledWith('albumen://app/')
    expect(window.show).not.toHaveBeenCalled()
    window.emit('ready-to-show')
    expect(window.show).toHaveBeenCalledOnce()
  })

  test('loads a page that crashed again, but not for ever', () => {
    const { webContents } = filled()
    for (let crash = 0; crash < 10; crash += 1) {
      webContents.emit('render-process-gone', {}, { reason: 'crashed' })
      vi.advanceTimersByTime(2000)
    }
    expect(webContents.reload).toHaveBeenCalledTimes(4)
  })

  test('leaves a window alone that was closed meanwhile', () => {
    const { window, webContents } = filled()
    webContents.emit('render-process-gone', {}, { reason: 'oom' })
    window.isDestroyed.mockReturnValue(true)
    vi.advanceTimersByTime(10_000)
    expect(webContents.reload).not.toHaveBeenCalled()
  })
})

test('the app ends only after the engine has stopped, however often it is asked to', async () => {
  const stopped = Promise.withResolvers<void>()
  const stop = vi.fn(() => stopped.promise)
  const app = Object.assign(new EventEmitter(), { quit: vi.fn() })
  stopBeforeQuitting(app as never, stop)
  const prevented = () => {
    const preventDefault = vi.fn()
    app.emit('will-quit', { preventDefault })
    return preventDefault.mock.calls.length === 1
  }
  expect([prevented(), prevented()]).toEqual([true, true])
  expect(app.quit).not.toHaveBeenCalled()
  stopped.resolve()
  await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce(), { timeout: 10_000 })
  expect(stop).toHaveBeenCalledOnce()
  expect(prevented()).toBe(false)
})

describe('menuTemplate', () => {
  const actions = { addFolder: vi.fn(), rescan: vi.fn() }
  const roles = (platform: NodeJS.Platform, developer: boolean) =>
    menuTemplate(platform, actions, developer).flatMap((menu) => [
      menu.role,
      ...(Array.isArray(menu.submenu) ? menu.submenu.map((item) => item.role) : []),
    ])

  test('a released app has no way into the page', () => {
    expect(roles('linux', false)).not.toContain('toggleDevTools')
    expect(roles('linux', true)).toContain('toggleDevTools')
  })

  test('follows what each platform expects for closing and quitting', () => {
    expect(roles('darwin', false)).toEqual(expect.arrayContaining(['appMenu', 'close']))
    expect(roles('darwin', false)).not.toContain('quit')
    expect(roles('win32', false)).toContain('quit')
    expect(roles('win32', false)).not.toContain('appMenu')
  })
})

describe('openLog', () => {
  const folder = mkdtempSync(join(tmpdir(), 'albumen-log-'))
  const path = join(folder, 'logs', 'desktop.log')
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
  afterEach(() => {
    vi.restoreAllMocks()
    rmSync(folder, { recursive: true, force: true })
  })

  test('writes lines with their time', () => {
    openLog(path)('The engine started.')
    expect(readFileSync(path, 'utf8')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z The engine started\.\n$/)
  })

  test('never takes more than two files of a megabyte', () => {
    const log = openLog(path)
    for (let line = 0; line < 40; line += 1) log('x'.repeat(100_000))
    expect(statSync(path).size).toBeLessThan(1_200_000)
    expect(statSync(`${path}.old`).size).toBeLessThan(1_200_000)
  })
})
