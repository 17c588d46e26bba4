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

/** Files and folders of photos may be called anything. Throws UserError for other things that are not text. */
export function requireText(args: readonly string[]): void {
  const isOdd = (arg: string) => nearestText(arg) !== arg
  const option = args.find(
    (arg, at) =>
      arg.startsWith('--') &&
      arg !== '--removed' &&
      (isOdd(arg) || (at + 1 < args.length && isOdd(args[at + 1] ?? ''))),
  )
  if (option === undefined) return
  throw new UserError(
    'not-text',
    `What follows ${option.split('=')[0]} has bytes that are no text (UTF-8): choose another name or folder.`,
  )
}

function commandLine(): Buffer {
  try {
    return readFileSync('/proc/self/cmdline')
  } catch {
    return Buffer.alloc(0)
  }
}
