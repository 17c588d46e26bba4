/** `npm start -- <folder>` with no flag at all and no network: the starter model that comes along tags. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Manifest } from '../../models/manifest.ts'
import { hasShared, sharedPhotos } from '../support/shared.ts'

interface TagRow {
  file: string
  wnid: string
  confident: 0 | 1
}

// Elsewhere the platform's data folder cannot be moved by an environment variable.
describe.skipIf(!hasShared || process.platform !== 'linux')(
  'npm start with the starter model',
  () => {
    const home = mkdtempSync(join(tmpdir(), 'albumen-starter-'))
    const known = new Set(starterManifest().labels.map(({ wnid }) => wnid))
    let app: ChildProcess
    let rows: TagRow[] = []

    beforeAll(async () => {
      app = spawn('npm', ['start', '--', join(sharedPhotos, 'imagenet')], {
        cwd: resolve('.'),
        // No display, so no Electron and no browser; a home of its own.
        env: { ...process.env, XDG_DATA_HOME: home, DISPLAY: '', WAYLAND_DISPLAY: '' },
        detached: true,
        stdio: 'ignore',
      })
      await vi.waitFor(() => expect(unfinished(home)).toBe(0), { timeout: 200_000, interval: 500 })
      rows = tagRows(home)
    })
    afterAll(() => {
      if (app.pid) process.kill(-app.pid, 'SIGKILL')
      rmSync(home, { recursive: true, force: true })
    })

    test('looks at every photo', () => {
      expect(new Set(rows.map(({ file }) => file)).size).toBe(200)
    })

    test('tags the photos whose class it knows, rather rightly than often', () => {
      const tags = rows.filter(({ file }) => known.has(trueClass(file)))
      const photos = new Set(tags.map(({ file }) => file))
      const given = tags.filter(({ confident }) => confident)
      const right = given.filter(({ file, wnid }) => wnid === trueClass(file))
      const precision = right.length / given.length
      const recall = right.length / photos.size
      console.log(
        `starter model on ${photos.size} photos of classes it knows: ` +
          `precision ${(100 * precision).toFixed(1)} % (${right.length} of ${given.length} tags), ` +
          `recall ${(100 * recall).toFixed(1)} %`,
      )
      expect(photos.size).toBeGreaterThan(30)
      // Thresholds aim at 80 % on the validation photos; these are other photos, and few.
      expect(precision).toBeGreaterThan(0.4)
      expect(recall).toBeGreaterThan(0.2)
    })
  },
)

const trueClass = (file: string) => basename(file).split('_')[0] ?? ''

function starterManifest(): Manifest {
  return JSON.parse(readFileSync(resolve('models/starter/starter.json'), 'utf8')) as Manifest
}

const openLibrary = (home: string) =>
  new Sqlite(join(home, 'Albumen', 'library', 'library.sqlite'), { readonly: true })

/** Photos still to be looked at; `null` before there are any. */
function unfinished(home: string): number | null {
  try {
    const db = openLibrary(home)
    const counts = `SELECT count(*) AS tasks, sum(state <> 'done') AS open FROM task`
    const { tasks, open } = db.prepare(counts).get() as { tasks: number; open: number }
    db.close()
    return tasks === 0 ? null : open
  } catch {
    return null
  }
}

function tagRows(home: string): TagRow[] {
  const db = openLibrary(home)
  const rows = db
    .prepare(
      `SELECT file.name AS file, class.wnid,
         model_class.threshold IS NOT NULL AND score >= model_class.threshold AS confident
       FROM prediction JOIN file USING (photo_id) JOIN class ON class.id = class_id
       JOIN model_class USING (model_id, class_id)`,
    )
    .all() as TagRow[]
  db.close()
  return rows
}
