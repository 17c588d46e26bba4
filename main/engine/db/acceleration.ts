import type { Database } from 'better-sqlite3'
import { z } from 'zod'
import { statement } from './statement.ts'

const number = z.number().nullable()

/** How a model was measured on a machine; kept in the cache, as it can be measured again. */
const storedAcceleration = z.object({
  candidates: z.array(
    z.object({
      provider: z.string(),
      outcome: z.enum(['chosen', 'slower', 'disagrees', 'failed', 'unavailable']),
      reason: z.string(),
      photosPerSecond: number,
      batchSize: number,
      difference: number,
    }),
  ),
  graphics: z.array(z.object({ name: z.string(), driver: z.string().nullable() })),
  processor: z.string(),
  runtime: z.string(),
  measuredAt: z.string(),
})
export type StoredAcceleration = z.infer<typeof storedAcceleration>

/** `null` when the model was never measured, or by an Albumen that wrote it differently. */
export function readAcceleration(db: Database, modelSha256: string): StoredAcceleration | null {
  const text = statement(db, 'SELECT report FROM cache.acceleration WHERE model = ?')
    .pluck()
    .get(modelSha256)
  if (typeof text !== 'string') return null
  const parsed = storedAcceleration.safeParse(JSON.parse(text))
  return parsed.success ? parsed.data : null
}

export function writeAcceleration(
  db: Database,
  modelSha256: string,
  report: StoredAcceleration,
): void {
  statement(db, 'INSERT OR REPLACE INTO cache.acceleration (model, report) VALUES (?, ?)').run(
    modelSha256,
    JSON.stringify(report),
  )
}

/** Has every model measured anew. */
export function forgetAcceleration(db: Database): void {
  statement(db, 'DELETE FROM cache.acceleration').run()
}
