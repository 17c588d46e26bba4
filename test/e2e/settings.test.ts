/** The settings: getting a model, looking with it, adding one's own, and what is refused. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { pytorchSample } from '../fixtures/models/samples.ts'
import { chromiumPath } from '../support/chromium.ts'
import {
  file,
  type ModelServer,
  sha256Of,
  startModelServer,
  withoutProxies,
} from '../support/modelServer.ts'
import { createPhotoWorld, type PhotoWorld } from '../support/photoWorld.ts'
import { smallLabels, writeSmallModel } from '../support/pictures.ts'
import { openSession, type Session } from '../support/session.ts'
import { catalogModel, smallResNet } from '../support/smallCatalog.ts'
import { type AlbumenWindow, eventually } from '../support/window.ts'

const bytes = smallResNet(1)
const slowly = { pause: 60, pieceSize: 8192 }

describe.skipIf(!chromiumPath)('the settings', () => {
  let world: PhotoWorld
  let server: ModelServer
  let session: Session
  let window: AlbumenWindow
  let settings: Locator
  let installed: Locator
  let offered: Locator

  beforeAll(async () => {
    world = await createPhotoWorld()
    server = await startModelServer()
    const catalog = join(world.root, 'catalog.json')
    const damaged = Uint8Array.from(bytes).fill(0, -1000)
    writeFileSync(
      catalog,
      JSON.stringify([
        catalogModel('small', server.serve('/small', file(bytes, slowly)), bytes),
        catalogModel('broken', server.serve('/broken', file(damaged)), bytes),
      ]),
    )
    const folder = join(world.photos, '2007', 'Tag im Zoo')
    session = await openSession([folder, '--library', world.library, '--model', world.model], {
      ...withoutProxies,
      ALBUMEN_MODEL_CATALOG: catalog,
    })
    window = session.window
    await window.upToDate()
    settings = window.dialog('Settings')
    installed = settings.getByRole('list', { name: 'Models on this computer' })
    offered = settings.getByRole('table', { name: 'Models to get' })
  })
  afterAll(async () => {
    await session?.close()
    await server?.close()
    world?.remove()
  })
  afterEach(() => expect(window.problems()).toEqual([]))

  const model = (name: string) => installed.getByRole('listitem').filter({ hasText: name })
  const button = (name: string) => settings.getByRole('button', { name, exact: true })
  const here = (name: string) => join(world.library, 'models', name)

  test('open with a comma and say which model is in use', async () => {
    await window.grid.focus()
    await window.page.keyboard.press(',')
    await installed.waitFor()
    expect(await installed.getByRole('listitem').first().textContent()).toContain('In use')
    await model('Albumen starter').waitFor()
    expect(await button('Remove Albumen starter (ResNet, 156 everyday classes)').isDisabled()).toBe(
      true,
    )
  })

  test('get a model: with its progress, cancelled, resumed, and there while they are closed', async () => {
    await button('Get Small small').click()
    const progress = offered.getByRole('progressbar', { name: 'Getting Small small' })
    await progress.waitFor()
    await eventually(() => offered.getByText(/ of .* kB/).textContent()).toMatch(/kB\/s/)
    await button('Cancel getting Small small').click()
    await button('Resume getting Small small').waitFor()
    expect(existsSync(here('small.onnx'))).toBe(false)
    expect(existsSync(here('small.onnx.partial'))).toBe(true)

    server.serve('/small', file(bytes, { pause: 30, pieceSize: 8192 }))
    await button('Resume getting Small small').click()
    await progress.waitFor()
    await window.page.keyboard.press('Escape')
    await settings.waitFor({ state: 'detached' })
    await window.page.getByText('Small small is here.').waitFor()
    expect(server.requests.at(-1)?.range).toMatch(/^bytes=\d+-$/)
    expect(sha256Of(readFileSync(here('small.onnx')))).toBe(sha256Of(bytes))
  })

  test('look with the model that came: every photo again, and the window says so', async () => {
    await window.button('Settings').click()
    await button('Use Small small').click()
    await model('Small small').getByText('In use').waitFor()
    await window.page.keyboard.press('Escape')
    await window.upToDate()
    await eventually(() => window.jobs.locator('.jobs-model').textContent()).toMatch(/^Small small/)
    await window.grid.getByRole('gridcell').first().dblclick()
    const viewer = window.dialog('Viewer')
    const tags = viewer.getByRole('complementary', { name: 'Information' })
    await eventually(async () => {
      const text = (await tags.textContent()) ?? ''
      return smallLabels.some(({ name }) => text.includes(name))
    }).toBe(true)
    await window.page.keyboard.press('Escape')
    await viewer.waitFor({ state: 'detached' })
  })

  test('say what to do when a model that came is not what it should be', async () => {
    await window.button('Settings').click()
    await button('Get Small broken').click()
    const alert = offered.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).toMatch(/its sha256 differs.*get it again/)
    expect(existsSync(here('broken.onnx'))).toBe(false)
    expect(existsSync(here('broken.onnx.partial'))).toBe(false)
  })

  test('add a model of one’s own, verify and remove it', async () => {
    const path = writeSmallModel(join(world.root, 'own'), 'pets', 5, { name: 'My pets' })
    await settings.getByRole('textbox', { name: 'ONNX file or address' }).fill(path)
    await button('Add').click()
    await model('My pets').waitFor()
    await button('Verify My pets').click()
    await settings.getByText('My pets is as it should be').waitFor()
    await button('Remove My pets').click()
    const question = window.dialog('Remove My pets?')
    await question.getByRole('button', { name: 'Remove', exact: true }).click()
    await model('My pets').waitFor({ state: 'detached' })
    expect(existsSync(here('pets.onnx'))).toBe(false)
    expect(existsSync(path)).toBe(true)
  })

  test('refuse what is no ResNet with the reason, and use it all the same when told to', async () => {
    const foreign = join(world.root, 'own', 'mobile.onnx')
    writeFileSync(foreign, pytorchSample('not-mobilenet-v3'))
    const labels = join(world.root, 'own', 'labels.txt')
    writeFileSync(labels, Array.from({ length: 10 }, (_, index) => `thing ${index}`).join('\n'))
    await settings.getByRole('textbox', { name: 'ONNX file or address' }).fill(foreign)
    await settings.getByRole('textbox', { name: /labels one a line/ }).fill(labels)
    await window.page.keyboard.press('Enter')
    const refusal = settings.getByRole('alert').filter({ hasText: 'This is no ResNet' })
    await refusal.waitFor()
    await refusal.getByRole('button', { name: 'Use it all the same' }).click()
    await model('mobile').getByText('In use').waitFor()
    await model('mobile').getByText('This is no ResNet').waitFor()
    await button('Use Small small').click()
    await model('Small small').getByText('In use').waitFor()
    await window.page.keyboard.press('Escape')
    await window.upToDate()
  })

  test('let the work be done in the background, with a box that is where it belongs', async () => {
    await window.page.keyboard.press(',')
    await settings.getByRole('button', { name: 'Acceleration', exact: true }).click()
    const box = settings.getByRole('checkbox', { name: /^Look at photos in the background/ })
    const sections = await settings.getByRole('navigation').boundingBox()
    const place = await box.boundingBox()
    expect(place?.x).toBeGreaterThan((sections?.x ?? 0) + (sections?.width ?? 0))
    await box.click()
    await eventually(() => box.isChecked()).toBe(true)
    await eventually(() => box.isEnabled()).toBe(true)
    await box.click()
    await eventually(() => box.isChecked()).toBe(false)
    await window.page.keyboard.press('Escape')
    await settings.waitFor({ state: 'detached' })
  })

  test('are where the help says, for the keyboard alone', async () => {
    await window.page.keyboard.press('?')
    await window.dialog('Keyboard and search').getByText('Settings', { exact: true }).waitFor()
    await window.page.keyboard.press('Escape')
    await window.page.keyboard.press(',')
    await settings.waitFor()
    const focused = () => window.page.evaluate(() => document.activeElement?.textContent?.trim())
    await eventually(focused).toBe('Model')
    const isOfModel = () =>
      window.page.evaluate(() =>
        /^(Verify|Use|Remove) /.test(document.activeElement?.ariaLabel ?? ''),
      )
    // Past the other sections, and what closes the dialog.
    for (let steps = 0; steps < 8 && !(await isOfModel()); steps++) {
      await window.page.keyboard.press('Tab')
    }
    expect(await isOfModel()).toBe(true)
    await window.page.keyboard.press('Escape')
    await settings.waitFor({ state: 'detached' })
  })
})
