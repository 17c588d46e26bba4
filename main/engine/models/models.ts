import { readdir } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { Handlers } from '../../../contract/commands.ts'
import { UserError } from '../../../contract/errors.ts'
import type { InstalledModel, OfferedModel, UnfinishedModel } from '../../../contract/models.ts'
import { type Catalog, type CatalogModel, manifestOf } from '../../../models/catalog/catalog.ts'
import { loadModel } from '../../../models/manifest.ts'
import { manifestPath, readManifestFile } from '../../../models/manifestFile.ts'
import { largestModel } from '../../../models/onnx/file.ts'
import { imagenet1kLabels } from '../../../models/taxonomy/taxonomy.ts'
import type { StartVision } from '../jobs/visionSupervisor.ts'
import { addModel } from './addModel.ts'
import { type DownloadTiming, downloadFile } from './download.ts'
import { deleteModel, publishModel, targetOf, withModelLock } from './install.ts'
import {
  createModelReader,
  findModels,
  type ModelFile,
  type ModelPlaces,
  modelElsewhere,
} from './installed.ts'
import { hashFile, lookAtPartial, removePartial } from './partialFile.ts'
import { requireRunnable } from './runnable.ts'

export interface ModelsOptions extends ModelPlaces {
  catalog: Catalog
  /**
   * The model that photos are looked at with, now or from the next start on, and after it what may
   * run in its place. Paths.
   */
  inUse: () => readonly string[]
  timing: DownloadTiming
  /** Starts a vision process to run a model in that may not be sound. */
  startProbe: StartVision
}

export type Models = Pick<
  Handlers,
  'listModels' | 'getModel' | 'addModel' | 'removeModel' | 'verifyModel'
>

/** The models of a library, as the window and the command line manage them. Opens no library. */
export function createModels(options: ModelsOptions): Models {
  const { catalog, inUse, timing, startProbe, ...places } = options
  const { own } = places
  const reader = createModelReader()

  async function allModels(): Promise<ModelFile[]> {
    const found = await findModels(places)
    const elsewhere = inUse().filter((used) => !found.some(({ file }) => isSame(file, used)))
    return [...found, ...elsewhere.map(modelElsewhere)]
  }

  const describe = (model: ModelFile) =>
    reader.describe(model, isSame(model.file, inUse()[0] ?? ''))

  async function describeId(id: string): Promise<InstalledModel> {
    return describe(await requireModel(id))
  }

  async function requireModel(id: string): Promise<ModelFile> {
    const model = (await allModels()).find((each) => each.id === id)
    if (model) return model
    throw new UserError('no-such-model', `There is no model ${id} here: choose one that is listed.`)
  }

  async function offer(model: CatalogModel): Promise<OfferedModel> {
    const { id, name, variant, depth, quantised, quantisations } = model
    const { bytes, licence, accuracy, gflops, note, unusable } = model
    const partial = await lookAtPartial(targetOf(own, id).partial)
    return {
      ...{ id, name, variant, depth, quantised, quantisations },
      ...{ bytes, licence, accuracy, gflops, note, unusable, received: partial?.received ?? 0 },
    }
  }

  /** Ids of the models of which a stopped download has left something. */
  async function begun(): Promise<string[]> {
    const ending = '.onnx.partial'
    const names = await readdir(own).catch(() => [])
    return names.filter((name) => name.endsWith(ending)).map((name) => basename(name, ending))
  }

  async function unfinished(): Promise<UnfinishedModel[]> {
    const found: UnfinishedModel[] = []
    for (const id of await begun()) {
      if (catalog.some((model) => model.id === id)) continue
      const partial = await lookAtPartial(targetOf(own, id).partial)
      if (partial) found.push({ id, from: partial.source?.url ?? null, received: partial.received })
    }
    return found
  }

  return {
    async listModels() {
      const installed: InstalledModel[] = []
      // One after the other: each is in memory as a whole while it is read.
      for (const model of await allModels()) installed.push(await describe(model))
      installed.sort(
        (a, b) => Number(b.inUse) - Number(a.inUse) || a.name.localeCompare(b.name, 'en'),
      )
      const here = new Set(installed.map(({ id }) => id))
      const missing = catalog.filter(({ id }) => !here.has(id))
      return {
        installed,
        offered: await Promise.all(missing.map(offer)),
        unfinished: await unfinished(),
      }
    },

    async getModel({ id }, context) {
      const wanted = catalog.find((model) => model.id === id)
      if (!wanted) {
        throw new UserError(
          'no-such-model',
          `The catalog has no model ${id}: choose one that is listed.`,
        )
      }
      if (wanted.unusable) throw new UserError('model-unusable', wanted.unusable)
      await withModelLock(own, id, async (target) => {
        const here = (await findModels(places)).find((model) => model.id === id)
        if (here) return requireSame(here, wanted, context.signal)
        const { url, bytes, sha256 } = wanted
        await downloadFile(
          { url, bytes, sha256, partial: target.partial, maximumBytes: largestModel },
          timing,
          context,
        )
        await publishModel(target, manifestOf(wanted))
      })
      return describeId(id)
    },

    async addModel(source, context) {
      return describeId(await addModel(source, { places, timing, startProbe }, context))
    },

    async removeModel({ id }) {
      const model = (await allModels()).find((each) => each.id === id)
      // Before any path is made of it: an id comes from outside, and this one is nobody's.
      if (!model && !(await begun()).includes(id)) await requireModel(id)
      if (model) requireRemovable(model, inUse())
      await withModelLock(own, id, async ({ partial }) => {
        if (model) await deleteModel(model.file, manifestPath(model.file))
        await removePartial(partial)
      })
      return null
    },

    async verifyModel({ id }, { signal }) {
      const { file } = await requireModel(id)
      // Compares the sha256 with the manifest's on the way.
      const loaded = await loadModel(file, { imagenetLabels: imagenet1kLabels })
      await requireRunnable(loaded, file, startProbe, signal)
      const { manifest } = loaded
      const known = await readManifestFile(manifestPath(file))
      return { id, sha256: manifest.sha256, compared: known.sha256 !== undefined }
    },
  }
}

const isSame = (one: string, other: string): boolean => resolve(one) === resolve(other)

/** What lies there is never overwritten: it may be somebody's own. */
async function requireSame(
  { file }: ModelFile,
  { id, sha256 }: CatalogModel,
  signal: AbortSignal,
): Promise<void> {
  if ((await hashFile(file, signal, () => {})) === sha256) return
  throw new UserError(
    'model-exists',
    `${file} is not the ${id} of the catalog, or it is damaged: remove it, then get it again.`,
  )
}

function requireRemovable({ id, file, origin }: ModelFile, inUse: readonly string[]): void {
  if (inUse.some((used) => isSame(file, used))) {
    throw new UserError('model-in-use', `${id} is in use: use another model first, then remove it.`)
  }
  if (origin === 'added') return
  throw new UserError(
    'model-bundled',
    origin === 'bundled'
      ? `${id} comes with Albumen and stays: it is there when nothing else is.`
      : `${id} does not lie in the library: delete ${file} yourself if you want that.`,
  )
}
