import { readFileSync } from 'node:fs'
import { UserError } from '../../contract/errors.ts'
import { mayBeMangled, nearestText, textOfPath } from '../rpc/pathText.ts'

/**
 * What was typed behind the command's name. On Linux a path is any bytes, of which Node gives U+FFFD
 * for what is no UTF-8: the kernel has them as they are (https://man7.org/linux/man-pages/man5/proc_pid_cmdline.5.html),
 * or the launcher under another Node hands them on.
 */
export function argumentsGiven(): string[] {
  const given = process.argv.slice(2)
  const handedOn = process.env.ALBUMEN_COMMAND_LINE
  // Not for the processes that this one starts.
  delete process.env.ALBUMEN_COMMAND_LINE
  if (process.platform !== 'linux' || !given.some(mayBeMangled)) return given
  const line = handedOn ? Buffer.from(handedOn, 'base64') : commandLine()
  const all = line.toString('latin1').split('\0').slice(0, -1)
  // Node's own options stand before them.
  const last = all.slice(-given.length).map((bytes) => Buffer.from(bytes, 'latin1'))
  const areTheSame = given.every((arg, at) => last[at]?.toString() === arg)
  return areTheSame ? last.map(textOfPath) : given
}

/**
 * Files and folders of photos may be called anything. Throws UserError where another option's value is not
 * text. `options`: of a command, by name.
 */
export function requireText(options: Record<string, unknown>): void {
  const isOdd = (value: unknown) => typeof value === 'string' && nearestText(value) !== value
  const odd = Object.entries(options).find(
    ([name, value]) => name !== 'removed' && [value].flat().some(isOdd),
  )
  if (!odd) return
  throw new UserError(
    'not-text',
    `What follows --${odd[0]} has bytes that are no text (UTF-8): choose another name or folder.`,
  )
}

function commandLine(): Buffer {
  try {
    return readFileSync('/proc/self/cmdline')
  } catch {
    return Buffer.alloc(0)
  }
}
