import { type FileHandle, mkdir, open, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportReport } from '../../../contract/domain.ts'
import { isTaken, syncFolder } from '../disk.ts'
import { type Ledger, openLedger, type PlannedFile, type PlannedPhoto } from './ledger.ts'
import { type ManifestFile, publishManifest } from './manifest.ts'
import { digestFile, type ReadOutcome, readOriginal, requireSame } from './originals.ts'
import { publishFile, requireRoom, type Target } from './target.ts'
import { planTree, type Tree } from './tree.ts'
import type { ExportRequest } from './types.ts'
import { createProgress, forEachConcurrently } from './work.ts'

/** Enough to keep a disk busy, few enough for a slow drive and its memory. */
const FILES_AT_ONCE = 4
/** For names and the manifest. */
const EXTRA_BYTES_A_FILE = 1024

/** One folder a tag. Everything is copied and read back before anything gets its name. */
export async function exportCopies(request: ExportRequest, target: Target): Promise<ExportReport> {
  const ledger = openLedger()
  try {
    const tree = await planTree(request, ledger, target.folder)
    const planned = ledger.totals()
    await requireRoom(target.folder, planned.blocks * 4096 + planned.files * EXTRA_BYTES_A_FILE)
    await writeCopies(request, target, ledger)
    await verifyCopies(request, target, ledger)
    const made: string[] = []
    try {
      await publishCopies(request, target, ledger, tree, made)
      const { photos, bytes } = ledger.totals()
      const skipped = ledger.skipped()
      const head = {
        kind: request.as,
        createdAt: request.clock(),
        photos,
        bytes,
        archive: null,
        skipped,
      }
      const manifest = await publishManifest(target, 'manifest.json', head, manifestFiles(ledger))
      return { path: target.folder, manifest, photos, bytes, skipped }
    } catch (error) {
      await withdraw(target, ledger, made)
      throw error
    }
  } finally {
    ledger.close()
  }
}

/** Files of a tree for its manifest. */
export function* manifestFiles(ledger: Ledger): Generator<ManifestFile> {
  for (const { folder, name, bytes, sha256, source, photo } of ledger.files()) {
    yield { path: `${folder}/${name}`, bytes, sha256, source, photo }
  }
}

async function writeCopies(
  request: ExportRequest,
  { workshop }: Target,
  ledger: Ledger,
): Promise<void> {
  const { signal } = request
  const tell = createProgress(request)
  const total = ledger.totals().photos
  let done = 0
  tell({ phase: 'writing', done, total })
  for (const folder of ledger.folders()) await mkdir(join(workshop, folder))
  await forEachConcurrently(ledger.photos(), FILES_AT_ONCE, signal, async (photo) => {
    const paths = photo.targets.map(({ folder, name }) => join(workshop, folder, name))
    const outcome = await copyPhoto(photo, paths, signal)
    if (!outcome.read) {
      for (const path of paths) await rm(path)
      ledger.skip(photo, outcome.skipped)
    }
    tell({ phase: 'writing', done: ++done, total })
  })
}

async function copyPhoto(
  photo: PlannedPhoto,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadOutcome> {
  const handles: FileHandle[] = []
  try {
    for (const path of paths) handles.push(await open(path, 'wx'))
    const writeChunk = async (chunk: Buffer) => {
      for (const handle of handles) await handle.writeFile(chunk)
    }
    const outcome = await readOriginal(photo, writeChunk, signal)
    if (!outcome.read) return outcome
    for (const handle of handles) {
      await handle.utimes(outcome.modifiedAt / 1000, outcome.modifiedAt / 1000)
      await handle.sync()
    }
    return outcome
  } finally {
    for (const handle of handles) await handle.close()
  }
}

async function verifyCopies(
  request: ExportRequest,
  { workshop }: Target,
  ledger: Ledger,
): Promise<void> {
  const { signal } = request
  const tell = createProgress(request)
  const total = ledger.totals().files
  let done = 0
  tell({ phase: 'verifying', done, total })
  await forEachConcurrently(ledger.files(), FILES_AT_ONCE, signal, async (file) => {
    const path = join(workshop, file.folder, file.name)
    requireSame(`${file.folder}/${file.name}`, await digestFile(path, signal), file)
    tell({ phase: 'verifying', done: ++done, total })
  })
}

/** `made` gets the folders that were not there before, which move as a whole. */
async function publishCopies(
  { signal }: ExportRequest,
  { folder: root, workshop }: Target,
  ledger: Ledger,
  tree: Tree,
  made: string[],
): Promise<void> {
  for (const folder of ledger.folders()) {
    signal.throwIfAborted()
    const place = join(root, folder)
    if (!tree.existed(folder) && (await moveFolder(join(workshop, folder), place))) {
      made.push(folder)
    } else {
      for (const file of ledger.filesIn(folder)) {
        signal.throwIfAborted()
        ledger.published(file, await publishOne(file, join(workshop, folder), place))
      }
    }
    await syncFolder(place)
  }
}

const publishOne = (file: PlannedFile, from: string, place: string) =>
  publishFile(join(from, file.name), place, file.name)

/**
 * `false`: something of that name appeared meanwhile, or another program holds a file of it, as
 * virus scanners on Windows do; its files can still be moved one by one.
 */
async function moveFolder(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch {
    await mkdir(to).catch((error) => {
      if (!isTaken(error)) throw error
    })
    return false
  }
}

/** Takes back what has its name already; a failure on the way must not hide the first. */
async function withdraw({ folder: root }: Target, ledger: Ledger, made: string[]): Promise<void> {
  const remove = ({ folder, name }: PlannedFile) =>
    rm(join(root, folder, name), { force: true }).catch(() => {})
  for (const file of ledger.publishedFiles()) await remove(file)
  for (const folder of made) {
    for (const file of ledger.filesIn(folder)) await remove(file)
    await rmdir(join(root, folder)).catch(() => {})
  }
}
