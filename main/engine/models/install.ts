import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, UserError } from '../../../contract/errors.ts'
import type { ManifestFile } from '../../../models/manifestFile.ts'
import { takeLock } from '../db/lock.ts'
import { freeBytes, megabytes, syncFolder } from '../disk.ts'
import { explainStorage } from '../storageFailure.ts'
import { forgetSource } from './partialFile.ts'

export interface ModelTarget {
  /** Where the ONNX file will lie. */
  file: string
  manifest: string
  /** Where its bytes are collected. */
  partial: string
}

export const targetOf = (folder: string, id: string): ModelTarget => ({
  file: join(folder, `${id}.onnx`),
  manifest: join(folder, `${id}.json`),
  partial: join(folder, `${id}.onnx.partial`),
})

/**
 * Lets one process at a time get, add or remove the model `id`; makes the folder. Throws UserError
 * where another one does, and for a folder that cannot be written.
 */
export async function withModelLock<Value>(
  folder: string,
  id: string,
  work: (target: ModelTarget) => Promise<Value>,
): Promise<Value> {
  try {
    await mkdir(folder, { recursive: true })
    const release = takeLock(join(folder, `.${id}.lock`))
    if (!release) {
      throw new UserError(
        'model-busy',
        `Another Albumen, or another window, is at work on ${id}: wait until it is done, or cancel it there.`,
      )
    }
    try {
      return await work(targetOf(folder, id))
    } finally {
      release()
    }
  } catch (error) {
    throw modelsFailure(error, folder)
  }
}

/** Throws UserError where the disk of a folder has no room for `bytes` more. */
export async function requireRoom(folder: string, bytes: number): Promise<void> {
  const available = await freeBytes(folder)
  if (available === null || bytes <= available) return
  throw new UserError(
    'no-room',
    `The model needs another ${megabytes(bytes)} and ${folder} has ${megabytes(available)} left: make room on that disk, such as by removing models that you do not use.`,
  )
}

/**
 * Makes a partial that is complete and verified a model, all at once: before the last rename there
 * is no ONNX file, afterwards it has its manifest beside it, whatever happens in between.
 */
export async function publishModel(target: ModelTarget, manifest: ManifestFile): Promise<void> {
  const unfinished = `${target.manifest}.partial`
  {
    await using handle = await open(unfinished, 'w')
    await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`)
    await handle.sync()
  }
  await rename(unfinished, target.manifest)
  await rename(target.partial, target.file)
  await syncFolder(dirname(target.file))
  await forgetSource(target.partial)
}

/** The ONNX file first: a manifest alone is no model. */
export async function deleteModel(file: string, manifest: string): Promise<void> {
  await rm(file)
  await rm(manifest, { force: true })
}

const modelsFailure = (error: unknown, folder: string): unknown => {
  const notWritable = [
    'models-not-writable',
    `${folder} may not be written to: allow writing there, or choose another library with --library.`,
  ] as const
  return explainStorage(error, {
    'no-room': [
      'no-room',
      `There is no room left in ${folder}: make room on that disk, then try again; it goes on where it stopped.`,
    ],
    'not-writable': notWritable,
    unreachable: notWritable,
    otherwise: [
      'models-failed',
      `Writing to ${folder} failed (${messageOf(error)}): check its disk and try again.`,
    ],
  })
}
