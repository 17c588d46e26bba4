import { type Stats, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { messageOf } from '../../../contract/errors.ts'
import type { InstalledModel, ModelNetwork } from '../../../contract/models.ts'
import { manifestPath, readManifestFile } from '../../../models/manifestFile.ts'
import { describeModelFile } from '../../../models/resnet/describe.ts'

/** An ONNX file that counts as a model, by its place. */
export interface ModelFile {
  id: string
  file: string
  origin: InstalledModel['origin']
}

export interface ModelPlaces {
  /** Folder of those that a person added. */
  own: string
  /** Every folder with models, `own` among them. */
  directories: readonly string[]
}

/** Every model, by the rule that `findModelFile` finds them with: `x.onnx`, or `x.onnx` in a folder `x`. */
export async function findModels({ own, directories }: ModelPlaces): Promise<ModelFile[]> {
  const found = new Map<string, ModelFile>()
  for (const directory of new Set([own, ...directories].map((path) => resolve(path)))) {
    const origin = directory === resolve(own) ? 'added' : 'bundled'
    for (const { id, file } of await modelsIn(directory)) {
      if (!found.has(id)) found.set(id, { id, file, origin })
    }
  }
  return [...found.values()]
}

async function modelsIn(directory: string): Promise<{ id: string; file: string }[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries.flatMap((entry) => {
    const { name } = entry
    const inside = entry.isDirectory()
    const id = inside ? name : basename(name, '.onnx')
    const file = inside ? join(directory, name, `${name}.onnx`) : join(directory, name)
    const isModel = inside ? sizeOf(file) !== null : extname(name) === '.onnx'
    return isModel ? [{ id, file }] : []
  })
}

/** One that lies anywhere, used by its path: its name alone may be that of another. */
export const modelElsewhere = (file: string): ModelFile => ({ id: file, file, origin: 'elsewhere' })

function sizeOf(file: string): Stats | null {
  return statSync(file, { throwIfNoEntry: false }) ?? null
}

export interface ModelReader {
  /** Reads an ONNX file of 100 MB in some tenths of a second, and not again while it stays as it is. */
  describe(model: ModelFile, inUse: boolean): Promise<InstalledModel>
}

type Reading = Pick<InstalledModel, 'network' | 'problem'>

export function createModelReader(): ModelReader {
  const readings = new Map<string, { stamp: string; reading: Promise<Reading> }>()

  function read(file: string, stamp: string): Promise<Reading> {
    const known = readings.get(file)
    if (known?.stamp === stamp) return known.reading
    const reading = readNetwork(file)
    readings.set(file, { stamp, reading })
    return reading
  }

  return {
    async describe({ id, file, origin }, inUse) {
      const stats = sizeOf(file)
      const { network, problem } = await read(file, `${stats?.size} ${stats?.mtimeMs}`)
      const manifest = await readManifestFile(manifestPath(file)).catch((error: unknown) => ({
        problem: messageOf(error),
      }))
      const described = 'problem' in manifest ? {} : manifest
      return {
        id,
        name: described.name ?? basename(file, extname(file)),
        file,
        origin,
        bytes: stats?.size ?? 0,
        inUse,
        licence: described.licence ?? null,
        accuracy: described.accuracy ?? null,
        network,
        problem: problem ?? ('problem' in manifest ? manifest.problem : null),
      }
    },
  }
}

async function readNetwork(file: string): Promise<Reading> {
  try {
    const { reason, variant, depth, classes, inputSize, quantised } = await describeModelFile(file)
    const network: ModelNetwork = {
      noResNet: reason,
      ...{ variant, depth, classes, inputSize, quantised },
    }
    return { network, problem: null }
  } catch (error) {
    return { network: null, problem: messageOf(error) }
  }
}
