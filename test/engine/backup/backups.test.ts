/** Backups: what is in them, when they are made and kept, and what stands in their way. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BackupProgress } from '../../../contract/backups.ts'
import type { CallContext } from '../../../contract/commands.ts'
import { backUp } from '../../../main/engine/backup/backUp.ts'
import { type Backups, createBackups } from '../../../main/engine/backup/backups.ts'
import { findBackups } from '../../../main/engine/backup/list.ts'
import { dailyName, localDay } from '../../../main/engine/backup/names.ts'
import { chooseFolder } from '../../../main/engine/backup/place.ts'
import { describeCopy, lookInto } from '../../../main/engine/db/backup.ts'
import { takeLock } from '../../../main/engine/db/lock.ts'
import { libraryFile, openLibrary } from '../../../main/engine/db/open.ts'
import {
  type BackupFixture,
  createBackupFixture,
  namesIn,
  patiently,
  read,
  saidIn,
  threads,
} from '../../support/backupFixture.ts'
import { albumen } from '../../support/commandLine.ts'
import { fillDisk, mountMemory, mountsMemory, remount, unmount } from '../../support/memoryDisk.ts'

const DAY = 86_400_000
const noon = new Date(2026, 9, 3, 12).getTime()

let fixture: BackupFixture
beforeEach(() => {
  fixture = createBackupFixture(300)
})
afterEach(() => fixture.remove())

type Context = CallContext<BackupProgress>

const make = (at = noon, to: string | null = null, context: Context = patiently) =>
  backUp({ directory: fixture.library, to, at, threads }, context)

describe('a backup', () => {
  test('holds everything, in one whole file named after the day, and says so', async () => {
    const said = read(libraryFile(fixture.library), saidIn)
    const phases: string[] = []
    const backup = await make(noon, null, {
      ...patiently,
      onProgress: ({ phase }) => phases.push(phase),
    })
    expect(backup).toMatchObject({
      path: join(fixture.backups, 'albumen-2026-10-03.sqlite'),
      kind: 'daily',
      madeAt: new Date(noon).toISOString(),
      contents: { photos: 300, decisions: 20, albums: 1, ratings: 10 },
      problem: null,
    })
    expect(namesIn(fixture.backups)).toEqual(['albumen-2026-10-03.sqlite'])
    expect(read(backup.path, saidIn)).toEqual(said)
    expect(phases).toContain('copying')
    expect(phases.at(-1)).toBe('verifying')
  })

  test('made again on the same day takes no name of another', async () => {
    await make()
    writeFileSync(join(fixture.backups, 'albumen-2026-10-03-2.sqlite'), 'somebody else’s')
    expect(basename((await make(noon + 1)).path)).toBe('albumen-2026-10-03-3.sqlite')
    expect(readFileSync(join(fixture.backups, 'albumen-2026-10-03-2.sqlite'), 'utf8')).toBe(
      'somebody else’s',
    )
  })

  test('is of one moment, while an engine goes on writing and answering', async () => {
    fixture.remove()
    fixture = createBackupFixture(20_000)
    const { db } = fixture.open()
    // Two tables that always agree: a copy of two moments would not.
    const add = db.transaction((photo: number) => {
      db.prepare('UPDATE photo SET camera = ? WHERE id = ?').run(String(photo), photo)
      db.prepare('UPDATE file SET size = 2 WHERE photo_id = ?').run(photo)
    })
    let written = 0
    let writing = true
    const writer = (async () => {
      while (writing) {
        for (let more = 0; more < 20; more++) add(1 + (written++ % 20_000))
        await new Promise(setImmediate)
      }
    })()
    const before = written
    const backup = await make()
    writing = false
    await writer
    expect(written - before).toBeGreaterThan(100)
    const differing = read(backup.path, (copy) =>
      copy
        .prepare(
          `SELECT count(*) FROM photo JOIN file ON photo_id = photo.id
           WHERE (camera IS NULL) <> (file.size = 1)`,
        )
        .pluck()
        .get(),
    )
    expect(differing).toBe(0)
  })

  test('that is cancelled leaves nothing, and the next one is made', async () => {
    fixture.remove()
    fixture = createBackupFixture(20_000)
    for (const phase of ['copying', 'verifying']) {
      const controller = new AbortController()
      const context: Context = {
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.phase === phase) controller.abort(new Error('enough'))
        },
      }
      await expect(make(noon, null, context), phase).rejects.toThrow('enough')
      expect(namesIn(fixture.backups), phase).toEqual([])
    }
    expect((await make()).contents?.photos).toBe(20_000)
  })

  test('is one at a time, and says so to who asks for another', async () => {
    const first = make()
    await expect(make()).rejects.toMatchObject({ code: 'backup-running' })
    await first
  })

  test('of a damaged library is not kept, and the older one is named', async () => {
    await make(noon - DAY)
    const file = libraryFile(fixture.library)
    const bytes = readFileSync(file)
    // Pages in the middle: of tables and indexes.
    bytes.fill(0x5a, Math.floor(bytes.length * 0.3), Math.floor(bytes.length * 0.6))
    writeFileSync(file, bytes)
    await expect(make()).rejects.toThrow(/damaged .*albumen (restore|doctor)/)
    expect(namesIn(fixture.backups)).toEqual(['albumen-2026-10-02.sqlite'])
  })

  test('goes to another folder when that is asked for, without rotation there', async () => {
    const to = join(fixture.root, 'elsewhere')
    for (let day = 0; day < 9; day++) await make(noon + day * DAY, to)
    expect(namesIn(to)).toHaveLength(9)
    expect(namesIn(fixture.backups)).toEqual([])
    await expect(make(noon, join(fixture.root, 'no', 'such'))).rejects.toMatchObject({
      code: 'no-such-folder',
    })
  })

  test('of no library is refused', async () => {
    rmSync(libraryFile(fixture.library))
    await expect(make()).rejects.toMatchObject({ code: 'no-library' })
  })
})

describe('in the background', () => {
  let now: number
  let backups: Backups
  let handlers: Backups['handlers']
  let log: string[]
  beforeEach(() => {
    now = noon
    log = []
    const { db } = fixture.open()
    backups = createBackups({
      ...{ db, directory: fixture.library, threads },
      now: () => now,
      timing: { first: 1, look: 2, retry: 3_600_000 },
      log: (line) => log.push(line),
      onChange: () => {},
      leave: (work) => work(),
    })
    handlers = backups.handlers
  })
  afterEach(() => backups.close())

  const choose = (folder: string) => handlers.chooseBackupFolder({ folder }, patiently)
  const names = () => namesIn(fixture.backups)
  /** Another backup, as if it had been made then. */
  function copyAsOf(path: string, madeAt: number): void {
    const { note } = lookInto(path)
    const copy = join(fixture.backups, dailyName(madeAt, 1))
    copyFileSync(path, copy)
    if (note) describeCopy(copy, { ...note, madeAt })
  }
  const settled = () => new Promise((resolve) => setTimeout(resolve, 150))

  test('one is made soon after the start, and one a day while it runs', async () => {
    backups.keepDaily()
    await expect.poll(names).toEqual(['albumen-2026-10-03.sqlite'])
    now += 8 * 3_600_000
    await settled()
    expect(names()).toHaveLength(1)
    now += 13 * 3_600_000
    await expect.poll(names).toEqual(['albumen-2026-10-03.sqlite', 'albumen-2026-10-04.sqlite'])
    expect(log).toEqual([])
  })

  test('none is made where there is one of the last 20 hours', async () => {
    await make(noon - 19 * 3_600_000)
    backups.keepDaily()
    await settled()
    expect(names()).toHaveLength(1)
  })

  test('half a year of them is rotated, and files of others and of another library stay', async () => {
    const other = createBackupFixture(1)
    mkdirSync(fixture.backups)
    const foreign = await backUp(
      { directory: other.library, to: fixture.backups, at: noon - 900 * DAY, threads },
      patiently,
    )
    other.remove()
    writeFileSync(join(fixture.backups, 'notes.txt'), 'mine')
    writeFileSync(join(fixture.backups, 'albumen-2020-01-01.sqlite'), 'no database')
    const { path } = await handlers.backUp({}, patiently)
    for (let day = 1; day < 180; day++) copyAsOf(path, noon - day * DAY)
    now += DAY
    await handlers.backUp({}, patiently)
    const ours = names().filter((name) => /^albumen-2026/.test(name))
    const lastDays = Array.from({ length: 7 }, (_, day) => localDay(now - (6 - day) * DAY))
    expect(ours.slice(-7)).toEqual(lastDays.map((day) => `albumen-${day}.sqlite`))
    // 8 weeks before them, and one for each month that is left.
    expect(ours).toHaveLength(7 + 8 + 5)
    expect(names()).toEqual(
      expect.arrayContaining([basename(foreign.path), 'notes.txt', 'albumen-2020-01-01.sqlite']),
    )
  })

  test('a folder that is offline is told in a sentence, once, and tried again later', async () => {
    const drive = join(fixture.root, 'drive')
    mkdirSync(drive)
    await choose(drive)
    // The drive is gone, and the folder that it was mounted at is there.
    renameSync(drive, `${drive}-unplugged`)
    mkdirSync(drive)
    backups.keepDaily()
    await expect
      .poll(async () => (await handlers.listBackups({}, patiently)).problem)
      .toMatch(/drive, cannot be reached: connect its drive, or choose another folder/)
    await settled()
    now += 3_700_000
    await settled()
    expect(namesIn(drive)).toEqual([])
    expect(log).toHaveLength(1)
    rmSync(drive, { recursive: true })
    renameSync(`${drive}-unplugged`, drive)
    now += 3_700_000
    await expect.poll(() => namesIn(drive)).toContain('albumen-2026-10-03.sqlite')
    expect((await handlers.listBackups({}, patiently)).problem).toBeNull()
  })

  test('a folder that is chosen must be there and writable; the usual one can be chosen again', async () => {
    await expect(choose(join(fixture.root, 'nowhere'))).rejects.toMatchObject({
      code: 'no-such-folder',
    })
    const drive = join(fixture.root, 'drive')
    mkdirSync(drive)
    await choose(drive)
    const made = await handlers.backUp({}, patiently)
    expect(made.path).toBe(join(drive, 'albumen-2026-10-03.sqlite'))
    expect(await handlers.listBackups({}, patiently)).toMatchObject({
      folder: drive,
      isUsual: false,
    })
    await choose(fixture.backups)
    expect(await handlers.listBackups({}, patiently)).toMatchObject({
      folder: fixture.backups,
      isUsual: true,
      backups: [],
    })
  })

  test('one that is being made is ended when the engine closes, and leaves nothing for long', async () => {
    const making = handlers.backUp({}, patiently)
    backups.close()
    await expect(making).rejects.toMatchObject({ code: 'cancelled' })
    expect(names()).toEqual([])
    expect(threads.busy()).toBe(false)
  })
})

describe('on the command line', () => {
  const run = (...args: string[]) => albumen(...args, '--library', fixture.library)
  const tag = (name: string) => run('tag', 'rating:0', '--add', name)
  const tagged = { code: 0, stderr: '', stdout: expect.stringMatching(/^Tag \d+ photos “\w+”\n$/) }

  test('one is made at the end of the first command of the day that writes, and nothing said of it', async () => {
    expect(await run('search', '')).toMatchObject({ code: 0 })
    expect(existsSync(fixture.backups)).toBe(false)
    expect(await tag('first')).toMatchObject(tagged)
    const [made, ...others] = findBackups(fixture.library)
    expect(others).toEqual([])
    expect(made).toMatchObject({ kind: 'daily', problem: null })
    // With what the command did.
    expect(made?.contents?.decisions).toBeGreaterThan(20)
    expect(await tag('second')).toMatchObject(tagged)
    expect(findBackups(fixture.library)).toHaveLength(1)
  })

  test('the next one is made when the last is old, also after one from the future', async () => {
    for (const at of [Date.now() - DAY, Date.now() + 40 * DAY]) await make(at)
    await tag('first')
    expect(findBackups(fixture.library)).toHaveLength(3)
    await tag('second')
    expect(findBackups(fixture.library)).toHaveLength(3)
  })

  test('it goes where backups go, and a folder that is away is told and fails nothing', async () => {
    const folder = join(fixture.root, 'drive')
    mkdirSync(folder)
    await chooseFolder(fixture.library, folder)
    renameSync(folder, `${folder} is away`)
    const { code, stdout, stderr } = await tag('first')
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('first') })
    expect(stderr).toMatch(/^albumen: There is no new backup: The folder for backups, .* connect/)
    renameSync(`${folder} is away`, folder)
    expect(await run('undo')).toMatchObject({ code: 0, stderr: '' })
    expect(namesIn(folder)).toContainEqual(expect.stringMatching(/^albumen-.*\.sqlite$/))
    expect(existsSync(fixture.backups)).toBe(false)
  })

  test('one that is being made already is left to whoever makes it', async () => {
    const release = takeLock(join(fixture.library, 'backup-lock.sqlite'))
    expect(release).not.toBeNull()
    expect(await tag('first')).toMatchObject(tagged)
    release?.()
    expect(findBackups(fixture.library)).toEqual([])
  })
})

test('backups of two libraries in one folder are told apart', async () => {
  const shared = join(fixture.root, 'shared')
  mkdirSync(shared)
  const other = createBackupFixture(7)
  for (const library of [fixture.library, other.library]) await chooseFolder(library, shared)
  await backUp({ directory: other.library, to: null, at: noon, threads }, patiently)
  await make()
  expect(findBackups(fixture.library).map(({ contents }) => contents?.photos)).toEqual([300])
  expect(findBackups(other.library).map(({ contents }) => contents?.photos)).toEqual([7])
  other.remove()
})

describe.skipIf(!mountsMemory)('on a small disk', () => {
  let disk: string
  beforeEach(() => {
    disk = join(fixture.root, 'disk')
  })
  afterEach(() => unmount(disk))

  test('a backup that does not fit says so and leaves nothing, whenever the disk is full', async () => {
    mountMemory(disk, 'size=8m')
    const size = readFileSync(libraryFile(fixture.library)).length
    // Too little from the start, for the copy, for checking it.
    for (const room of [0, size * 0.5, size * 1.5]) {
      const filling = fillDisk(disk, room)
      await expect(make(noon, disk), String(room)).rejects.toMatchObject({ code: 'no-room' })
      expect(namesIn(disk)).toEqual(['filling'])
      rmSync(filling)
    }
    expect((await make(noon, disk)).problem).toBeNull()
  })

  test('as the folder for backups is refused with a sentence about it, not about the library', async () => {
    mountMemory(disk, 'size=1m')
    fillDisk(disk)
    const opened = openLibrary(fixture.library)
    const backups = createBackups({
      ...{ db: opened.db, directory: fixture.library, threads, now: () => noon },
      timing: { first: 1, look: 2, retry: 3_600_000 },
      ...{ log: () => {}, onChange: () => {}, leave: (work) => work() },
    })
    await expect(
      backups.handlers.chooseBackupFolder({ folder: disk }, patiently),
    ).rejects.toMatchObject({ code: 'no-room', message: expect.stringContaining(disk) })
    backups.close()
    opened.close()
  })

  test('a backup that fills it while it is made says so and leaves nothing', async () => {
    fixture.remove()
    fixture = createBackupFixture(20_000)
    disk = join(fixture.root, 'disk')
    mountMemory(disk, 'size=40m')
    const context = {
      ...patiently,
      onProgress: () => {
        if (!existsSync(join(disk, 'filling'))) fillDisk(disk)
      },
    }
    await expect(make(noon, disk, context)).rejects.toMatchObject({
      code: 'no-room',
      message: expect.stringContaining(disk),
    })
    expect(namesIn(disk)).toEqual(['filling'])
  })

  test('a folder for reading alone is refused with a sentence', async () => {
    mountMemory(disk, 'size=8m')
    remount(disk, 'ro')
    await expect(make(noon, disk)).rejects.toMatchObject({
      code: 'backup-folder-not-writable',
      message: expect.stringMatching(/Nothing may be written to .*: allow it, or choose another/),
    })
  })

  test('a library for reading alone is backed up to elsewhere', async () => {
    const to = join(fixture.root, 'to')
    mountMemory(disk, 'size=8m')
    for (const name of ['library.sqlite', 'cache.sqlite']) {
      writeFileSync(join(disk, name), readFileSync(join(fixture.library, name)))
    }
    remount(disk, 'ro')
    const backup = await backUp({ directory: disk, to, at: noon, threads }, patiently)
    expect(read(backup.path, saidIn)).toEqual(read(libraryFile(fixture.library), saidIn))
  })
})
