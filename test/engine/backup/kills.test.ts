/** kill -9 of a backup, of restoring and of a migration at random moments, and what must hold then. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findBackups } from '../../../main/engine/backup/list.ts'
import { migrations } from '../../../main/engine/db/migrations/index.ts'
import { libraryFile, openLibrary } from '../../../main/engine/db/open.ts'
import {
  type BackupFixture,
  createBackupFixture,
  namesIn,
  read,
  saidIn,
  say,
} from '../../support/backupFixture.ts'
import { albumen, startAlbumen } from '../../support/commandLine.ts'
import { type Chance, createChance } from '../../support/random.ts'

/** So many in the suite, a third of each kind; more for a report. */
const KILLS = Number(process.env.ALBUMEN_TEST_KILLS ?? 9)
const each = Math.ceil(KILLS / 3)
const patience = 60_000 + each * 10_000
/** Enough that each of them takes a while. */
const PHOTOS = 30_000
const migrating = fileURLToPath(new URL('../../fixtures/migratingLibrary.ts', import.meta.url))

let fixture: BackupFixture
let library: string
beforeEach(() => {
  fixture = createBackupFixture(PHOTOS)
  library = fixture.library
})
afterEach(() => fixture.remove())

/** Milliseconds that something takes when it is left alone. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Somewhere between the start of the work proper and a little after its end. */
const moment = (chance: Chance, usual: number) => usual * (0.3 + 0.8 * chance.next())

/** Starts a command and ends it with kill -9 at some moment. Returns whether it was at work still. */
async function killed(moment: Promise<unknown>, ...args: string[]): Promise<boolean> {
  const { child, finished } = startAlbumen([...args, '--library', library])
  await Promise.race([moment, finished])
  child.kill('SIGKILL')
  return (await finished).signal === 'SIGKILL'
}

/** When the library is put aside, which is when it is about to be replaced. */
async function putAside(): Promise<void> {
  const before = namesIn(fixture.backups).length
  for await (const _ of watch(fixture.backups, { signal: AbortSignal.timeout(30_000) })) {
    if (namesIn(fixture.backups).length > before) return
  }
}

const said = () => read(libraryFile(library), saidIn)

/** Every backup that has its name is whole. */
function checkBackups(): void {
  for (const backup of findBackups(library)) {
    expect(backup.problem).toBeNull()
    const found = read(backup.path, (db) => ({
      photos: db.prepare('SELECT count(*) FROM photo').pluck().get(),
      decisions: db.prepare('SELECT count(*) FROM decision').pluck().get(),
    }))
    expect(found).toEqual({ photos: PHOTOS, decisions: backup.contents?.decisions })
  }
}

const unfinished = (folder: string) =>
  namesIn(folder).filter((name) => /partial|checking|restoring|-wal|-shm|-journal/.test(name))

test(
  `a backup that is killed ${each} times never has a name before it is whole, and leaves nothing for long`,
  async () => {
    const chance = createChance(3)
    const before = said()
    const usual = await timed(() => albumen('backup', '--library', library))
    let atWork = 0
    let left = 0
    for (let round = 0; round < each; round++) {
      if (await killed(sleep(moment(chance, usual)), 'backup')) atWork++
      left = Math.max(left, unfinished(fixture.backups).length)
      checkBackups()
      expect(said()).toEqual(before)
    }
    const { code, stderr } = await albumen('backup', '--library', library)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(unfinished(fixture.backups)).toEqual([])
    checkBackups()
    console.info(
      `albumen backup: ${each} kills, ${atWork} of them at work; ${findBackups(library).length} backups, all whole; at most ${left} unfinished files between, none afterwards.`,
    )
  },
  patience,
)

test(
  `restoring that is killed ${each} times leaves the library as it was or as it was to be, whole`,
  async () => {
    const chance = createChance(5)
    await albumen('backup', '--library', library)
    const then = said()
    const change = (word: string) => {
      const { db, close } = openLibrary(library)
      say(db, 7, word)
      close()
      return said()
    }
    let now = change('said first')
    const usual = await timed(() => albumen('restore', 'latest', '--yes', '--library', library))
    let atWork = 0
    let restored = 0
    for (let round = 0; round < each; round++) {
      now = change(`said in round ${round}`)
      // Every other time where it matters most, which chance alone would seldom find.
      const when = round % 2 === 0 ? sleep(moment(chance, usual)) : putAside()
      if (await killed(when, 'restore', 'latest', '--yes')) atWork++
      // What starts next takes away what is unfinished.
      openLibrary(library).close()
      const after = said()
      const isNew = JSON.stringify(after) === JSON.stringify(then)
      if (isNew) restored++
      expect(after).toEqual(isNew ? then : now)
      expect(unfinished(library)).toEqual([])
      expect(unfinished(fixture.backups)).toEqual([])
      const [aside] = findBackups(library).filter(({ kind }) => kind === 'replaced')
      if (isNew && aside) expect(read(aside.path, saidIn)).toEqual(now)
      checkBackups()
    }
    expect((await albumen('restore', 'latest', '--yes', '--library', library)).code).toBe(0)
    expect(said()).toEqual(then)
    console.info(
      `albumen restore: ${each} kills, ${atWork} of them at work; ${restored} times the library was the restored one, ${each - restored} times the one before, always whole.`,
    )
  },
  patience,
)

test(
  `a migration that is killed ${each} times leaves a library of one schema or the other, whole`,
  async () => {
    const chance = createChance(7)
    const before = said()
    const pristine = join(fixture.root, 'pristine.sqlite')
    copyFileSync(libraryFile(library), pristine)
    const backup = join(fixture.backups, `before-schema-${migrations.length + 1}.sqlite`)
    const migrate = () => fork(migrating, [library], { execArgv: [] })
    const reset = () => {
      for (const ending of ['', '-wal', '-shm', '-journal']) {
        rmSync(libraryFile(library) + ending, { force: true })
      }
      copyFileSync(pristine, libraryFile(library))
      rmSync(backup, { force: true })
    }
    const usual = await timed(() => once(migrate(), 'exit'))
    const schema = () =>
      read(libraryFile(library), (db) => db.pragma('user_version', { simple: true }) as number)
    expect(schema()).toBe(migrations.length + 1)
    const counted = { before: 0, after: 0, backups: 0 }
    for (let round = 0; round < each; round++) {
      reset()
      const child = migrate()
      const ended = once(child, 'exit')
      await sleep(moment(chance, usual))
      child.kill('SIGKILL')
      await ended
      const found = schema()
      counted[found === migrations.length ? 'before' : 'after']++
      expect([migrations.length, migrations.length + 1]).toContain(found)
      expect(said()).toEqual(before)
      const more = read(libraryFile(library), (db) =>
        db.prepare(`SELECT name FROM sqlite_schema WHERE name LIKE '%once_more'`).all(),
      )
      expect(more).toHaveLength(found === migrations.length ? 0 : 2)
      // Nothing changes before there is a backup.
      if (existsSync(backup)) {
        counted.backups++
        expect(read(backup, saidIn)).toEqual(before)
      } else expect(found).toBe(migrations.length)
    }
    await once(migrate(), 'exit')
    expect(schema()).toBe(migrations.length + 1)
    expect(unfinished(fixture.backups)).toEqual([])
    console.info(
      `migration: ${each} kills; ${counted.before} times the schema was the one before, ${counted.after} times the next, ${counted.backups} times with a backup, always whole.`,
    )
  },
  patience,
)
