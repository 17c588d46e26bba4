/** Drives come and go, also while they are read. File systems in memory stand for them. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unattended } from '../../../main/engine/library/compare.ts'
import { scanFolder } from '../../../main/engine/library/scan.ts'
import { createDrive, type Drive, mayMount } from '../../support/drive.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../../support/engineFixture.ts'
import { inProcessVision } from '../../support/inProcessVision.ts'
import { writePicture } from '../../support/pictures.ts'

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
})
afterEach(() => fixture.remove())

const folders = (library: OpenEngine) => library.ask('listFolders', {})
const states = (library: OpenEngine) =>
  library.db.prepare('SELECT state, count(*) AS files FROM file GROUP BY state').all()

describe.skipIf(!mayMount)('a drive', () => {
  let drive: Drive
  beforeEach(() => {
    drive = createDrive()
    drive.plugIn()
  })
  afterEach(() => drive.remove())

  /** Gives the drive that is plugged in the mark of the one before, as two cards in one reader have it. */
  const asBefore = (library: OpenEngine) => {
    const { dev, ino } = statSync(drive.point, { bigint: true })
    library.db.prepare(`UPDATE setting SET value = ? WHERE key LIKE 'root:%'`).run(`${dev}:${ino}`)
  }

  const fill = async (count: number, directory = 'holiday') => {
    for (let seed = 0; seed < count; seed++) {
      await writePicture(join(drive.point, directory, `${seed}.jpg`), seed)
    }
  }

  test.each([[undefined], ['anew']] as const)(
    'that is not mounted leaves an empty folder, and is offline until it is back (%s)',
    async (anew) => {
      await fill(3)
      const library = await fixture.open()
      await library.index(drive.point)
      drive.takeAway()
      expect(readdirSync(drive.point)).toEqual([])
      await library.rescan()
      expect(await folders(library)).toMatchObject([{ state: 'offline', photos: 3 }])
      expect(library.names()).toHaveLength(3)
      expect(library.log).toContainEqual(expect.stringContaining('its photos stay'))
      drive.plugIn(anew)
      await library.rescan()
      expect(await folders(library)).toMatchObject([{ state: 'online', photos: 3 }])
      expect(states(library)).toEqual([{ state: 'present', files: 3 }])
      expect(library.looks).toHaveLength(3)
    },
  )

  test('whose place another one has taken is offline, whatever lies on the other', async () => {
    await fill(3)
    const library = await fixture.open()
    await library.index(drive.point)
    drive.takeAway()
    drive.plugInAnother()
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'offline' }])
    await writePicture(join(drive.point, 'holiday', 'other.jpg'), 50)
    // The same name as one that is known, but of another size.
    writeFileSync(join(drive.point, 'holiday', '0.jpg'), 'x')
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'offline' }])
    expect(states(library)).toEqual([{ state: 'present', files: 3 }])
    drive.takeAway()
    drive.plugIn()
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'online', photos: 3 }])
  })

  test('that was changed elsewhere is taken up as it is when it is back', async () => {
    await fill(4)
    const library = await fixture.open()
    await library.index(drive.point)
    drive.takeAway()
    await library.rescan()
    drive.plugIn('anew')
    rmSync(join(drive.point, 'holiday', '0.jpg'))
    await writePicture(join(drive.point, 'more', 'new.jpg'), 60)
    await library.rescan()
    expect(library.names()).toEqual(['1.jpg', '2.jpg', '3.jpg', 'new.jpg'])
  })

  test('that a person has emptied is offline: another card may be in the same reader', async () => {
    await fill(2)
    const library = await fixture.open()
    await library.index(drive.point)
    rmSync(join(drive.point, 'holiday'), { recursive: true })
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'offline', photos: 2 }])
    expect(states(library)).toEqual([{ state: 'present', files: 2 }])
    expect(library.log).toContainEqual(expect.stringContaining('remove it and add it again'))
  })

  test('of which a part was deleted is there, also when that is nearly all of a folder', async () => {
    await fill(40)
    const library = await fixture.open()
    await library.index(drive.point)
    for (const name of readdirSync(join(drive.point, 'holiday'))) {
      if (name !== '7.jpg') rmSync(join(drive.point, 'holiday', name))
    }
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'online', photos: 1 }])
    expect(states(library)).toEqual([
      { state: 'missing', files: 39 },
      { state: 'present', files: 1 },
    ])
  })

  test('on which every folder has another name is there, and its files are followed', async () => {
    await fill(3)
    const library = await fixture.open()
    await library.index(drive.point)
    renameSync(join(drive.point, 'holiday'), join(drive.point, 'summer'))
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'online', photos: 3 }])
    expect(states(library)).toEqual([{ state: 'present', files: 3 }])
  })

  test('of the number and inode of the last one is not taken for it, whatever lies on it', async () => {
    await fill(3)
    const library = await fixture.open()
    await library.index(drive.point)
    drive.takeAway()
    drive.plugInAnother()
    asBefore(library)
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'offline', photos: 3 }])
    // As the next card of the same camera: the same name and size.
    const { size } = statSync(await fixture.picture('0.jpg', 0))
    mkdirSync(join(drive.point, 'holiday'))
    writeFileSync(join(drive.point, 'holiday', '0.jpg'), Buffer.alloc(size, 1))
    utimesSync(join(drive.point, 'holiday', '0.jpg'), new Date(), new Date(2024, 4, 3, 17, 40, 13))
    asBefore(library)
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'offline', photos: 3 }])
    expect(states(library)).toEqual([{ state: 'present', files: 3 }])
    expect(await library.ask('purgeMissing', { ids: null })).toEqual({ purged: 0 })
    drive.takeAway()
    drive.plugIn()
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'online', photos: 3 }])
  })

  test('whose times are another time zone’s is recognised', async () => {
    await fill(1)
    const library = await fixture.open()
    await library.index(drive.point)
    drive.takeAway()
    drive.plugIn('anew')
    const photo = join(drive.point, 'holiday', '0.jpg')
    const shifted = new Date(statSync(photo).mtimeMs + 2 * 3_600_000 - 1400)
    utimesSync(photo, shifted, shifted)
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'online', photos: 1 }])
  })

  test.each([0, 10, 49])(
    'that goes while it is scanned, at its directory %d, loses nothing',
    async (at) => {
      for (let directory = 0; directory < 50; directory++) await fill(2, `${directory}`)
      const library = await fixture.open()
      await library.index(drive.point)
      const [folder] = await folders(library)
      if (!folder) throw new Error('there is no folder')
      let entered = 0
      const attention = {
        ...unattended,
        enter() {
          if (entered++ === at) drive.takeAway()
        },
      }
      const options = {
        ...{ db: library.db, attention, otherRoots: new Set<string>() },
        ...{ signal: new AbortController().signal, say: () => {}, onProgress: () => {} },
      }
      await scanFolder(folder, options, null)
      expect(states(library)).toEqual([{ state: 'present', files: 100 }])
      expect(await folders(library)).toMatchObject([{ state: 'offline' }])
    },
  )

  test('that goes while photos are looked at is offline, and nothing counts as unreadable', async () => {
    await fill(40)
    let looks = 0
    const library = await fixture.open({
      startVision: async () => {
        const vision = await inProcessVision()
        const send: typeof vision.channel.send = (message) => {
          if (message.type === 'call' && message.name === 'look' && ++looks === 30) drive.takeAway()
          vision.channel.send(message)
        }
        return { ...vision, channel: { ...vision.channel, send } }
      },
    })
    await library.index(drive.point)
    expect(await folders(library)).toMatchObject([{ state: 'offline', photos: 40 }])
    expect(await library.ask('jobs', {})).toMatchObject({ state: 'idle', quarantined: 0 })
    expect(states(library)).toEqual([{ state: 'present', files: 40 }])
    drive.plugIn()
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 40, pending: 0 })
  })
})

describe.skipIf(!mayMount || !existsSync('/media'))('a folder where drives come and go', () => {
  test('is offline when it is empty, although no drive begins there', async () => {
    const place = mkdtempSync('/media/albumen-test-')
    try {
      await writePicture(join(place, 'DCIM', '0.jpg'), 0)
      const library = await fixture.open()
      await library.index(join(place, 'DCIM'))
      rmSync(join(place, 'DCIM', '0.jpg'))
      await library.rescan()
      expect(await folders(library)).toMatchObject([{ state: 'offline', photos: 1 }])
    } finally {
      rmSync(place, { recursive: true })
    }
  })
})

describe('a folder on the same drive', () => {
  test('that a person has emptied is there, and its photos are missing', async () => {
    const path = await fixture.picture('a.jpg', 1)
    const library = await fixture.open()
    await library.index()
    rmSync(path)
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'online', photos: 0 }])
    expect(states(library)).toEqual([{ state: 'missing', files: 1 }])
  })

  test('that was made anew waits while it is empty, and counts when something is in it', async () => {
    await fixture.picture('a.jpg', 1)
    const library = await fixture.open()
    await library.index()
    // The old one lives on elsewhere: a file system may give a freed inode to the next folder.
    renameSync(fixture.photos, join(fixture.root, 'elsewhere'))
    mkdirSync(fixture.photos)
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'offline', photos: 1 }])
    await fixture.picture('b.jpg', 2)
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'online', photos: 1 }])
    expect(library.names()).toEqual(['b.jpg'])
  })
})
