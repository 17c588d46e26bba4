/** Drives come and go, also while they are read. File systems in memory stand for them. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unattended } from '../../../main/engine/library/compare.ts'
import { scanFolder } from '../../../main/engine/library/scan.ts'
import { createRest } from '../../../main/engine/rest.ts'
import { createDrive, type Drive, mayMount } from '../../support/drive.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../../support/engineFixture.ts'
import { inProcessVision } from '../../support/inProcessVision.ts'
import { writePicture } from '../../support/pictures.ts'
import { soon, watched } from '../../support/watching.ts'

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

  test.each([
    ['while it is watched', 'watched'],
    ['while nobody watches', 'away'],
  ] as const)('on which every file was edited is there: %s', async (_when, how) => {
    await fill(5, '')
    const library = await fixture.open(how === 'watched' ? watched() : {})
    await library.index(drive.point)
    await soon(() => library.looks.length).toBe(5)
    const { id } = await library.detail('3.jpg')
    await library.ask('tagPhotos', { target: { ids: [id] }, tag: { name: 'x' }, verdict: 'yes' })
    if (how === 'away') drive.takeAway()
    if (how === 'away') drive.plugIn()
    for (let seed = 0; seed < 5; seed++) {
      const path = join(drive.point, `${seed}.jpg`)
      writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('edited')]))
    }
    await writePicture(join(drive.point, 'new.jpg'), 60)
    if (how === 'away') await library.rescan()
    await soon(() => library.names()).toHaveLength(6)
    expect(await folders(library)).toMatchObject([{ state: 'online', photos: 6 }])
    expect((await library.detail('3.jpg')).tags[0]).toMatchObject({ name: 'x', verdict: 'yes' })
  })

  test.each(['read', 'classified'])(
    'whose place another one takes while its photos wait to be %s gives them nothing of that',
    async (how) => {
      await fill(6)
      const library = await fixture.open()
      if (how === 'classified') await library.index(drive.point)
      library.readNothing()
      if (how === 'read') await library.index(drive.point)
      else await library.ask('resetPredictions', {})
      const ids = library.cards().map(({ id }) => id)
      await library.ask('ratePhotos', { target: { ids }, stars: 5 })
      drive.plugInAnother()
      for (let seed = 0; seed < 6; seed++) {
        await writePicture(join(drive.point, 'holiday', `${seed}.jpg`), 50 + seed)
      }
      await library.ask('resumeJobs', {})
      await library.engine.idle()
      expect(await folders(library)).toMatchObject([{ state: 'offline', photos: 6 }])
      drive.takeAway()
      drive.plugIn()
      await library.rescan()
      expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 6, pending: 0 })
      expect(library.cards().map(({ id, stars }) => [id, stars])).toEqual(ids.map((id) => [id, 5]))
      const { thumbnail } = await library.detail('0.jpg')
      const hash = createHash('sha256').update(readFileSync(join(drive.point, 'holiday', '0.jpg')))
      expect(thumbnail).toBe(hash.digest('hex').slice(0, 16))
    },
  )

  test('whose place another one takes in a pause of its scan is offline, and keeps what was said', async () => {
    for (let seed = 0; seed < 24; seed++) {
      await writePicture(join(drive.point, `${seed % 12}`, `${seed}.jpg`), seed)
    }
    const library = await fixture.open(watched())
    await library.index(drive.point)
    await soon(() => library.looks.length).toBe(24)
    const ids = library.cards().map(({ id }) => id)
    await library.ask('ratePhotos', { target: { ids }, stars: 5 })
    library.engine.scan()
    await library.ask('pauseJobs', {})
    drive.plugInAnother()
    for (let directory = 0; directory < 12; directory++) {
      await writePicture(join(drive.point, `${directory}`, `${directory}.jpg`), 100 + directory)
    }
    await library.ask('resumeJobs', {})
    await soon(async () => (await folders(library))[0]?.state).toBe('offline')
    expect(states(library)).toEqual([{ state: 'present', files: 24 }])
    drive.takeAway()
    drive.plugIn()
    await soon(async () => (await folders(library))[0]?.state).toBe('online')
    await library.engine.idle()
    expect(library.cards().map(({ id, stars }) => [id, stars])).toEqual(ids.map((id) => [id, 5]))
  })

  test('made from the same image as another one is not taken for it', async () => {
    await fill(3, 'mine')
    const library = await fixture.open()
    await library.index(drive.point)
    drive.takeAway()
    drive.plugInAnother()
    await writePicture(join(drive.point, 'ours', '7.jpg'), 7)
    const { birthtimeNs } = statSync(drive.point, { bigint: true })
    library.db
      .prepare(`UPDATE setting SET value = ? WHERE key LIKE 'births:%'`)
      .run(JSON.stringify({ '': `${birthtimeNs}` }))
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'offline', photos: 3 }])
    expect(await library.ask('purgeMissing', { ids: null })).toEqual({ purged: 0 })
  })

  test('that is away keeps nobody waiting for its photos, which are looked at when it is back', async () => {
    await fill(5)
    const library = await fixture.open()
    await library.index(drive.point)
    drive.takeAway()
    await library.ask('resetPredictions', {})
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 0, pending: 0 })
    await fixture.picture('here.jpg', 70)
    await library.index()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 1, pending: 0 })
    drive.plugIn()
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 6, pending: 0 })
  })

  test('in whose place another one is, with the same files of other times, is there', async () => {
    await fill(20)
    const library = await fixture.open()
    await library.index(drive.point)
    const copied = join(fixture.root, 'copied')
    execFileSync('cp', ['-r', drive.point, copied])
    drive.takeAway()
    drive.plugInAnother()
    execFileSync('cp', ['-r', `${copied}/.`, drive.point])
    await library.rescan()
    expect(await folders(library)).toMatchObject([{ state: 'online', photos: 20 }])
    expect(states(library)).toEqual([{ state: 'present', files: 20 }])
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
        ...{
          signal: new AbortController().signal,
          rest: createRest(),
          say: () => {},
          onProgress: () => {},
        },
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
    const told = library.log.filter((line) => line.includes('cannot be reached any more'))
    expect(told).toHaveLength(1)
    expect(states(library)).toEqual([{ state: 'present', files: 40 }])
    drive.plugIn()
    await library.rescan()
    expect(await library.ask('libraryStatus', {})).toMatchObject({ classified: 40, pending: 0 })
  })
})

describe.skipIf(!mayMount)('a drive that is mounted below a root', () => {
  let drive: Drive
  let outer: string
  let library: OpenEngine
  const onDrive = (name: string) => join(drive.point, 'holiday', name)
  beforeEach(async () => {
    drive = createDrive()
    drive.plugIn()
    outer = dirname(drive.point)
    for (const seed of [0, 1]) await writePicture(onDrive(`${seed}.jpg`), seed)
    await writePicture(join(outer, 'beside', '2.jpg'), 2)
    // Other places of the drive's file system would be copies of what is on it.
    writeFileSync(join(outer, '.albumenignore'), 'drive-*')
    library = await fixture.open()
    await library.index(outer)
    expect(library.names()).toEqual(['0.jpg', '1.jpg', '2.jpg'])
  })
  afterEach(() => drive.remove())

  const here = () => states(library)
  const all = [{ state: 'present', files: 3 }]
  const missing = () => library.ask('missingPhotos', { offset: 0, limit: 10 })

  test('over a folder that holds photos loses nothing of them', async () => {
    // It is empty, as of a mount that went wrong.
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(outer, 'beside')])
    try {
      await library.rescan()
      expect(here()).toEqual(all)
      expect(await library.ask('purgeMissing', { ids: null })).toEqual({ purged: 0 })
    } finally {
      execFileSync('umount', [join(outer, 'beside')])
    }
    await library.rescan()
    expect(library.names()).toEqual(['0.jpg', '1.jpg', '2.jpg'])
  })

  test('and on which every file was edited is there', async () => {
    for (const name of ['0.jpg', '1.jpg']) {
      writeFileSync(onDrive(name), Buffer.concat([readFileSync(onDrive(name)), Buffer.from('x')]))
    }
    await writePicture(onDrive('new.jpg'), 60)
    await library.rescan()
    expect(library.names()).toEqual(['0.jpg', '1.jpg', '2.jpg', 'new.jpg'])
    expect(await library.ask('libraryStatus', {})).toMatchObject({ pending: 0 })
  })

  test('and taken away loses nothing, and what changes beside it is found', async () => {
    drive.takeAway()
    await writePicture(join(outer, 'beside', '3.jpg'), 3)
    await library.rescan()
    expect(library.names()).toEqual(['0.jpg', '1.jpg', '2.jpg', '3.jpg'])
    expect(await missing()).toMatchObject({ count: 0 })
    expect(library.log).toContainEqual(expect.stringContaining('as when its drive is away'))
    rmSync(drive.point, { recursive: true })
    await library.rescan()
    expect(await missing()).toMatchObject({ count: 0 })
    mkdirSync(drive.point)
    drive.plugIn('anew')
    rmSync(onDrive('0.jpg'))
    await writePicture(onDrive('4.jpg'), 4)
    await library.rescan()
    expect(library.names()).toEqual(['1.jpg', '2.jpg', '3.jpg', '4.jpg'])
    expect(library.looks).toHaveLength(5)
  })

  test('and whose place another one has taken loses nothing, and nothing of that is taken in', async () => {
    drive.takeAway()
    drive.plugInAnother()
    await writePicture(onDrive('other.jpg'), 9)
    // A photo that was copied from it before.
    execFileSync('cp', ['-p', join(outer, 'beside', '2.jpg'), onDrive('2.jpg')])
    await library.rescan()
    expect(here()).toEqual(all)
    drive.takeAway()
    drive.plugIn()
    await library.rescan()
    expect(here()).toEqual(all)
  })

  test('and taken away leaves what was missing on it before to be found again: a purge keeps it', async () => {
    const { id } = await library.detail('0.jpg')
    await library.ask('ratePhotos', { target: { ids: [id] }, stars: 5 })
    const aside = join(drive.point, 'aside.bin')
    renameSync(onDrive('0.jpg'), aside)
    await library.rescan()
    expect(await missing()).toMatchObject({ count: 1 })
    drive.takeAway()
    await library.rescan()
    expect(await library.ask('purgeMissing', { ids: null })).toEqual({ purged: 0 })
    drive.plugIn()
    renameSync(aside, onDrive('0.jpg'))
    await library.rescan()
    expect(await library.detail('0.jpg')).toMatchObject({ id, stars: 5 })
  })

  test('and taken away is not where a copy elsewhere was moved from', async () => {
    const { id } = await library.detail('0.jpg')
    execFileSync('cp', ['-p', onDrive('0.jpg'), join(outer, 'beside', '0.jpg')])
    drive.takeAway()
    await library.rescan()
    expect((await library.detail('0.jpg')).files).toHaveLength(2)
    expect(await library.detail('0.jpg')).toMatchObject({ id })
  })

  test.each(['holiday', ''])('and goes while %j of it is scanned loses nothing', async (at) => {
    const [folder] = await folders(library)
    if (!folder) throw new Error('there is no folder')
    const entered: string[] = []
    const attention = {
      ...unattended,
      enter(directory: string) {
        if (directory === join('mounted', at)) drive.takeAway()
        entered.push(directory)
      },
    }
    const options = {
      ...{ db: library.db, attention, otherRoots: new Set<string>() },
      ...{
        signal: new AbortController().signal,
        rest: createRest(),
        say: () => {},
        onProgress: () => {},
      },
    }
    await scanFolder(folder, options, null)
    expect(entered).toContain('mounted')
    expect(here()).toEqual(all)
    await library.rescan()
    expect(here()).toEqual(all)
  })

  test('and goes before its photos are read loses nothing of what was said of them', async () => {
    library.readNothing()
    await writePicture(onDrive('5.jpg'), 5)
    library.engine.scan()
    await expect.poll(() => library.names()).toContain('5.jpg')
    const { id } = await library.detail('5.jpg')
    await library.ask('ratePhotos', { target: { ids: [id] }, stars: 3 })
    drive.takeAway()
    await library.ask('resumeJobs', {})
    await library.engine.idle()
    expect(await missing()).toMatchObject({ count: 0 })
    drive.plugIn()
    await library.rescan()
    expect(await library.detail('5.jpg')).toMatchObject({ id, stars: 3 })
  })

  test('and whose files were moved into the folder itself leaves a folder as others', async () => {
    const kept = join(outer, 'kept')
    execFileSync('cp', ['-a', `${drive.point}/.`, kept])
    drive.takeAway()
    execFileSync('cp', ['-a', `${kept}/.`, drive.point])
    rmSync(kept, { recursive: true })
    await library.rescan()
    rmSync(join(drive.point, 'holiday'), { recursive: true })
    await library.rescan()
    expect(library.names()).toEqual(['2.jpg'])
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
