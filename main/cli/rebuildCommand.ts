import { forgetAcceleration } from '../engine/db/acceleration.ts'
import { rebuildThumbnails } from '../engine/db/cache.ts'
import { rebuildFeatures } from '../engine/db/features.ts'
import { resetPredictions } from '../engine/db/predictions.ts'
import { countUnfinished } from '../engine/db/work.ts'
import type { CommonOptions } from './index.ts'
import { openForChanging } from './openLibrary.ts'

export interface RebuildWhat {
  thumbnails: boolean
  predictions: boolean
  /** What similar photos and taught tags go by. */
  features: boolean
  /** How each way to run a model was measured. */
  measurements: boolean
}

/** Throws away what can be made again; what persons said stays. */
export async function runRebuild(what: RebuildWhat, options: CommonOptions): Promise<void> {
  const { library, db } = await openForChanging(options)
  try {
    if (what.thumbnails) rebuildThumbnails(db)
    if (what.predictions) resetPredictions(db)
    if (what.features) rebuildFeatures(db)
    if (what.measurements) forgetAcceleration(db)
    const pending = countUnfinished(db, true)
    if (options.json) console.log(JSON.stringify({ pending }))
    else console.log(`${pending} photos are looked at again when Albumen runs next.`)
  } finally {
    library.close()
  }
}
