/** The way of a newcomer through the browser face, from an empty library to a photo that was found. */
import { basename, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from '../support/chromium.ts'
import { diskTree } from '../support/diskTree.ts'
import { camera, createPhotoWorld, dogs, type PhotoWorld } from '../support/photoWorld.ts'
import { openSession, type Session } from '../support/session.ts'
import { type AlbumenWindow, eventually } from '../support/window.ts'

describe.skipIf(!chromiumPath)('a newcomer', () => {
  let world: PhotoWorld
  let before: ReturnType<typeof diskTree>
  let session: Session
  let window: AlbumenWindow

  beforeAll(async () => {
    world = await createPhotoWorld()
    before = diskTree(world.photos)
    session = await openSession(['--library', world.library, '--model', world.model])
    window = session.window
  })
  afterAll(async () => {
    await session?.close()
    world?.remove()
  })
  afterEach(() => expect(window.problems()).toEqual([]))

  test('is welcomed, and adds a folder by going there', async () => {
    const { page, button, dialog } = window
    await page.getByRole('heading', { name: 'Find your photos by what they show' }).waitFor()
    await button('Add folder').click()
    const picker = dialog('Choose a folder with photos')
    await picker.getByRole('textbox', { name: 'Folder path' }).fill(join(world.root, 'nowhere'))
    await picker.getByRole('button', { name: 'Go' }).click()
    await picker.getByRole('alert').waitFor()
    await picker.getByRole('textbox', { name: 'Folder path' }).fill(world.root)
    await picker.getByRole('button', { name: 'Go' }).click()
    const inside = picker.getByRole('list', { name: 'Folders inside' })
    await inside.getByRole('button', { name: 'photos' }).click()
    await inside.getByText('2007').waitFor()
    await picker.getByRole('button', { name: 'Add this folder' }).click()
    await picker.waitFor({ state: 'detached' })
    await page.getByRole('list', { name: 'Folders', exact: true }).getByText('photos').waitFor()
  })

  test('watches photos being looked at until every one is', async () => {
    const { page, jobs, grid } = window
    const bar = jobs.getByRole('progressbar', { name: 'Photos looked at' })
    const seen: number[] = []
    await bar.waitFor()
    await eventually(async () => {
      const now = await bar.evaluateAll((bars) => bars[0]?.getAttribute('aria-valuenow') ?? null)
      if (now !== null) seen.push(Number(now))
      return now
    }, 60_000).toBe(null)
    await window.upToDate()
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(new Set(seen).size).toBeGreaterThan(1)

    await window.expectPhotos(world.names())
    const ready = grid.locator('[role=gridcell][data-state=ready]')
    await eventually(() => ready.count()).toBe(world.known.length)
    const drawn = () =>
      page.$$eval(
        '[role=gridcell] img',
        (images) => images.filter((image) => (image as HTMLImageElement).naturalWidth > 0).length,
      )
    await eventually(drawn).toBe(world.known.length)
  })

  test('sees which files are no photos, and why', async () => {
    const { page, grid, button, dialog } = window
    for (const path of world.damaged) {
      const cell = grid.getByRole('gridcell', { name: basename(path) })
      expect(await cell.getAttribute('aria-description')).toBe('Cannot be read')
    }
    await button(`${world.damaged.length} unreadable`).click()
    const list = dialog('Photos that cannot be read')
    const reasons = list.locator('.quarantine-reason')
    await eventually(() => reasons.count()).toBe(world.damaged.length)
    for (const reason of await reasons.allTextContents()) expect(reason).toMatch(/\w{3,}.*\.$/)
    await list.getByRole('button', { name: 'Done' }).click()
    await page.waitForSelector('dialog', { state: 'detached' })
  })

  describe('filters by what was recognised', () => {
    const rows = () => window.page.getByRole('tree', { name: 'Classes' }).getByRole('treeitem')
    const row = (name: string) => window.page.getByRole('treeitem', { name, exact: true }).first()
    const filter = (text: string) =>
      window.page.getByRole('textbox', { name: 'Filter classes' }).fill(text)

    test('a click on a class or category finds as many photos as it counts', async () => {
      const { page, button } = window
      for (const text of ['', 'dog']) {
        await filter(text)
        await rows().first().waitFor()
        const shown = await rows().evaluateAll((items) =>
          items.map((item) => ({
            name: item.getAttribute('aria-label') ?? '',
            count: item.getAttribute('aria-description'),
          })),
        )
        expect(shown.length).toBeGreaterThan(text === '' ? 1 : 0)
        for (const { name, count } of shown) {
          await row(name).click()
          await eventually(() => row(name).getAttribute('aria-selected')).toBe('true')
          await eventually(() => page.locator('.result-count').textContent()).toBe(count)
          await button('All photos').click()
          await window.expectPhotos(world.names())
        }
      }
      await filter('')
    })

    test('a category holds its classes; one can be left out, and the search narrowed', async () => {
      await filter('dog')
      await row('dog').click()
      await window.expectPhotos(world.showing(...dogs))
      await filter('malinois')
      await row('malinois').click({ modifiers: ['Alt'] })
      const others = dogs.filter((name) => name !== 'malinois')
      await window.expectPhotos(world.showing(...others))
      await filter('Boston')
      await row('Boston terrier').click({ modifiers: ['ControlOrMeta'] })
      await window.expectPhotos(world.showing('Boston terrier'))
      expect(await window.box.inputValue()).toBe('tag:dog -tag:malinois tag:"Boston terrier"')
      await filter('')
      await window.button('All photos').click()
      await window.expectPhotos(world.names())
    })
  })

  describe('searches', () => {
    const named = 'my dog days.JPEG'
    const birds = ['king penguin', 'lorikeet']
    test.each([
      [
        'a category, by every class in it and by file name',
        'dog',
        () => [...world.showing(...dogs), named],
      ],
      ['a category only as a tag', 'tag:dog', () => world.showing(...dogs)],
      ['another category', 'bird', () => world.showing(...birds)],
      ['a synonym', 'containership', () => world.showing('container ship')],
      ['a plural', 'king penguins', () => world.showing('king penguin')],
      ['part of a file name', '"dog days"', () => [named]],
      [
        'the beginning of a file name',
        'name:img_100*',
        () => world.names().filter((name) => name.startsWith('IMG_100')),
      ],
      ['either of two', 'bird | cat', () => world.showing(...birds, 'Egyptian cat')],
      [
        'one without another',
        'tag:dog -malinois',
        () => world.showing(...dogs.filter((name) => name !== 'malinois')),
      ],
      ['both', 'dog zebra', () => [named]],
      ['groups', '(bird | dog) -penguin -name:days', () => world.showing('lorikeet', ...dogs)],
    ])('%s: %s', async (_what, query, expected) => {
      expect(expected().length).toBeGreaterThan(0)
      await window.search(query)
      await window.expectPhotos(expected())
    })

    test('is told when nothing is found, and goes back to everything', async () => {
      await window.search('xyzzy')
      await window.page.getByText('Nothing found for “xyzzy”').waitFor()
      await window.button('Show all photos').click()
      await window.expectPhotos(world.names())
    })

    test('is told where a search goes wrong, and keeps what was found', async () => {
      await window.search('tag:dog')
      await window.expectPhotos(world.showing(...dogs))
      await window.search('tag:dog (cat')
      const alert = window.page.getByRole('alert')
      await alert.waitFor()
      expect(await alert.textContent()).toContain('never closed')
      expect(await alert.locator('mark').textContent()).toBe('(')
      expect(await alert.textContent()).toContain('column 9')
      await window.expectPhotos(world.showing(...dogs))
      await window.search('tag:dog -(cat | malinois)')
      await window.expectPhotos(world.showing(...dogs.filter((name) => name !== 'malinois')))
      await alert.waitFor({ state: 'detached' })
    })

    test('is offered what there is to find', async () => {
      const { page, box } = window
      await box.fill('contain')
      const option = page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option')
      await option.filter({ hasText: 'container ship' }).click()
      await window.expectPhotos(world.showing('container ship'))
      expect((await box.inputValue()).trim()).toBe('"container ship"')
    })
  })

  describe('looks at one photo', () => {
    const viewer = () => window.dialog('Viewer')
    const facts = () => viewer().getByRole('complementary', { name: 'Information' })
    const shows = async (name: string, place: string) => {
      await viewer()
        .getByRole('img', { name })
        .and(window.page.locator('[data-loaded=true]'))
        .waitFor()
      await eventually(() => viewer().locator('.viewer-place').textContent()).toBe(place)
    }

    test('with the keyboard: opens it, leafs, closes it, and is where it was', async () => {
      const { page, box, grid } = window
      await page.getByRole('combobox', { name: 'Sort' }).selectOption('Name')
      await window.search('tag:dog')
      const names = world.showing(...dogs)
      await window.expectPhotos(names)
      await box.press('ArrowDown')
      await page.keyboard.press('Home')
      await page.keyboard.press('Enter')
      await shows('IMG_1001.JPEG', `1 of ${names.length}`)
      await page.keyboard.press('ArrowRight')
      await shows('IMG_1002.JPEG', `2 of ${names.length}`)
      await page.keyboard.press('ArrowLeft')
      await shows('IMG_1001.JPEG', `1 of ${names.length}`)
      await page.keyboard.press('ArrowRight')
      await shows('IMG_1002.JPEG', `2 of ${names.length}`)
      await page.keyboard.press('Escape')
      await viewer().waitFor({ state: 'detached' })
      await eventually(() =>
        grid.evaluate((element) => {
          const active = element.getAttribute('aria-activedescendant') ?? ''
          return [document.activeElement === element, document.getElementById(active)?.ariaLabel]
        }),
      ).toEqual([true, 'IMG_1002.JPEG'])
    })

    test('its tags with scores, its categories, its size and its file', async () => {
      await window.grid.getByRole('gridcell', { name: 'IMG_1001.JPEG' }).click()
      await shows('IMG_1001.JPEG', `1 of ${world.showing(...dogs).length}`)
      const tags = facts().getByRole('list', { name: 'Tags', exact: true })
      const best = tags.getByRole('listitem').first()
      expect(await best.getByRole('button').first().textContent()).toMatch(/^malinois(9\d|100) %$/)
      await best.getByRole('button', { name: 'Search dog', exact: true }).waitFor()
      const path = join(world.photos, 'IMG_1001.JPEG')
      const { width, height } = await sharp(path).metadata()
      await facts().getByText(`${width} × ${height}`).waitFor()
      await facts().getByRole('list', { name: 'Files' }).getByText(path, { exact: true }).waitFor()
      await viewer().getByRole('button', { name: 'Close', exact: true }).click()
    })

    test('and where on it the model sees a tag, faded as they like', async () => {
      const { page } = window
      const bar = viewer().getByRole('region', { name: 'Where the model sees it' })
      const layer = viewer().locator('canvas.heat-map')
      await window.grid.getByRole('gridcell', { name: 'IMG_1001.JPEG' }).click()
      await shows('IMG_1001.JPEG', `1 of ${world.showing(...dogs).length}`)
      await page.keyboard.press('w')
      await bar.getByText(/^Where the model sees /).waitFor()
      const opaque = await layer.evaluate((canvas: HTMLCanvasElement) => {
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data
        return [...(pixels ?? [])].filter((value, at) => at % 4 === 3 && value > 200).length
      })
      expect(opaque).toBeGreaterThan(0)
      const strength = bar.getByRole('slider', { name: 'Strength' })
      await strength.focus()
      await page.keyboard.press('Home')
      expect(await layer.evaluate((canvas) => getComputedStyle(canvas).opacity)).toBe('0')
      await page.keyboard.press('End')
      expect(await layer.evaluate((canvas) => getComputedStyle(canvas).opacity)).toBe('1')
      const why = facts()
        .getByRole('button', { name: /^Where the model sees / })
        .first()
      expect(await why.getAttribute('aria-pressed')).toBe('true')
      await bar.getByRole('button', { name: 'Hide' }).click()
      await bar.waitFor({ state: 'detached' })
      expect(await layer.count()).toBe(0)
      await viewer().getByRole('button', { name: 'Close', exact: true }).click()
    })

    test('what the camera wrote', async () => {
      await window.search('name:IMG_1012')
      await window.expectPhotos(['IMG_1012.JPEG'])
      await window.grid.getByRole('gridcell').click()
      await shows('IMG_1012.JPEG', '1 of 1')
      await facts().getByText(camera).waitFor()
      await viewer().getByRole('button', { name: 'Close', exact: true }).click()
    })

    test('and goes on from a category of it', async () => {
      await window.search('malinois')
      await window.expectPhotos(world.showing('malinois'))
      await window.grid.getByRole('gridcell').first().click()
      await facts().getByRole('button', { name: 'Search dog', exact: true }).first().click()
      await viewer().waitFor({ state: 'detached' })
      await window.expectPhotos(world.showing(...dogs))
    })
  })

  test('may have it light or dark', async () => {
    const { page, button } = window
    const brightness = async (theme: string) => {
      await eventually(() => button('Theme').getAttribute('title')).toBe(`Theme: ${theme}`)
      await page.screenshot({ path: join(world.root, `${theme}.png`) })
      const { channels } = await sharp(join(world.root, `${theme}.png`)).stats()
      return channels[0]?.mean ?? 0
    }
    await button('Theme').click()
    const light = await brightness('light')
    await button('Theme').click()
    expect(await brightness('dark')).toBeLessThan(light - 40)
  })

  test('finds every original as it was: names, sizes, times and bytes', () => {
    expect(diskTree(world.photos)).toEqual(before)
  })
})
