import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ModelDirectories } from './currentModel.ts'

/**
 * Where models lie: beside the library those that a person added, and those that Albumen brings.
 * Absolute: the library remembers the model's path for starts from other folders.
 */
export function modelDirectories(library: string): ModelDirectories {
  return [ownModels(library), bundledModels(import.meta.url)]
}

export const ownModels = (library: string): string => resolve(library, 'models')

/**
 * `models/` of the source tree, or of the built app, which keeps the same folders under dist.
 * `module`: the URL of this module, or of the bundle that it is part of.
 */
export function bundledModels(module: string): string {
  const here = dirname(fileURLToPath(module))
  const models = join(here, module.endsWith('.ts') ? '../../../models' : '../../models')
  // ONNX Runtime opens files by itself and cannot look into the archive of a packaged app.
  return models.replace(`${sep}app.asar${sep}`, `${sep}app.asar.unpacked${sep}`)
}
