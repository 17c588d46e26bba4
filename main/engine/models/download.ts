import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallContext } from '../../../contract/commands.ts'
import { UserError } from '../../../contract/errors.ts'
import type { ModelProgress } from '../../../contract/models.ts'
import { megabytes } from '../disk.ts'
import { createDispatcher, LostConnection, requestFile, type Timeouts } from './http.ts'
import { requireRoom } from './install.ts'
import { hashFile, openPartial, type PartialFile, removePartial } from './partialFile.ts'
import { createModelProgress, type ProgressTeller } from './progress.ts'

export interface Download {
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
 * Brings the rest of a file into its partial and verifies all of it. After a lost connection it
 * goes on from where it was, as long as each few tries bring something. Throws UserError, or the
 * signal's reason. Returns the sha256 in hexadecimal.
 */
export async function downloadFile(
  download: Download,
  timing: DownloadTiming,
  { signal, onProgress }: CallContext<ModelProgress>,
): Promise<string> {
  const partial = await openPartial(download.partial)
  const progress = createModelProgress(onProgress)
  try {
    await receive(download, partial, timing, progress, signal)
    await partial.sync()
  } finally {
    await partial.close()
    if (partial.size() === 0) await removePartial(download.partial)
  }
  return verify(download, partial.size(), progress, signal)
}

async function receive(
  download: Download,
  partial: PartialFile,
  timing: DownloadTiming,
  progress: ProgressTeller,
  signal: AbortSignal,
): Promise<void> {
  const dispatcher = createDispatcher(timing)
  let most = partial.size()
  let fruitless = 0
  try {
    for (;;) {
      try {
        progress.tell('connecting', partial.size(), download.bytes)
        if (await receiveOnce(download, partial, dispatcher, progress, signal)) return
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

/** `false` when the connection ended before the file did. */
async function receiveOnce(
  download: Download,
  partial: PartialFile,
  dispatcher: ReturnType<typeof createDispatcher>,
  progress: ProgressTeller,
  signal: AbortSignal,
): Promise<boolean> {
  if (download.bytes !== null && partial.size() === download.bytes) return true
  const { offset, validator } = whereToGoOn(download, partial)
  const folder = dirname(partial.path)
  if (download.bytes !== null) await requireRoom(folder, download.bytes - offset)
  const answer = await requestFile({ url: download.url, offset, validator }, dispatcher, signal)
  if (answer.kind === 'no-such-part') {
    if (offset > 0 && answer.total === offset) return true
    await partial.restart({ url: download.url, validator: null })
    throw new LostConnection(`${hostOf(download)} does not have the part that is missing`)
  }
  const total = totalOf(download, answer.total)
  if (total !== null) await requireRoom(folder, total - answer.from)
  if (answer.from === 0) {
    await partial.restart({ url: download.url, validator: answer.validator })
  }
  for await (const bytes of answer.body) {
    await refuseExcess(download, partial.size() + bytes.byteLength, total)
    await partial.append(bytes)
    progress.received(bytes.byteLength)
    progress.tell('receiving', partial.size(), total)
  }
  // Without a length the end of the answer is the end of the file.
  return total === null || partial.size() === total
}

/**
 * Where the sha256 is known, it tells in the end whether the parts fit. Bytes of another file are
 * continued only when the server can tell that it is still the same.
 */
function whereToGoOn({ url, sha256, bytes }: Download, partial: PartialFile) {
  const tooMany = bytes !== null && partial.size() > bytes
  if (sha256 !== null) return { offset: tooMany ? 0 : partial.size(), validator: null }
  const source = partial.source()
  const validator = source?.url === url ? source.validator : null
  return { offset: validator === null ? 0 : partial.size(), validator }
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

async function verify(
  download: Download,
  size: number,
  progress: ProgressTeller,
  signal: AbortSignal,
): Promise<string> {
  let read = 0
  const sha256 = await hashFile(download.partial, signal, (bytes) => {
    read += bytes
    progress.tell('verifying', read, size)
  })
  if (download.sha256 === null || download.sha256 === sha256) return sha256
  await removePartial(download.partial)
  throw new UserError(
    'download-damaged',
    `What came from ${hostOf(download)} is not the file that was asked for (its sha256 differs) and was deleted: get it again, if need be over another network.`,
  )
}

const hostOf = ({ url }: Download): string => new URL(url).host

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
