/** Exports through the window, compared with the originals on disk. */
import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../support/chromium.ts'
import { diskTree, filesBelow, sha256OfFile } from '../support/diskTree.ts'
import { readCsv, readManifest, sha256InArchive } from '../support/exportedFiles.ts'
import { createPhotoWorld, dogs, type PhotoWorld } from '../support/photoWorld.ts'
import { openSession, type Session } from '../support/session.ts'
import type { AlbumenWindow } from '../support/window.ts'

describe.skipIf(!chromiumPath)('exporting what was found', () => {
  let world: PhotoWorld
  let before: ReturnType<typeof diskTree>
  let session: Session
  let window: AlbumenWindow

  beforeAll(async () => {
    world = await createPhotoWorld()
    before = diskTree(world.photos)
    session = await openSession([world.photos, '--library', world.library, '--model', world.model])
    window = session.window
    await window.upToDate()
  })
  afterAll(async () => {
    await session?.close()
    world?.remove()
  })
  afterEach(() => {
    expect(window.problems()).toEqual([])
    expect(diskTree(world.photos)).toEqual(before)
  })

  /** Exports the search as shown; gives the paths that the report names. */
  async function exportAs(kind: string, to: string) {
    const { dialog, button } = window
    mkdirSync(to)
    await button('Export').click()
    const form = dialog('Export')
    await form.getByRole('radio', { name: kind }).check()
    await form.getByRole('textbox', { name: 'Destination folder' }).fill(to)
    await form.getByRole('button', { name: 'Start export' }).click()
    const report = dialog('Export finished')
    await report.waitFor()
    const [where = '', manifest = ''] = await report.locator('dd.path').allTextContents()
    await report.getByRole('button', { name: 'Done' }).click()
    await report.waitFor({ state: 'detached' })
    return { where, manifest: readManifest(manifest), manifestPath: manifest }
  }
  const found = () =>
    world.known
      .filter(({ shows }) => dogs.includes(shows))
      .map((photo) => ({ ...photo, absolute: join(world.photos, photo.path) }))
  const originals = () =>
    found()
      .map(({ absolute }) => absolute)
      .sort()
  const folder = (name: string) => join(world.exports, name)

  test('as copies in a folder for each tag, the same as the originals', async () => {
    await window.search('tag:dog')
    await window.expectPhotos(world.showing(...dogs))
    const { where, manifest } = await exportAs('Folders of copies', folder('copies'))
    expect(where).toBe(folder('copies'))
    const listed = manifest.files.map(({ path }) => path)
    expect(filesBelow(where)).toEqual([...listed, 'manifest.json'].sort())
    for (const { path, source, sha256 } of manifest.files) {
      expect(sha256OfFile(join(where, path))).toBe(sha256)
      expect(sha256OfFile(source ?? '')).toBe(sha256)
    }
    expect([...new Set(manifest.files.map(({ source }) => source))].sort()).toEqual(originals())
    for (const { shows, path } of found()) expect(listed).toContain(`${shows}/${basename(path)}`)
    expect(manifest.skipped).toEqual([])
  })

  test('as copies again: nothing that is there is overwritten', async () => {
    const first = diskTree(folder('copies'))
    const { button, dialog } = window
    await button('Export').click()
    const form = dialog('Export')
    await form.getByRole('textbox', { name: 'Destination folder' }).fill(folder('copies'))
    await form.getByRole('button', { name: 'Start export' }).click()
    const report = dialog('Export finished')
    await report.getByRole('button', { name: 'Done' }).click()
    const both = diskTree(folder('copies'))
    expect(both).toMatchObject(first)
    expect(Object.keys(both)).toHaveLength(2 * Object.keys(first).length)
  })

  test('as a ZIP archive', async () => {
    const { where, manifest } = await exportAs('ZIP archive', folder('zip'))
    expect(manifest.archive?.sha256).toBe(sha256OfFile(where))
    const inside = await sha256InArchive(where)
    const listed = manifest.files.map(({ path, sha256 }) => [path, sha256])
    expect(inside).toEqual(Object.fromEntries(listed))
    for (const { source, sha256 } of manifest.files) expect(sha256OfFile(source ?? '')).toBe(sha256)
    expect([...new Set(manifest.files.map(({ source }) => source))].sort()).toEqual(originals())
  })

  test('as a CSV table', async () => {
    const { where, manifest } = await exportAs('CSV table', folder('csv'))
    expect(manifest.files).toMatchObject([{ sha256: sha256OfFile(where) }])
    const rows = readCsv(where)
    expect(rows.map(({ path }) => path).sort()).toEqual(originals())
    for (const { path = '', sha256, tags } of rows) {
      expect(sha256).toBe(sha256OfFile(path))
      const photo = found().find(({ absolute }) => absolute === path)
      expect(tags?.split('; ')[0]).toBe(photo?.shows)
    }
  })

  test('as JSON lines', async () => {
    const { where, manifest } = await exportAs('JSON lines', folder('jsonl'))
    expect(manifest.files).toMatchObject([{ sha256: sha256OfFile(where) }])
    const lines = readFileSync(where, 'utf8').trimEnd().split('\n')
    const rows = lines.map((line) => JSON.parse(line))
    expect(rows.map(({ path }) => path).sort()).toEqual(originals())
    for (const { path, sha256, tags } of rows) {
      expect(sha256).toBe(sha256OfFile(path))
      const photo = found().find(({ absolute }) => absolute === path)
      expect(tags[0]).toMatchObject({ name: photo?.shows, source: 'predicted' })
    }
  })

  test('not to a place that is none, and is told so', async () => {
    const { button, dialog, page } = window
    await button('Export').click()
    const form = dialog('Export')
    await form.getByRole('textbox', { name: 'Destination folder' }).fill(join(world.model, 'x'))
    await form.getByRole('button', { name: 'Start export' }).click()
    const alert = form.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).toMatch(/\w+.*\./)
    await alert.getByRole('button', { name: 'Dismiss' }).click()
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'detached' })
  })
})
