/** A pause stops the scans too, where they are, and they go on from there. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDrive, mayMount } from '../support/drive.ts'
import {
  createEngineFixture,
  type EngineFixture,
  type OpenEngine,
} from '../support/engineFixture.ts'
import { writePicture } from '../support/pictures.ts'
import { soon, watched } from '../support/watching.ts'

let fixture: EngineFixture
beforeEach(() => {
  fixture = createEngineFixture()
})
afterEach(() => fixture.remove())

const at = (...names: string[]) => join(fixture.photos, ...names)
const state = async (library: OpenEngine) => (await library.ask('jobs', {})).state
const files = (library: OpenEngine): number =>
  library.db.prepare(`SELECT count(*) FROM file WHERE state = 'present'`).pluck().get() as number

/** Files that only have the names of photos: a scan opens none. */
function write(directory: string, count: number): void {
  mkdirSync(at(directory), { recursive: true })
  for (let file = 0; file < count; file++) writeFileSync(at(directory, `${file}.jpg`), 'x')
}

const folders = 40
const each = 150

/** An engine that was paused in the middle of its first scan. */
async function pausedWhileScanning(): Promise<OpenEngine> {
  for (let folder = 0; folder < folders; folder++) write(`${folder}`, each)
  const library = await fixture.open()
  library.readNothing()
  library.engine.indexFolder(fixture.photos)
  while (files(library) === 0) await new Promise(setImmediate)
  await library.ask('pauseJobs', {})
  expect(library.engine.jobs()).toMatchObject({ done: 0, total: files(library) })
  return library
}

/** Folders that the scan has reached, and those that it has not. */
function progressOf(library: OpenEngine): { found: string[]; unseen: string[] } {
  const found = library.db
    .prepare('SELECT directory FROM file GROUP BY directory HAVING count(*) = ?')
    .pluck()
    .all(each) as string[]
  const begun = library.db.prepare('SELECT DISTINCT directory FROM file').pluck().all()
  const all = Array.from({ length: folders }, (_, folder) => `${folder}`)
  return { found, unseen: all.filter((folder) => !begun.includes(folder)) }
}

describe('a pause', () => {
  test('stops a scan at once, for as long as it lasts, a restart included', async () => {
    const library = await pausedWhileScanning()
    const found = files(library)
    expect(found).toBeLessThan(folders * each)
    await library.engine.idle()
    await sleep(200)
    expect(files(library)).toBe(found)
    expect(await state(library)).toBe('paused')
    library.close()

    const second = await fixture.open()
    second.readNothing()
    await second.rescan()
    await sleep(200)
    expect(files(second)).toBe(found)
    expect(await state(second)).toBe('paused')
    await second.ask('resumeJobs', {})
    await soon(() => files(second)).toBe(folders * each)
  })

  test('stops a scan within a folder of many files', async () => {
    write('many', 20_000)
    const library = await fixture.open()
    library.engine.indexFolder(fixture.photos)
    await soon(() => state(library)).toBe('scanning')
    await library.ask('pauseJobs', {})
    await sleep(300)
    const found = files(library)
    expect(found).toBeLessThan(20_000)
    await sleep(300)
    expect(files(library)).toBe(found)
  })

  test('lets a scan go on where it was, and see what changed meanwhile wherever it was', async () => {
    const library = await pausedWhileScanning()
    const { found, unseen } = progressOf(library)
    const [first, second, third] = unseen as [string, string, string]
    rmSync(at(first), { recursive: true })
    renameSync(at(second), at(third, 'moved'))
    renameSync(at(third, '0.jpg'), at(found[0] ?? '', 'moved.jpg'))
    rmSync(at(found[0] ?? '', '0.jpg'))
    await library.ask('resumeJobs', {})
    library.readNothing()
    await library.engine.idle()
    expect(files(library)).toBe((folders - 1) * each - 1)
    const places = library.db
      .prepare(`SELECT directory || '/' || name FROM file WHERE state = 'present'`)
      .pluck()
      .all()
    expect(places).toEqual(
      expect.arrayContaining([`${third}/moved/0.jpg`, `${found[0]}/moved.jpg`, `${third}/1.jpg`]),
    )
    expect(places).not.toContain(`${first}/0.jpg`)
    expect(places).not.toContain(`${found[0]}/0.jpg`)
  })

  test('is the time to write a rule about folders that were not reached yet', async () => {
    const library = await pausedWhileScanning()
    const [secret] = progressOf(library).unseen
    writeFileSync(at('.albumenignore'), `/${secret}/\n`)
    await library.ask('resumeJobs', {})
    await library.engine.idle()
    expect(library.looks.filter((path) => path.startsWith(at(`${secret}/`)))).toEqual([])
    expect(files(library)).toBe((folders - 1) * each)
  })

  test('in which a folder comes back that was away when its place was reached loses nothing of it', async () => {
    for (let folder = 0; folder < folders; folder++) write(`${folder}`, each)
    write('x', 20)
    const library = await fixture.open()
    library.readNothing()
    await library.index()
    library.db.exec(`UPDATE file SET content_hash = randomblob(32), reading = 'done'`)
    renameSync(at('x'), join(fixture.root, 'x'))
    for (let folder = 0; folder < folders; folder++) writeFileSync(at(`${folder}`, 'new.jpg'), 'y')
    const before = files(library)
    library.engine.scan()
    while (files(library) === before) await new Promise(setImmediate)
    await library.ask('pauseJobs', {})
    renameSync(join(fixture.root, 'x'), at('x'))
    const states = `SELECT DISTINCT state FROM file WHERE directory = 'x'`
    const told = new Set<unknown>()
    library.engine.events.on('stale', () => told.add(library.db.prepare(states).pluck().get()))
    await library.ask('resumeJobs', {})
    library.readNothing()
    await library.engine.idle()
    expect(library.db.prepare(states).pluck().all()).toEqual(['present'])
    expect(told).not.toContain('missing')
  })

  test('is kept where it cannot be remembered', async () => {
    for (let folder = 0; folder < folders; folder++) write(`${folder}`, each)
    const library = await fixture.open()
    library.engine.indexFolder(fixture.photos)
    while (files(library) === 0) await new Promise(setImmediate)
    library.db.pragma('query_only = ON')
    await expect(library.ask('pauseJobs', {})).rejects.toThrow(/readonly/)
    library.db.pragma('query_only = OFF')
    const found = files(library)
    const looks = library.looks.length
    await sleep(300)
    expect([files(library), library.looks.length]).toEqual([found, looks])
    expect(await state(library)).toBe('paused')
  })

  test('may be cancelled, and then nothing of the scan is left to go on', async () => {
    const library = await pausedWhileScanning()
    const found = files(library)
    await library.ask('cancelJobs', {})
    await library.ask('resumeJobs', {})
    library.readNothing()
    await library.engine.idle()
    expect(files(library)).toBe(found)
    library.engine.scan()
    await library.engine.idle()
    expect(files(library)).toBe(folders * each)
  })

  test('lets a folder be removed whose scan it holds', async () => {
    const library = await pausedWhileScanning()
    const [folder] = await library.ask('listFolders', {})
    await library.ask('removeFolder', { id: folder?.id ?? 0 })
    await library.ask('resumeJobs', {})
    await library.engine.idle()
    expect(files(library)).toBe(0)
  })

  test('keeps what is noticed in a watched folder until it ends', async () => {
    await fixture.picture('a.jpg', 1)
    const library = await fixture.open(watched())
    await library.index()
    await soon(() => state(library)).toBe('idle')
    await library.ask('pauseJobs', {})
    await fixture.picture('b.jpg', 2)
    await fixture.picture('new/c.jpg', 3)
    await sleep(1000)
    expect(library.names()).toEqual(['a.jpg'])
    await fixture.picture('d.jpg', 4)
    await sleep(200)
    await library.ask('resumeJobs', {})
    await soon(() => library.names()).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'])
    await soon(() => library.looks.length).toBe(4)
  })
})

test('waiting for mains power stops a scan as a pause does', async () => {
  const library = await fixture.open()
  await library.ask('changeSettings', { background: true })
  write('many', 10)
  library.engine.hostHandlers.power({ onBattery: true } as never)
  await library.index()
  expect(await state(library)).toBe('waiting')
  expect(files(library)).toBe(0)
  // A pause on battery lasts when mains power is back.
  await library.ask('pauseJobs', {})
  library.engine.hostHandlers.power({ onBattery: false } as never)
  await sleep(100)
  expect(files(library)).toBe(0)
  await library.ask('resumeJobs', {})
  await soon(() => files(library)).toBe(10)
})

test.skipIf(!mayMount)('a drive that goes or comes in a pause is told so at once', async () => {
  const drive = createDrive()
  drive.plugIn()
  try {
    await writePicture(join(drive.point, 'a.jpg'), 1)
    const library = await fixture.open(watched())
    await library.index(drive.point)
    await soon(() => library.looks.length).toBe(1)
    await soon(() => state(library)).toBe('idle')
    const folder = async () => (await library.ask('listFolders', {}))[0]?.state
    await library.ask('pauseJobs', {})
    // One that is held where it was.
    library.engine.scan()
    await sleep(100)
    drive.takeAway()
    await soon(folder).toBe('offline')
    drive.plugIn()
    await soon(folder).toBe('online')
    await writePicture(join(drive.point, 'b.jpg'), 2)
    await sleep(500)
    expect(library.names()).toEqual(['a.jpg'])
    await library.ask('resumeJobs', {})
    await soon(() => library.names()).toEqual(['a.jpg', 'b.jpg'])
  } finally {
    fixture.remove()
    drive.remove()
    fixture = createEngineFixture()
  }
})
