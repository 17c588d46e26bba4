import type { Database } from 'better-sqlite3'
import type { HeatMap, PhotoId, TagId } from '../../../contract/domain.ts'
import { UserError } from '../../../contract/errors.ts'
import { readableFile } from '../db/files.ts'
import { outputOfTag } from '../db/predictions.ts'
import type { VisionSupervisor } from '../jobs/visionSupervisor.ts'

/**
 * Where a photo shows a tag; `null` when none of its files can be read. `modelId`: of the model that
 * vision runs. Throws UserError for a tag that the model does not know.
 */
export async function heatMapOf(
  { db, vision, modelId }: { db: Database; vision: VisionSupervisor; modelId: number | null },
  photo: PhotoId,
  tag: TagId,
): Promise<HeatMap | null> {
  const output = modelId === null ? null : outputOfTag(db, modelId, tag)
  if (output === null) {
    throw new UserError(
      'no-heat-map',
      'The model in use does not know this tag: choose one of its own.',
    )
  }
  const file = readableFile(db, photo)
  return file && vision.heatMap(file.path, output)
}
