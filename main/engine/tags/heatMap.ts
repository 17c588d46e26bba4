import type { Database } from 'better-sqlite3'
import type { HeatMap, PhotoId } from '../../../contract/domain.ts'
import { UserError } from '../../../contract/errors.ts'
import { readableFile } from '../db/files.ts'
import { outputOfClass } from '../db/predictions.ts'
import type { VisionSupervisor } from '../jobs/visionSupervisor.ts'

/** A class by its WordNet id, or by its name where WordNet does not know it. */
export interface ClassName {
  wnid: string | null
  name: string
}

/**
 * Where a photo shows a class; `null` when none of its files can be read. `modelId`: of the model
 * that vision runs. Throws UserError for a class that the model does not know.
 */
export async function heatMapOf(
  { db, vision, modelId }: { db: Database; vision: VisionSupervisor; modelId: number | null },
  photo: PhotoId,
  { wnid, name }: ClassName,
): Promise<HeatMap | null> {
  const output = modelId === null ? null : outputOfClass(db, modelId, wnid, name)
  if (output === null) {
    throw new UserError(
      'no-heat-map',
      `The model in use does not know ${name}: choose a tag that it gave.`,
    )
  }
  const file = readableFile(db, photo)
  return file && vision.heatMap(file.path, output)
}
