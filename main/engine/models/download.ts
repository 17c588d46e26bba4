import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallContext } from '../../../contract/commands.ts'
import { UserError } from '../../../contract/errors.ts'
import type { ModelProgress } from '../../../contract/models.ts'
import { mayBeginModel } from '../../../models/onnx/beginning.ts'
import { megabytes } from '../disk.ts'
import {
  createDispatcher,
  LostConnection,
  requestFile,
  type Timeouts,
  withoutCredentials,
} from './http.ts'
import { requireRoom } from './install.ts'
import { hashFile, openPartial, type PartialFile, removePartial } from './partialFile.ts'
import { createModelProgress, type ProgressTeller } from './progress.ts'

export interface Download {
  /** May hold a name and a password, which are sent, but neither shown nor stored. */
  url: string
  /** Where the bytes are collected. They stay when the download stops, and the next one goes on. */
  partial: string
  /** Size of the file; `null` when only the server knows. */
  bytes: number | null
  /** In hexadecimal; `null` when nobody said. */
  sha256: string | null
  /** No file may be larger. */
  maximumBytes: number
}

export interface DownloadTiming extends Timeouts {
  /** Milliseconds before each try that follows one without a new byte; then it is given up. */
  retries: readonly number[]
}

export const usualTiming: DownloadTiming = {
  connect: 15_000,
  silence: 30_000,
  retries: [500, 1000, 2000, 4000, 8000],
}

/** What a server may ask us to wait, at most, in milliseconds. */
const LONGEST_WAIT = 60_000

/**
 * Brings the rest of an ONNX file into its partial and verifies all of it. After a lost connection
 * it goes on from where it was, as long as each few tries bring something. What was put together
 * out of several answers and turns out wrong is got once more as a whole. Throws UserError, or the
 * signal's reason. Returns the sha256 in hexadecimal.
 */
export async function downloadFile(
  download: Download,
  timing: DownloadTiming,
  { signal, onProgress }: CallContext<ModelProgress>,
): Promise<string> {
  const progress = createModelProgress(onProgress)
  for (let whole = false; ; whole = true) {
    const { size, joined } = await bring(download, timing, progress, signal)
    const sha256 = await hashDownloaded(download, size, progress, signal)
    if (download.sha256 === null || download.sha256 === sha256) return sha256
    await removePartial(download.partial)
    if (whole || !joined) throw damaged(download)
  }
}

/** `joined`: whether its bytes come from more than one answer. */
async function bring(
  download: Download,
  timing: DownloadTiming,
  progress: ProgressTeller,
  signal: AbortSignal,
): Promise<{ size: number; joined: boolean }> {
  const partial = await openPartial(download.partial)
  try {
    await discardStranger(download, partial)
    const joined = await receive(download, partial, timing, progress, signal)
    await partial.sync()
    return { size: partial.size(), joined }
  } finally {
    await partial.close()
    if (partial.size() === 0) await removePartial(download.partial)
  }
}

/** What is no beginning of a model, whoever put it there, must not get one's end behind it. */
async function discardStranger(download: Download, partial: PartialFile): Promise<void> {
  if (mayBeginModel(await partial.beginning())) return
  await partial.restart(sourceOf(download, null))
}

const sourceOf = ({ url }: Download, validator: string | null) => ({
  url: withoutCredentials(url),
  validator,
})

/** Resolves with whether something was here when the last answer came. */
async function receive(
  download: Download,
  partial: PartialFile,
  timing: DownloadTiming,
  progress: ProgressTeller,
  signal: AbortSignal,
): Promise<boolean> {
  const dispatcher = createDispatcher(timing)
  let most = partial.size()
  let fruitless = 0
  try {
    for (;;) {
      try {
        progress.tell('connecting', partial.size(), download.bytes)
        const answer = await receiveOnce(download, partial, dispatcher, progress, signal)
        if (answer.complete) return answer.joined
        throw new LostConnection('the connection ended too early')
      } catch (error) {
        if (!(error instanceof LostConnection)) throw error
        if (partial.size() > most) fruitless = 0
        most = Math.max(most, partial.size())
        const delay = timing.retries[fruitless++]
        if (delay === undefined) throw givenUp(download, partial.size(), error)
        progress.tell('waiting', partial.size(), download.bytes)
        await waitFor(Math.max(delay, Math.min(error.retryAfter, LONGEST_WAIT)), signal)
      }
    }
  } finally {
    await dispatcher.destroy()
  }
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
  signal.throwIfAborted()
}

interface Received {
  /** `false` when the connection ended before the file did. */
  complete: boolean
  /** Whether it was put behind what was here. */
  joined: boolean
}

async function receiveOnce(
  download: Download,
  partial: PartialFile,
  dispatcher: ReturnType<typeof createDispatcher>,
  progress: ProgressTeller,
  signal: AbortSignal,
): Promise<Received> {
  const allHere = { complete: true, joined: true }
  if (download.bytes !== null && partial.size() === download.bytes) return allHere
  const { offset, validator } = whereToGoOn(download, partial)
  const folder = dirname(partial.path)
  if (download.bytes !== null) await requireRoom(folder, download.bytes - offset)
  const answer = await requestFile({ url: download.url, offset, validator }, dispatcher, signal)
  if (answer.kind === 'no-such-part') {
    if (offset > 0 && answer.total === offset) return allHere
    await partial.restart(sourceOf(download, null))
    throw new LostConnection(`${hostOf(download)} does not have the part that is missing`)
  }
  const total = totalOf(download, answer.total)
  if (total !== null) await requireRoom(folder, total - answer.from)
  let begins = answer.from === 0
  for await (const bytes of answer.body) {
    if (begins) {
      // Before what is here is thrown away for it.
      if (!mayBeginModel(bytes)) throw noModel(download)
      await partial.restart(sourceOf(download, answer.validator))
      begins = false
    }
    await refuseExcess(download, partial.size() + bytes.byteLength, total)
    await partial.append(bytes)
    progress.received(bytes.byteLength)
    progress.tell('receiving', partial.size(), total)
  }
  if (begins) throw new LostConnection(`${hostOf(download)} sends nothing`)
  // Without a length the end of the answer is the end of the file.
  return { complete: total === null || partial.size() === total, joined: answer.from > 0 }
}

/**
 * The server is asked whether it still has the file that the bytes here are from. Where it cannot
 * say, they are continued only when a known sha256 tells in the end whether the parts fit.
 */
function whereToGoOn({ url, sha256, bytes }: Download, partial: PartialFile) {
  const source = partial.source()
  const validator = source?.url === withoutCredentials(url) ? source.validator : null
  const unusable = bytes !== null && partial.size() > bytes
  const unsure = sha256 === null && validator === null
  return { offset: unusable || unsure ? 0 : partial.size(), validator }
}

function totalOf(download: Download, announced: number | null): number | null {
  const { bytes, maximumBytes } = download
  if (bytes !== null && announced !== null && announced !== bytes) throw otherFile(download)
  if ((announced ?? 0) > maximumBytes) throw tooLarge(download)
  return bytes ?? announced
}

async function refuseExcess(download: Download, size: number, total: number | null): Promise<void> {
  const excess = total !== null && size > total ? otherFile(download) : null
  const problem = excess ?? (size > download.maximumBytes ? tooLarge(download) : null)
  if (!problem) return
  await removePartial(download.partial)
  throw problem
}

function hashDownloaded(
  { partial }: Download,
  size: number,
  progress: ProgressTeller,
  signal: AbortSignal,
): Promise<string> {
  let read = 0
  return hashFile(partial, signal, (bytes) => {
    read += bytes
    progress.tell('verifying', read, size)
  })
}

const hostOf = ({ url }: Download): string => new URL(url).host

const damaged = (download: Download) =>
  new UserError(
    'download-damaged',
    `What came from ${hostOf(download)} is not the file that was asked for (its sha256 differs) and was deleted: get it again, if need be over another network.`,
  )

const noModel = (download: Download) =>
  new UserError(
    'download-no-model',
    `What ${hostOf(download)} sends is no ONNX model: see with a browser whether this network wants you to sign in first, or check the address.`,
  )

const otherFile = (download: Download) =>
  new UserError(
    'download-other-file',
    `${hostOf(download)} sends another file than the one of ${megabytes(download.bytes ?? 0)} that was asked for: see with a browser whether this network wants you to sign in first, or update Albumen.`,
  )

const tooLarge = (download: Download) =>
  new UserError(
    'download-too-large',
    `The file at ${hostOf(download)} is larger than ${megabytes(download.maximumBytes)}, which no model may be: check the address.`,
  )

function givenUp(download: Download, size: number, { message }: LostConnection): UserError {
  const host = hostOf(download)
  return new UserError(
    'download-lost',
    size > 0
      ? `Nothing more comes from ${host} (${message}): check the connection to the network and get it again; it goes on after the ${megabytes(size)} that are here.`
      : `Nothing comes from ${host} (${message}): check the connection to the network and get it again; behind a proxy, set HTTPS_PROXY before you start Albumen.`,
  )
}
