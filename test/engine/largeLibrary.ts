/** A library of photos that nobody took, for measuring: one file each, about two tags each. */
import type { Database } from 'better-sqlite3'
import { registerModel } from '../../main/engine/db/predictions.ts'
import { imagenet1kLabels } from '../../models/taxonomy/taxonomy.ts'

const THRESHOLD = 0.5
const PREDICTIONS = 5

/** Fills an empty library with `count` photos, the same for the same count. Returns the model's id. */
export function fillLibrary(db: Database, count: number): number {
  const classes = imagenet1kLabels.map((label) => ({ ...label, threshold: THRESHOLD }))
  const modelId = registerModel(db, { sha256: '0'.repeat(64), name: 'made up', classes })
  const random = seeded(7)
  db.transaction(() => {
    db.prepare(`INSERT INTO folder (path, added_at) VALUES ('/photos', 0)`).run()
    const photo = db.prepare('INSERT INTO photo (id, visible, sorted_at) VALUES (?, 1, ?)')
    const file = db.prepare(
      `INSERT INTO file (folder_id, photo_id, directory, name, size, modified_ms, reading)
       VALUES (1, ?, ?, ?, 1, 0, 'done')`,
    )
    const prediction = db.prepare('INSERT OR IGNORE INTO prediction VALUES (?, ?, ?, ?)')
    const task = db.prepare(
      `INSERT INTO task (photo_id, kind, version, state) VALUES (?, ?, '1', 'done')`,
    )
    for (let id = 1; id <= count; id++) {
      photo.run(id, Math.floor(random() * 1e12))
      file.run(id, `${2000 + (id % 25)}/${id % 400}`, `IMG_${id}.JPG`)
      task.run(id, 'classify')
      for (let rank = 0; rank < PREDICTIONS; rank++) {
        // Squared, so that some classes are common and others rare, as in anybody's photos.
        const classId = 1 + Math.floor(random() ** 2 * classes.length)
        prediction.run(id, modelId, classId, rank < 2 ? 0.5 + random() / 2 : random() / 2)
      }
    }
  })()
  return modelId
}

/** Mulberry32, a small generator of numbers in [0, 1): the same ones for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
