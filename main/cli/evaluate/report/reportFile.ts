import { randomBytes } from 'node:crypto'
import { open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, UserError } from '../../../../contract/errors.ts'

/** In the head of every report: by this one is known again. */
export const GENERATOR = 'albumen evaluate'

/** Characters of a file's beginning among which its generator stands. */
const HEAD = 2000

export interface ReportFile {
  path: string
  /** Whether a report of before will be replaced. */
  replaces: boolean
}

/**
 * Looks whether a report may be written to `path`, before the work for it is done. Throws UserError
 * where the folder is absent, or where something lies that is no report of Albumen.
 */
export async function openReportFile(path: string): Promise<ReportFile> {
  const folder = await stat(dirname(path)).catch(() => null)
  if (!folder?.isDirectory()) {
    throw new UserError(
      'report-folder',
      `There is no folder ${dirname(path)} for the report: make it first, or choose another place.`,
    )
  }
  const found = await stat(path).catch(() => null)
  if (found === null) return { path, replaces: false }
  if (found.isFile() && (await isReport(path))) return { path, replaces: true }
  throw new UserError(
    'report-taken',
    `${path} exists and is no report of Albumen, so it stays as it is: choose another name with --report.`,
  )
}

async function isReport(path: string): Promise<boolean> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0)
    const head = buffer.toString('utf8', 0, bytesRead)
    return head.includes(`<meta name="generator" content="${GENERATOR}">`)
  } catch {
    return false
  }
}

/** Writes the whole report or nothing. Throws UserError where it cannot be written. */
export async function writeReportFile(path: string, text: string): Promise<ReportFile> {
  // Hours may have passed: what lies there now counts.
  const file = await openReportFile(path)
  const unfinished = join(
    dirname(path),
    `.albumen-report-${randomBytes(6).toString('hex')}.partial`,
  )
  try {
    await writeFile(unfinished, text, { flag: 'wx', flush: true })
    await rename(unfinished, path)
    return file
  } catch (error) {
    await rm(unfinished, { force: true })
    throw new UserError(
      'report-not-written',
      `The report cannot be written to ${path} (${messageOf(error)}): choose another place.`,
      { cause: error },
    )
  }
}
