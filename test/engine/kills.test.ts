/**
 * kill -9 of engine, vision or all of Albumen at random moments, while it indexes, is told things and
 * exports; and what must hold afterwards.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PhotoCard, PhotoId } from '../../contract/domain.ts'
import { libraryFile } from '../../main/engine/db/open.ts'
import { forkEngine } from '../../main/processes/node.ts'
import { type SupervisedEngine, superviseEngine } from '../../main/processes/supervisor.ts'
import { createEngineFixture, type EngineFixture } from '../support/engineFixture.ts'
import { childrenOf } from '../support/processes.ts'
import { type Chance, createChance } from '../support/random.ts'

/** So many in the suite; more for a report. */
const KILLS = Number(process.env.ALBUMEN_TEST_KILLS ?? 16)
const PICTURES_EACH = 6
const LONGEST_WAIT_MS = 700
const engineEntry = fileURLToPath(new URL('../fixtures/crashableEngine.ts', import.meta.url))

/** What was acknowledged: it must be there for ever. */
type Acknowledged = Map<string, { photo: PhotoId; tag: string; verdict: 'yes' | 'no' }>

let fixture: EngineFixture
let app: SupervisedEngine
let looks: string
beforeEach(() => {
  fixture = createEngineFixture()
  looks = join(fixture.root, 'looks.txt')
  writeFileSync(looks, '')
  vi.stubEnv('ALBUMEN_TEST_LOOKS', looks)
})
afterEach(async () => {
  await app.stop()
  vi.unstubAllEnvs()
  fixture.remove()
})

function start(): SupervisedEngine {
  const options = { library: fixture.library, model: fixture.model, anyArchitecture: false }
  return superviseEngine({ spawn: () => forkEngine(engineEntry, options), log: () => {} })
}

/** A closed process of ours ends by itself; what was killed did not get the chance. */
const ask = (name: string, input: unknown) => app.client.call(name, input)

/**
 * Ends processes at once, looks at the library as they left it, and starts Albumen again, as its
 * supervisor gives up after a few crashes. Of vision alone the engine makes another one by itself,
 * so there the look comes before. Returns which photos were finished.
 */
async function kill(
  target: 'engine' | 'vision' | 'app',
  look: () => Set<string>,
): Promise<Set<string>> {
  const engines = childrenOf(process.pid, 'crashableEngine')
  const visions = engines.flatMap((pid) => childrenOf(pid, 'countingVision'))
  const victims = { engine: engines, vision: visions, app: [...engines, ...visions] }[target]
  const before = target === 'vision' ? look() : null
  for (const pid of victims) process.kill(pid, 'SIGKILL')
  if (before) return before
  await app.stop()
  const finished = look()
  app = start()
  return finished
}

/** Tags photos one after the other until it is cut off; notes only what was acknowledged. */
async function decide(chance: Chance, said: Acknowledged, signal: AbortSignal): Promise<void> {
  for (let made = said.size; !signal.aborted; made++) {
    try {
      const page = (await ask('photoPage', {
        ...{ query: '', sort: 'oldest', offset: chance.below(50), limit: 1 },
      })) as PhotoCard[]
      const photo = page[0]?.id
      if (photo === undefined) {
        await sleep(20)
        continue
      }
      const tag = `tag ${made % 40}`
      const verdict = 'yes'
      await ask('tagPhotos', { target: { ids: [photo] }, tag: { name: tag }, verdict })
      said.set(`${photo} ${tag}`, { photo, tag, verdict })
    } catch {
      return
    }
  }
}

/** Exports until it is cut off. */
async function exportAll(folder: string, chance: Chance): Promise<void> {
  const as = chance.pick(['copies', 'zip', 'csv', 'jsonl'])
  const to = join(folder, `${as}-${chance.below(1e9)}`)
  mkdirSync(to, { recursive: true })
  await ask('exportPhotos', { target: { query: '' }, to, as }).catch(() => {})
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** An export that has a manifest is whole. */
function checkExports(folder: string): number {
  let finished = 0
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const inside = join(folder, name)
    for (const file of readdirSync(inside).filter((each) => each.endsWith('manifest.json'))) {
      const manifest = JSON.parse(readFileSync(join(inside, file), 'utf8')) as {
        archive: { path: string; sha256: string } | null
        files: { path: string; sha256: string }[]
      }
      const listed = manifest.archive ? [manifest.archive] : manifest.files
      for (const each of listed) {
        expect(sha256(readFileSync(join(inside, each.path))), each.path).toBe(each.sha256)
      }
      finished++
    }
  }
  return finished
}

/** Looks at the library from outside, as it lies on the disk. Returns the paths that are classified. */
function checkLibrary(said: Acknowledged): Set<string> {
  const db = new Sqlite(libraryFile(fixture.library), { readonly: true })
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(db.pragma('foreign_key_check')).toEqual([])
    const find = db.prepare(
      `SELECT verdict FROM decision JOIN tag ON tag.id = tag_id
       WHERE photo_id = coalesce((SELECT photo_id FROM photo_alias WHERE former_id = @photo), @photo)
         AND name = @tag`,
    )
    for (const { photo, tag } of said.values()) {
      expect(find.pluck().get({ photo, tag }), `photo ${photo}, ${tag}`).toBe(1)
    }
    const rows = db
      .prepare(
        `SELECT path || '/' || name FROM task JOIN file ON file.photo_id = task.photo_id
           JOIN folder ON folder.id = folder_id
         WHERE task.state = 'done'`,
      )
      .pluck()
      .all() as string[]
    return new Set(rows)
  } finally {
    db.close()
  }
}

const looked = () => readFileSync(looks, 'utf8').split('\n').filter(Boolean)

test.skipIf(process.platform === 'win32')(
  `after ${KILLS} kills nothing that was acknowledged is gone, and nothing finished is done again`,
  async () => {
    const chance = createChance(11)
    const said: Acknowledged = new Map()
    const exports = join(fixture.root, 'exports')
    const killed = { engine: 0, vision: 0, app: 0 }
    let again = 0
    let exported = 0
    let pictures = 0
    app = start()
    await ask('addFolder', { path: fixture.photos })
    for (let round = 0; round < KILLS; round++) {
      for (let made = 0; made < PICTURES_EACH; made++, pictures++) {
        await fixture.picture(`${pictures}.jpg`, pictures)
      }
      await ask('rescan', {})
      const stop = new AbortController()
      const work = [decide(chance, said, stop.signal), exportAll(exports, chance)]
      await sleep(chance.next() * LONGEST_WAIT_MS)
      const target = (chance.pick(['engine', 'vision', 'app'] as const) ??
        'app') as keyof typeof killed
      let before = 0
      const finished = await kill(target, () => {
        const finished = checkLibrary(said)
        // Afterwards: what is finished has been written down by now.
        before = looked().length
        return finished
      })
      killed[target]++
      stop.abort()
      await Promise.allSettled(work)
      await ask('jobs', {})
      checkLibrary(said)
      exported += checkExports(exports)
      rmSync(exports, { recursive: true, force: true })
      // What was finished when it was killed must not be looked at afterwards.
      again += looked()
        .slice(before)
        .filter((path) => finished.has(path)).length
    }
    await ask('rescan', {})
    await vi.waitFor(
      async () => {
        expect(await ask('libraryStatus', {})).toMatchObject({
          ...{ pending: 0, quarantined: 0, photos: pictures, classified: pictures },
        })
      },
      { timeout: 60_000, interval: 100 },
    )
    checkLibrary(said)
    expect(again).toBe(0)
    expect(said.size).toBeGreaterThan(KILLS)
    expect(exported).toBeGreaterThan(0)
    console.info(
      `${KILLS} kills survived of ${KILLS} (${JSON.stringify(killed)}): ${said.size} decisions acknowledged, 0 lost; ${pictures} photos, ${looked().length - pictures} looks were lost and made again, ${again} of finished photos; ${exported} exports finished, all whole.`,
    )
  },
  60_000 + KILLS * 10_000,
)
