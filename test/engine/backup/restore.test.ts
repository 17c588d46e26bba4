/** Restoring: what the library is afterwards, how to go back, and what is refused. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type {
  Backup,
  BackupList,
  BackupProgress,
  RestoreReport,
} from '../../../contract/backups.ts'
import type { PhotoCard } from '../../../contract/domain.ts'
import { backUp } from '../../../main/engine/backup/backUp.ts'
import { replaceLibrary } from '../../../main/engine/backup/replace.ts'
import { prepareRestore } from '../../../main/engine/backup/restore.ts'
import { describeCopy, lookInto } from '../../../main/engine/db/backup.ts'
import { joinReaders } from '../../../main/engine/db/lock.ts'
import { migrations } from '../../../main/engine/db/migrations/index.ts'
import { libraryFile, openLibrary } from '../../../main/engine/db/open.ts'
import { startEngine } from '../../../main/processes/node.ts'
import {
  type BackupFixture,
  createBackupFixture,
  namesIn,
  patiently,
  read,
  saidIn,
  say,
  threads,
} from '../../support/backupFixture.ts'
import { albumen, albumenJson, startAlbumen } from '../../support/commandLine.ts'
import { mountMemory, mountsMemory, unmount } from '../../support/memoryDisk.ts'
import { permissionsBind } from '../../support/withoutPrivileges.ts'

let fixture: BackupFixture
let library: string
beforeEach(() => {
  fixture = createBackupFixture(300)
  library = fixture.library
})
afterEach(() => fixture.remove())

const make = () => backUp({ directory: library, to: null, at: Date.now(), threads }, patiently)

function inLibrary(change: (db: Database) => void): void {
  const opened = openLibrary(library)
  change(opened.db)
  opened.close()
}

const said = () => read(libraryFile(library), saidIn)
const restore = (which: string, ...more: string[]) =>
  albumen('restore', which, '--library', library, '--yes', ...more)

describe('albumen restore', () => {
  test('brings back what was said then, says what and how to go back, and that works', async () => {
    const before = said()
    await make()
    inLibrary((db) => say(db, 7, 'said afterwards'))
    const after = said()

    const { code, stdout } = await restore('latest')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^Restored the library as of .*: 300 photos, 20 decisions, 1 album, 10 ratings\./,
    )
    expect(said()).toEqual(before)
    const [, replaced = ''] = /albumen restore "([^"]+)" --library/.exec(stdout) ?? []
    expect(read(replaced, saidIn)).toEqual(after)

    expect((await restore(replaced)).code).toBe(0)
    expect(said()).toEqual(after)
    expect(
      namesIn(library).filter((name) => /-wal|-shm|-journal|partial|restoring/.test(name)),
    ).toEqual([])
  })

  test('puts aside everything that was written, also what an engine had not got into the file yet', async () => {
    await make()
    const { db, close } = openLibrary(library)
    say(db, 3, 'in the log only')
    // As after a crash: the log is there, and the file lacks what is in it.
    const files = [libraryFile(library), `${libraryFile(library)}-wal`]
    const crashed = files.map((file) => readFileSync(file))
    close()
    for (const [index, file] of files.entries()) writeFileSync(file, crashed[index] ?? '')
    const [report] = await albumenJson<RestoreReport>(
      'restore',
      'latest',
      '--library',
      library,
      '--yes',
    )
    const names = read(report?.replaced ?? '', (aside) =>
      aside.prepare('SELECT name FROM tag').pluck().all(),
    )
    expect(names).toContain('in the log only')
    expect(existsSync(files[1] ?? '')).toBe(false)
  })

  test('makes a library where there is none', async () => {
    const { path } = await make()
    const before = said()
    const aside = join(fixture.root, 'kept.sqlite')
    copyFileSync(path, aside)
    rmSync(library, { recursive: true })
    const [report] = await albumenJson<RestoreReport>('restore', aside, '--library', library)
    expect(report).toMatchObject({ replaced: null, contents: { photos: 300, decisions: 20 } })
    expect(said()).toEqual(before)
  })

  test('asks before it replaces anything, and nobody can answer where there is no terminal', async () => {
    await make()
    const { code, stderr } = await albumen('restore', 'latest', '--library', library)
    expect(code).toBe(1)
    expect(stderr).toMatch(/add --yes if that is meant/)
  })

  test.each<[string, (path: string) => void, RegExp]>([
    ['a folder', (path) => mkdirSync(path), /wanted is no file: give the path of a backup/],
    ['an empty file', (path) => writeFileSync(path, ''), /wanted is no library of Albumen/],
    ['not there', () => {}, /There is no backup .*wanted: "albumen backup --list" shows/],
  ])('says so where the path is %s', async (_, prepare, words) => {
    const wanted = join(fixture.root, 'wanted')
    prepare(wanted)
    const { code, stderr } = await restore(wanted)
    expect(code).toBe(1)
    expect(stderr).toMatch(words)
    expect(stderr).not.toMatch(/disk/)
  })

  test.skipIf(!permissionsBind)('says so where the file may not be read', async () => {
    const { path } = await make()
    const wanted = join(fixture.root, 'wanted')
    copyFileSync(path, wanted)
    chmodSync(wanted, 0)
    chmodSync(fixture.root, 0o755)
    const others = process.getuid?.() === 0 ? { uid: 65_534 } : {}
    const elsewhere = join(fixture.root, 'elsewhere')
    const { code, stderr } = await startAlbumen(['restore', wanted, '--library', elsewhere], others)
      .finished
    expect(code).toBe(1)
    expect(stderr).toMatch(/wanted may not be read: change its permissions/)
  })

  test('is refused while Albumen runs with the library', async () => {
    await make()
    fixture.open()
    const { code, stderr } = await restore('latest')
    expect(code).toBe(1)
    expect(stderr).toMatch(/Albumen already runs with the library .*: close it first/)
  })

  test('is refused while another command reads the library, and changes nothing', async () => {
    await make()
    inLibrary((db) => say(db, 7, 'said afterwards'))
    const before = said()
    const leave = joinReaders(library, { readOnly: false })
    const { code, stderr } = await restore('latest')
    leave()
    expect(code).toBe(1)
    expect(stderr).toMatch(/Another command of Albumen reads the library/)
    expect(said()).toEqual(before)
    expect(existsSync(join(library, 'restoring.sqlite'))).toBe(false)
  })

  test.each<[string, (path: string) => void, RegExp]>([
    [
      'a newer Albumen has made',
      (path) => change(path, (db) => db.pragma(`user_version = ${migrations.length + 1}`)),
      /was made by a newer Albumen .*: update Albumen/,
    ],
    ['is no database', (path) => writeFileSync(path, 'A letter. '.repeat(1000)), /damaged/],
    [
      'is no library',
      (path) => {
        rmSync(path)
        change(path, (db) => db.exec('CREATE TABLE poem (line TEXT)'))
      },
      /is no library of Albumen/,
    ],
    [
      'has damaged pages',
      (path) => {
        const bytes = readFileSync(path)
        bytes.fill(0x5a, bytes.length >> 2, bytes.length >> 1)
        writeFileSync(path, bytes)
      },
      /is damaged \(.*\): take another backup/,
    ],
    [
      'is shorter than it was',
      (path) => writeFileSync(path, readFileSync(path).subarray(0, 200_000)),
      /is damaged/,
    ],
    [
      'lacks a decision that it had when it was made',
      (path) => change(path, (db) => db.exec('DELETE FROM decision WHERE photo_id = 3')),
      /does not hold what it held when it was made: decision/,
    ],
    [
      'has rows that belong to nothing',
      (path) =>
        change(path, (db) => {
          db.pragma('foreign_keys = OFF')
          db.exec('UPDATE decision SET tag_id = 999999 WHERE photo_id = 3')
        }),
      /rows of decision belong to nothing/,
    ],
  ])(
    'refuses a backup that %s, and leaves the library as it is',
    async (_case, spoil, sentence) => {
      const { path } = await make()
      inLibrary((db) => say(db, 7, 'said afterwards'))
      const before = said()
      spoil(path)
      const { code, stderr } = await restore(path)
      expect(code).toBe(1)
      expect(stderr).toMatch(sentence)
      expect(said()).toEqual(before)
      expect(namesIn(library).filter((name) => name.includes('restoring'))).toEqual([])
    },
  )

  test('over a library of a newer Albumen, which is put aside, says what opens that again', async () => {
    await make()
    const db = new Sqlite(libraryFile(library))
    db.pragma('user_version = 99')
    db.close()
    const refused = await albumen('backup', '--library', library)
    expect(refused.stderr).toMatch(/The library in .* was made by a newer Albumen .*: update/)
    const restored = await restore('latest')
    expect(restored.code).toBe(0)
    expect(restored.stdout).toMatch(/to go back with the newer Albumen that made it:/)
  })

  test('restores over a damaged library, which is put aside', async () => {
    const before = said()
    const { path } = await make()
    const file = libraryFile(library)
    writeFileSync(file, 'no database any more '.repeat(500))
    const refused = await albumen('status', '--library', library)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`albumen restore "${path}" --library "${library}"`)
    expect((await restore('latest')).code).toBe(0)
    expect(said()).toEqual(before)
    const [aside = ''] = namesIn(fixture.backups).filter((name) => /^replaced.*sqlite$/.test(name))
    expect(readFileSync(join(fixture.backups, aside), 'utf8')).toContain('no database any more')
  })

  test.each<[string, (library: string, backups: string) => void]>([
    ['before anything was changed', () => {}],
    [
      'when the library was put aside',
      (file, backups) => linkSync(file, join(backups, 'replaced-2026-10-03T12-00-00.sqlite')),
    ],
    [
      'while it was put aside, on a disk without links',
      (_file, backups) =>
        writeFileSync(join(backups, 'replaced-2026-10-03T12-00-00.sqlite.partial'), 'half'),
    ],
  ])(
    'cut off %s leaves the library, and the next start takes the rest away',
    async (_case, cut) => {
      await make()
      inLibrary((db) => say(db, 7, 'said afterwards'))
      const before = said()
      writeFileSync(join(library, 'restoring.sqlite'), 'the next library')
      writeFileSync(join(library, 'restoring.sqlite-journal'), '')
      cut(libraryFile(library), fixture.backups)
      inLibrary(() => {})
      expect(said()).toEqual(before)
      expect(namesIn(library).filter((name) => name.includes('restoring'))).toEqual([])
      expect(namesIn(fixture.backups).filter((name) => name.includes('replaced'))).toEqual([])
    },
  )

  test('restores what lies on a disk for reading alone as something that can be written', async () => {
    const { path } = await make()
    chmodSync(path, 0o444)
    expect((await restore('latest')).code).toBe(0)
    expect(statSync(libraryFile(library)).mode & 0o600).toBe(0o600)
  })
})

function change(path: string, work: (db: Database) => void): void {
  const db = new Sqlite(path)
  work(db)
  db.close()
}

describe('a backup of an older Albumen', () => {
  const added = migrations as ((db: Database) => void)[]
  const version = migrations.length
  afterEach(() => {
    added.length = version
  })

  test('is brought up to date after it was restored, with a backup of its own', async () => {
    const { path } = await make()
    const before = said()
    added.push((db) => db.exec('CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT'))
    inLibrary((db) => say(db, 7, 'said afterwards'))
    await prepareRestore({ directory: library, file: path }, () => {})
    replaceLibrary(library, Date.now())
    rmSync(join(fixture.backups, `before-schema-${version + 1}.sqlite`))
    inLibrary((db) => expect(db.prepare('SELECT count(*) FROM later').pluck().get()).toBe(0))
    expect(said()).toEqual(before)
    const own = join(fixture.backups, `before-schema-${version + 1}.sqlite`)
    expect(lookInto(own)).toMatchObject({ schema: version, photos: 300 })
    expect(read(own, saidIn)).toEqual(before)
  })
})

describe('restoring from the window', () => {
  test('starts the engine again in order, as often as it is done, and everything is asked anew', async () => {
    const lines: string[] = []
    await make()
    const engine = startEngine({ library, model: null, anyArchitecture: false }, (line) =>
      lines.push(line),
    )
    const givenUp = vi.fn()
    engine.onGivenUp(givenUp)
    let stale = 0
    engine.client.on('stale', (payload) => {
      if ((payload as { queries: string[] }).queries.includes('settings')) stale++
    })
    const ask = (name: string, input: unknown = {}) => engine.client.call(name, input)
    const tagged = async () => {
      const query = 'tag:"said afterwards"'
      return ((await ask('photoPage', { query, sort: 'name', offset: 0, limit: 9 })) as PhotoCard[])
        .length
    }
    try {
      const [backup] = ((await ask('listBackups')) as BackupList).backups
      // More often than crashes within a minute would be forgiven.
      for (let times = 1; times <= 5; times++) {
        await ask('tagPhotos', {
          target: { ids: [7] },
          tag: { name: 'said afterwards' },
          verdict: 'yes',
        })
        expect(await tagged()).toBe(1)
        const report = (await ask('restoreBackup', { path: backup?.path })) as RestoreReport
        expect(report).toMatchObject({ contents: { decisions: 20 }, madeAt: backup?.madeAt })
        const after = (await ask('listBackups')) as BackupList
        expect(after.backups.filter(({ kind }) => kind === 'replaced')).toHaveLength(times)
        expect(after.now.decisions).toBe(20)
        expect(stale).toBe(times)
      }
      const { backups } = (await ask('listBackups')) as { backups: Backup[] }
      const back = backups.find(({ kind }) => kind === 'replaced')
      await ask('restoreBackup', { path: back?.path })
      expect(await tagged()).toBe(1)
      expect(givenUp).not.toHaveBeenCalled()
      expect(lines.filter((line) => line.includes('ended with'))).toEqual([])
    } finally {
      await engine.stop()
    }
  })

  test('ends a backup that is being made, of which nothing is left', async () => {
    fixture.remove()
    fixture = createBackupFixture(20_000)
    library = fixture.library
    await make()
    const engine = startEngine({ library, model: null, anyArchitecture: false }, () => {})
    const ask = (name: string, input: unknown = {}) => engine.client.call(name, input)
    try {
      const [backup] = ((await ask('listBackups')) as BackupList).backups
      const another = expect(ask('backUp')).rejects.toMatchObject({ code: 'cancelled' })
      await ask('restoreBackup', { path: backup?.path })
      await another
      expect(namesIn(fixture.backups).map((name) => name.slice(0, 8))).toEqual([
        'albumen-',
        'replaced',
      ])
    } finally {
      await engine.stop()
    }
  })

  test('is refused for a path that is no backup of the list, and for a damaged one, and all goes on', async () => {
    const { path } = await make()
    const engine = startEngine({ library, model: null, anyArchitecture: false }, () => {})
    const ask = (name: string, input: unknown = {}) => engine.client.call(name, input)
    try {
      await expect(ask('restoreBackup', { path: libraryFile(library) })).rejects.toMatchObject({
        code: 'no-such-backup',
      })
      change(path, (db) => db.exec('DELETE FROM decision WHERE photo_id = 3'))
      await expect(ask('restoreBackup', { path })).rejects.toMatchObject({ code: 'backup-damaged' })
      const leave = joinReaders(library, { readOnly: false })
      describeCopy(path, { ...(lookInto(path).note ?? never()), said: { decision: 19 } })
      await expect(ask('restoreBackup', { path })).rejects.toMatchObject({
        code: 'library-being-read',
      })
      leave()
      expect(await ask('listBackups')).toMatchObject({ now: { decisions: 20 } })
    } finally {
      await engine.stop()
    }
  })
})

test('Albumen ends at once while a backup is being checked, and the next one clears away', async () => {
  fixture.remove()
  fixture = createBackupFixture(60_000)
  library = fixture.library
  const lines: string[] = []
  const options = { library, model: null, anyArchitecture: false }
  const first = startEngine(options, (line) => lines.push(line))
  const verifying = Promise.withResolvers<void>()
  const making = first.client.call(
    'backUp',
    {},
    {
      onProgress: (progress) => {
        if ((progress as BackupProgress).phase === 'verifying') verifying.resolve()
      },
    },
  )
  const lost = expect(making).rejects.toThrow()
  await verifying.promise
  await first.stop()
  await lost
  expect(lines.filter((line) => line.includes('by force'))).toEqual([])
  expect(namesIn(fixture.backups).filter((name) => name.endsWith('.sqlite'))).toEqual([])
  await make()
  expect(namesIn(fixture.backups)).toHaveLength(1)
})

function never(): never {
  throw new Error('the backup has no note')
}

describe.skipIf(!mountsMemory)('on a small disk', () => {
  test('restoring what does not fit says so, and leaves the library and nothing else', async () => {
    const { path } = await make()
    const aside = join(fixture.root, 'kept.sqlite')
    copyFileSync(path, aside)
    const disk = join(fixture.root, 'disk')
    const size = Math.ceil(statSync(path).size / 1e6 + 0.3)
    mountMemory(disk, `size=${size}m`)
    try {
      mkdirSync(join(disk, 'library'))
      copyFileSync(aside, join(disk, 'library', 'library.sqlite'))
      library = join(disk, 'library')
      const { code, stderr } = await restore(aside)
      expect(code).toBe(1)
      expect(stderr).toMatch(/make room/)
      expect(said().decision).toHaveLength(20)
      expect(namesIn(library)).not.toContain('restoring.sqlite')
    } finally {
      unmount(disk)
    }
  })
})
