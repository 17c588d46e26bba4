import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { ModelStatus } from '../../../contract/domain.ts'
import { UserError } from '../../../contract/errors.ts'
import { type LoadedModel, type LoadOptions, loadModel } from '../../../models/manifest.ts'
import { imagenet1kLabels } from '../../../models/taxonomy/taxonomy.ts'
import type { VisionModel } from '../../rpc/visionCommands.ts'
import { classIdsOf, modelIdOf, registerModel } from '../db/predictions.ts'
import { readSetting, writeSetting } from '../db/settings.ts'
import { requestClassification } from '../db/work.ts'
import type { StoredModel } from '../jobs/store.ts'

/** Where models may lie: those that come with Albumen, those a person added. */
export type ModelDirectories = readonly string[]

const BUNDLED_MODEL = 'starter'

export interface ModelChoice {
  /** An id, or the path of an ONNX file; `null`: the one used last, or the one that comes along. */
  model: string | null
  /** Takes a classifier that is no ResNet, too. */
  anyArchitecture: boolean
}

/**
 * The file of a model named by id or path; `null`: the one used last in the library, or the one that
 * comes with Albumen. `null` when there is none. Throws UserError for a name that is neither.
 */
export function findModelFile(
  db: Database | null,
  wanted: string | null,
  directories: ModelDirectories,
): string | null {
  if (wanted !== null) {
    const found = isFile(wanted) ? resolve(wanted) : modelWithId(wanted, directories)
    if (found) return found
    throw new UserError(
      'no-such-model',
      `There is no model ${wanted}: give the path of an .onnx file, or the id of a model in ${directories.join(' or ')}. “albumen models get” gets one of its list.`,
    )
  }
  const last = db && readSetting(db, 'modelFile')
  return last && existsSync(last) ? last : modelWithId(BUNDLED_MODEL, directories)
}

/** A folder of that name, where the command line happens to be, is no model. */
const isFile = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

function modelWithId(id: string, directories: ModelDirectories): string | null {
  const candidates = directories.flatMap((directory) => [
    join(directory, `${id}.onnx`),
    join(directory, id, `${id}.onnx`),
  ])
  return candidates.find((file) => existsSync(file)) ?? null
}

/**
 * The file beside a model that holds the same network in int8, named as the ONNX model zoo names
 * them; `null` where there is none.
 */
export function int8VariantOf(file: string): string | null {
  const stem = file.slice(0, -'.onnx'.length)
  const variants = ['-int8', '-qdq'].map((ending) => `${stem}${ending}.onnx`)
  return variants.find((variant) => existsSync(variant)) ?? null
}

/** The model that looks now or from the next start on, and after it what may run in its place. */
export function modelFilesInUse(db: Database | null, directories: ModelDirectories): string[] {
  const file = findModelFile(db, null, directories)
  const allowed = db !== null && readSetting(db, 'allowInt8') === '1'
  const variant = file !== null && allowed ? int8VariantOf(file) : null
  return [file, variant].filter((each) => each !== null)
}

/** Throws UserError for a file that is no usable model, or no ResNet unless that is allowed. */
export async function readModel(
  db: Database | null,
  file: string,
  options: Pick<ModelChoice, 'anyArchitecture'> & Pick<LoadOptions, 'given'>,
): Promise<LoadedModel> {
  const { anyArchitecture, ...given } = options
  const loaded = await loadModel(file, { imagenetLabels: imagenet1kLabels, ...given })
  const { sha256 } = loaded.manifest
  const allowed = anyArchitecture || (db && readSetting(db, 'otherArchitecture') === sha256)
  if (loaded.noResNet === null || allowed) return loaded
  throw new UserError(
    'no-resnet',
    `${file} is not used. ${loaded.noResNet} Choose a ResNet, or add --any-architecture if you know what you do.`,
  )
}

/** What vision must know to run it. */
export function visionModel({ file, inputName, outputName, manifest }: LoadedModel): VisionModel {
  const { inputSize, resize, channels, mean, std, outputKind, temperature } = manifest
  return {
    file,
    inputName,
    outputName,
    inputSize,
    resize,
    channels,
    mean: [...mean],
    std: [...std],
    outputKind,
    temperature,
  }
}

/**
 * Makes a model the one whose predictions are tags. Photos that it has not classified yet are
 * queued; what other models said stays in the ledger. `chosenFile`: what the next start begins with.
 */
export function adoptModel(
  db: Database,
  { manifest, noResNet }: LoadedModel,
  chosenFile: string,
): StoredModel {
  const { sha256, name } = manifest
  const classes = manifest.labels.map(({ wnid, name }, index) => ({
    wnid,
    name,
    threshold: finiteOrNull(manifest.thresholds[index]),
  }))
  return db
    .transaction(() => {
      const modelId = registerModel(db, { sha256, name, classes })
      writeSetting(db, 'modelFile', chosenFile)
      writeSetting(db, 'modelSha256', sha256)
      // So that it needs no permission at every start.
      writeSetting(db, 'otherArchitecture', noResNet === null ? null : sha256)
      requestClassification(db, modelId, sha256)
      return { modelId, sha256, classIds: classIdsOf(db, modelId) }
    })
    .immediate()
}

/** The execution provider that ran this very model last; `null` when another one or none ran. */
export function provenProvider(db: Database, { manifest }: LoadedModel): string | null {
  return readSetting(db, 'modelSha256') === manifest.sha256 ? readSetting(db, 'provider') : null
}

const finiteOrNull = (value: number | undefined) =>
  value !== undefined && Number.isFinite(value) ? value : null

/** The row of the model whose predictions are tags now; `null` before any. */
export function currentModelId(db: Database): number | null {
  const sha256 = readSetting(db, 'modelSha256')
  return sha256 === null ? null : modelIdOf(db, sha256)
}

export const noModel = {
  state: 'none',
  advice:
    'There is no model yet, so photos get no tags: get one in Settings or with "albumen models get", or start Albumen with --model <file.onnx>.',
} as const satisfies ModelStatus

export function failedModel(id: string | null, error: UserError): ModelStatus {
  return { state: 'failed', id: id ?? BUNDLED_MODEL, reason: error.message }
}
