/** The life of the desktop app from start to end, with Electron's modules replaced at their edge. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { app, stage } from './fakeElectron.ts'

vi.mock('electron', () => import('./fakeElectron.ts'))

const directory = mkdtempSync(join(tmpdir(), 'albumen-life-'))
const engine = () => {
  const [child] = stage.children
  if (!child) throw new Error('The engine was not started.')
  return child
}
const argv = process.argv

beforeAll(async () => {
  process.argv = ['albumen', '--library', directory, '/photos/first']
  await import('../../../main/index.ts')
})
afterAll(() => {
  process.argv = argv
  rmSync(directory, { recursive: true })
})

describe('the desktop app', () => {
  test('keeps its profile with the library, and prepares everything before Electron is ready', () => {
    expect(stage.given.profile).toEqual(['userData', join(directory, 'desktop')])
    expect(stage.order).toEqual(['profile', 'sandbox', 'scheme', 'lock'])
    expect(stage.given.lock).toEqual([{ folder: '/photos/first' }])
  })

  test('starts the engine, locks the session, and only then opens the window', async () => {
    stage.ready.resolve()
    await vi.waitFor(() => expect(stage.windows).toHaveLength(1), { timeout: 10_000 })
    expect(stage.order.slice(4)).toEqual(['engine', 'permissions', 'protocol', 'menu', 'window'])
  })

  test('adds the folder it was started with, and that of a second start', () => {
    const added = (path: string) => ({ type: 'call', name: 'addFolder', input: { path } })
    const calls = engine().sent as { name: string }[]
    expect(calls.filter(({ name }) => name === 'addFolder')).toEqual([
      expect.objectContaining(added('/photos/first')),
    ])
    // On battery the background mode waits.
    expect(calls).toContainEqual(
      expect.objectContaining({ name: 'power', input: { onBattery: false } }),
    )
    app.emit('second-instance', {}, [], '/', { folder: '/photos/second' })
    expect(engine().sent.at(-1)).toMatchObject(added('/photos/second'))
    expect(stage.windows).toHaveLength(1)
  })

  test('ends after the engine has been asked to stop and has ended', async () => {
    const preventDefault = vi.fn()
    app.emit('will-quit', { preventDefault })
    expect(preventDefault).toHaveBeenCalled()
    expect(engine().sent.at(-1)).toEqual({ type: 'stop' })
    expect(app.quit).not.toHaveBeenCalled()
    engine().end(0)
    await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce(), { timeout: 10_000 })
  })
})
