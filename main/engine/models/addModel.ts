import { open } from 'node:fs/promises'
import { basename, dirname, extname, resolve } from 'node:path'
import type { CallContext } from '../../../contract/commands.ts'
import { UserError } from '../../../contract/errors.ts'
import type { ModelProgress } from '../../../contract/models.ts'
import { type GivenManifest, type LoadedModel, loadModel } from '../../../models/manifest.ts'
import {
  type ManifestFile,
  manifestPath,
  readGivenManifest,
  readManifestFile,
} from '../../../models/manifestFile.ts'
import { largestModel } from '../../../models/onnx/file.ts'
import { imagenet1kLabels } from '../../../models/taxonomy/taxonomy.ts'
import { safeFileName } from '../export/names.ts'
import type { StartVision } from '../jobs/visionSupervisor.ts'
import { type DownloadTiming, downloadFile } from './download.ts'
import { type ModelTarget, publishModel, requireRoom, withModelLock } from './install.ts'
import { findModels, type ModelPlaces } from './installed.ts'
import { hashFile, lookAtPartial, openPartial, removePartial } from './partialFile.ts'
import { createModelProgress } from './progress.ts'
import { requireRunnable } from './runnable.ts'

export interface ModelSource {
  /** Path of an ONNX file, or its address. */
  from: string
  /** Path of a manifest or of a list of labels; `null`: the manifest beside the file, if any. */
  manifest: string | null
  /** `null`: as its manifest or its file is called. */
  id: string | null
  /** Takes a classifier that is no ResNet, too. */
  anyArchitecture: boolean
}

export interface AddOptions {
  places: ModelPlaces
  timing: DownloadTiming
  /** Starts a vision process to run the model in. */
  startProbe: StartVision
}

type Context = CallContext<ModelProgress>

/**
 * Puts a model of somebody's own among those of the library, once it is known to be usable. Throws
 * UserError with what to correct. Returns its id.
 */
export function addModel(
  source: ModelSource,
  options: AddOptions,
  context: Context,
): Promise<string> {
  return /^https?:\/\//i.test(source.from)
    ? addFromAddress(source, options, context)
    : addFromFile(source, options, context)
}

async function addFromFile(
  source: ModelSource,
  { places, startProbe }: AddOptions,
  context: Context,
): Promise<string> {
  const file = resolve(source.from)
  const beside = manifestPath(file)
  const given: GivenManifest | null = source.manifest
    ? await manifestFrom(file, source.manifest)
    : null
  const manifestFile = given?.manifestFile ?? (await readManifestFile(beside))
  const loaded = await loadModel(file, {
    imagenetLabels: imagenet1kLabels,
    ...(given && { given }),
  })
  requireUsable(loaded, file, source)
  const id = idFor(source, manifestFile.id ?? stemOf(file))
  return withModelLock(places.own, id, async (target) => {
    await requireNew(places, id, loaded.manifest.sha256)
    await requireRunnable(loaded, file, startProbe, context.signal)
    await copyInto(target, file, loaded, context)
    await publishModel(target, {
      ...manifestFile,
      ...{ id, name: loaded.manifest.name, sha256: loaded.manifest.sha256 },
    })
    return id
  })
}

async function addFromAddress(
  source: ModelSource,
  { places, timing, startProbe }: AddOptions,
  context: Context,
): Promise<string> {
  const url = URL.canParse(source.from) ? new URL(source.from) : null
  if (!url) {
    const shown = source.from.replace(/\/\/.*@/, '//')
    throw new UserError('bad-address', `${shown} is no address: correct it, or give a file.`)
  }
  const shown = `${url.origin}${url.pathname}`
  const given = source.manifest
    ? await manifestFrom(shown, source.manifest)
    : { model: shown, manifest: 'a manifest that you give along', manifestFile: {} }
  const { manifestFile } = given
  const id = idFor(source, manifestFile.id ?? stemOf(url.pathname))
  return withModelLock(places.own, id, async (target) => {
    await requireNew(places, id, manifestFile.sha256 ?? null)
    const sha256 = await downloadFile(
      {
        url: url.href,
        partial: target.partial,
        bytes: null,
        sha256: manifestFile.sha256 ?? null,
        maximumBytes: largestModel,
      },
      timing,
      context,
    )
    const loaded = await orDiscard(target.partial, manifestFile, context.signal, async () => {
      await requireNew(places, id, sha256)
      const downloaded = await loadModel(target.partial, {
        imagenetLabels: imagenet1kLabels,
        given,
      })
      requireUsable(downloaded, shown, source)
      await requireRunnable(downloaded, shown, startProbe, context.signal)
      return downloaded
    })
    await publishModel(target, { ...manifestFile, id, name: loaded.manifest.name, sha256 })
    return id
  })
}

async function manifestFrom(model: string, manifest: string): Promise<GivenManifest> {
  const path = resolve(manifest)
  return { model, manifest: path, manifestFile: await readGivenManifest(path) }
}

/** Refusals after which a person may describe the model better, or allow it. */
const correctable = new Set(['model-labels', 'model-manifest', 'no-resnet'])

/**
 * Deletes what was downloaded when it is refused, unless another try, with other options, would go
 * on with it; then the refusal says so.
 */
async function orDiscard<Value>(
  path: string,
  { sha256 }: ManifestFile,
  signal: AbortSignal,
  check: () => Promise<Value>,
): Promise<Value> {
  try {
    return await check()
  } catch (error) {
    if (signal.aborted || !(error instanceof UserError)) throw error
    const validator = (await lookAtPartial(path))?.source?.validator ?? null
    const goesOn = sha256 !== undefined || validator !== null
    if (goesOn && correctable.has(error.code)) {
      throw new UserError(error.code, `${error.message} What was downloaded is kept for that.`)
    }
    await removePartial(path)
    throw error
  }
}

function requireUsable(
  { noResNet, oneFile }: LoadedModel,
  shown: string,
  { anyArchitecture }: ModelSource,
): void {
  if (!oneFile) {
    throw new UserError(
      'model-external-weights',
      `${shown} keeps its weights in another file: export it again as one file (in PyTorch: external_data=False).`,
    )
  }
  if (noResNet === null || anyArchitecture) return
  throw new UserError(
    'no-resnet',
    `${shown} is not added. ${noResNet} Choose a ResNet, or allow any architecture if you know what you do.`,
  )
}

const stemOf = (path: string): string => basename(path, extname(path))

function idFor({ id }: ModelSource, otherwise: string): string {
  if (id === null) {
    const plain = otherwise.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '')
    return safeFileName(plain || 'model')
  }
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(id) && safeFileName(id) === id) return id
  throw new UserError(
    'model-id',
    `${id} cannot be the id of a model: use letters, digits, - and _ only.`,
  )
}

async function requireNew(places: ModelPlaces, id: string, sha256: string | null): Promise<void> {
  for (const model of await findModels(places)) {
    if (model.id.toLowerCase() === id.toLowerCase()) {
      throw new UserError(
        'model-exists',
        `There is a model ${model.id} already: remove it first, or give the file that you add another name.`,
      )
    }
    const known = await readManifestFile(manifestPath(model.file)).catch(() => null)
    if (sha256 !== null && known?.sha256 === sha256) {
      throw new UserError(
        'model-exists',
        `This model is here already: use ${model.id}, or remove that one first.`,
      )
    }
  }
}

const PIECE = 4 * 1024 * 1024

/** Copies the file that was just examined; one that changed since is refused. */
async function copyInto(
  { partial: path }: ModelTarget,
  file: string,
  { manifest }: LoadedModel,
  { signal, onProgress }: Context,
): Promise<void> {
  const progress = createModelProgress(onProgress)
  await using from = await open(file)
  const { size } = await from.stat()
  await requireRoom(dirname(path), size)
  const partial = await openPartial(path)
  try {
    await partial.restart({ url: file, validator: null })
    const piece = Buffer.allocUnsafe(PIECE)
    for (;;) {
      signal.throwIfAborted()
      const { bytesRead } = await from.read(piece, 0, PIECE)
      if (bytesRead === 0) break
      await partial.append(piece.subarray(0, bytesRead))
      progress.received(bytesRead)
      progress.tell('copying', partial.size(), size)
    }
    await partial.sync()
  } catch (error) {
    await removePartial(path)
    throw error
  } finally {
    await partial.close()
  }
  let read = 0
  const sha256 = await hashFile(path, signal, (bytes) => {
    read += bytes
    progress.tell('verifying', read, size)
  })
  if (sha256 === manifest.sha256) return
  await removePartial(path)
  throw new UserError(
    'model-changed',
    `${file} changed while it was copied: add it again when nothing writes it any more.`,
  )
}
