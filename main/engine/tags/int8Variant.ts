import { existsSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import { UserError } from '../../../contract/errors.ts'
import type { GivenManifest, LoadedModel } from '../../../models/manifest.ts'
import { manifestPath, readManifestFile } from '../../../models/manifestFile.ts'
import { readSetting } from '../db/settings.ts'
import { int8VariantOf, readModel } from './currentModel.ts'

/**
 * The int8 variant of a model, with the manifest of that where it has none of its own. `null` where
 * there is none, or a person does not allow it; a UserError where it cannot take the model's place.
 */
export async function int8Variant(
  db: Database | null,
  model: LoadedModel,
): Promise<LoadedModel | UserError | null> {
  if (!db || readSetting(db, 'allowInt8') !== '1') return null
  const file = int8VariantOf(model.file)
  if (file === null) return null
  try {
    const given = await manifestFor(file, model)
    const variant = await readModel(db, file, { anyArchitecture: false, ...given })
    return isSpokenAlike(variant, model) ? variant : meansOthers(file, model)
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
}

async function manifestFor(file: string, model: LoadedModel): Promise<{ given?: GivenManifest }> {
  if (existsSync(manifestPath(file))) return {}
  const manifest = manifestPath(model.file)
  // These are the other file's.
  const { sha256, id, name, accuracy, ...manifestFile } = await readManifestFile(manifest)
  return { given: { model: file, manifest, manifestFile } }
}

const isSpokenAlike = ({ manifest }: LoadedModel, { manifest: other }: LoadedModel): boolean =>
  manifest.labels.length === other.labels.length &&
  manifest.labels.every(({ wnid, name }, index) => {
    const label = other.labels[index]
    return wnid === label?.wnid && (wnid !== null || name === label?.name)
  })

const meansOthers = (file: string, model: LoadedModel) =>
  new UserError(
    'int8-other-classes',
    `${file} means other classes than ${model.file}: it is not its int8 variant.`,
  )
