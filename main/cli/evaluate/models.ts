import { UserError } from '../../../contract/errors.ts'
import type { LoadedModel } from '../../../models/manifest.ts'
import { readModelFile } from '../../../models/onnx/file.ts'
import { readGraph } from '../../../models/onnx/graph.ts'
import { describeModel, type ModelDescription } from '../../../models/resnet/describe.ts'
import { countWeights } from '../../../models/resnet/size.ts'
import { openReadOnly } from '../../engine/db/open.ts'
import { findModelFile, noModel, readModel } from '../../engine/tags/currentModel.ts'
import { modelDirectories } from '../../engine/tags/modelDirectories.ts'

/** A model and what its graph tells of it. */
export interface DescribedModel {
  loaded: LoadedModel
  description: ModelDescription
  /** Of convolutions and classifier. */
  weights: number
  /** Of the ONNX file, in bytes. */
  size: number
}

export interface WantedModels {
  /** Ids or paths; none: the one that the library uses, or the one that comes with Albumen. */
  models: readonly string[]
  anyArchitecture: boolean
  /** Folder of a library, which may be absent. */
  library: string
}

/** Reads models in the order wanted. Throws UserError for one that is not there or not usable. */
export async function loadModels(wanted: WantedModels): Promise<DescribedModel[]> {
  if (wanted.models.length === 0) return [await describe(await currentModel(wanted))]
  const described: DescribedModel[] = []
  // One after the other: a file may have hundreds of megabytes.
  for (const name of wanted.models) {
    const file = findModelFile(null, name, modelDirectories(wanted.library))
    described.push(await describe(await readModel(null, file ?? name, wanted)))
  }
  return described
}

async function currentModel(wanted: WantedModels): Promise<LoadedModel> {
  const library = openReadOnly(wanted.library)
  const db = library?.db ?? null
  try {
    const file = findModelFile(db, null, modelDirectories(wanted.library))
    if (file === null) throw new UserError('no-model', noModel.advice)
    return await readModel(db, file, wanted)
  } finally {
    library?.close()
  }
}

async function describe(loaded: LoadedModel): Promise<DescribedModel> {
  const { bytes } = await readModelFile(loaded.file)
  const weights = countWeights(readGraph(bytes))
  return { loaded, description: describeModel(bytes), weights, size: bytes.length }
}
