/** What persons leave out: files of rules in Git's syntax (https://git-scm.com/docs/gitignore). */
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import ignore, { type Ignore } from 'ignore'
import { messageOf } from '../../../contract/errors.ts'
import { openable, textOfPath } from '../../rpc/pathText.ts'

/** Its rules count in its folder and below, before those of folders above. */
export const RULES_FILE = '.albumenignore'

/** Far more than a person writes. */
const MAXIMUM_BYTES = 64 * 1024
/** The time that a pattern takes grows with the depth of a path to the power of these. */
const MAXIMUM_GLOBSTARS = 2
/** A matcher remembers every path that it was asked about. */
const PATHS_FOR_A_MATCHER = 5000

export interface Rules {
  /** `path`: from the root, with `/` between names. The folders that it lies in are not left out. */
  leavesOut(path: string, kind: 'file' | 'directory'): boolean
  /** With those of a folder below. `directory`: from the root; `text`: of its file. */
  with(directory: string, text: string): Rules
}

/** Without any: nothing is left out. */
export const noRules: Rules = {
  leavesOut: () => false,
  with: (directory, text) => createRules(patternsIn(directory, text)),
}

function createRules(patterns: readonly { pattern: string }[]): Rules {
  let matcher: Ignore | null = null
  let asked = 0
  return {
    leavesOut(path, kind) {
      if (asked++ % PATHS_FOR_A_MATCHER === 0) matcher = null
      matcher ??= ignore({ ignoreCase: process.platform !== 'linux' }).add(patterns)
      return matcher.ignores(kind === 'directory' ? `${path}/` : path)
    },
    with: (directory, text) => createRules([...patterns, ...patternsIn(directory, text)]),
  }
}

/**
 * As patterns of the root, so that all rules are one list in which the last that fits decides: a
 * folder's own matcher could not take back what one above it says of a folder between.
 */
function patternsIn(directory: string, text: string): { pattern: string }[] {
  const base = directory === '' ? '' : `/${directory.replace(/[\\*?[\]!# ]/g, '\\$&')}`
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => !/^(#|!?\/*\s*$)/.test(line) && globstars(line) <= MAXIMUM_GLOBSTARS)
    .map((line) => {
      const [, not = '', pattern = ''] = /^(!?)(.*)$/.exec(line) ?? []
      return { pattern: `${not}${base}${anchored(pattern)}` }
    })
}

/** A pattern without a slash but at its end means names at any depth. */
function anchored(pattern: string): string {
  if (pattern.startsWith('/')) return pattern
  return /\/(?=\s*\S)/.test(pattern) ? `/${pattern}` : `/**/${pattern}`
}

const globstars = (line: string) => line.split('**').length - 1

/** The text of a folder's rules; `null` for none, and, said in a sentence, where it cannot be had. */
export function readRules(path: string, say: (sentence: string) => void): string | null {
  try {
    // Opening a pipe would wait for a writer for ever.
    const stats = statSync(openable(path), { throwIfNoEntry: false })
    if (!stats) return null
    if (!stats.isFile()) return refuse(path, 'it is no file', say)
    const file = openSync(openable(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      if (fstatSync(file).size > MAXIMUM_BYTES) return refuse(path, 'it is larger than 64 KB', say)
      const text = textOfPath(readFileSync(file))
      if (text.split('\n').some((line) => globstars(line) > MAXIMUM_GLOBSTARS)) {
        say(`A rule in ${path} has more than ${MAXIMUM_GLOBSTARS} times ** and is left out.`)
      }
      return text
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return refuse(path, messageOf(error), say)
  }
}

function refuse(path: string, reason: string, say: (sentence: string) => void): null {
  say(
    `The rules in ${path} are not followed (${reason}): make it a small file that Albumen may read.`,
  )
  return null
}
