/** ExifTool in a process of its own: it knows where each camera maker hides what. */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type * as Vendored from 'exiftool-vendored'
import { messageOf } from '../../../contract/errors.ts'
import { openable } from '../../rpc/pathText.ts'
import { UnreadableError } from '../unreadable.ts'

/** No sound file takes a second; a disk may have to wake up first. */
const TASK_SECONDS = 20
/** A file that hangs one leaves the other to the rest. */
const PROCESSES = 2

export interface ExifTool {
  /** Values by tag's name, as ExifTool's JSON has them; a name that ends in # asks for a number. */
  tags(path: string, names: readonly string[]): Promise<unknown>
  /** What is embedded in a file under a tag's name. */
  bytes(path: string, name: string): Promise<Buffer>
}

export interface ExifToolOptions {
  /** The command that runs Perl. */
  perl?: string
  /** After that a file is given up, and the process ended that reads it. */
  taskSeconds?: number
}

/**
 * Starts nothing before the first question. Questions throw UnreadableError where Perl is missing or
 * the file takes too long, and Error for other failures; the next question is answered all the same.
 */
export function createExifTool(options: ExifToolOptions = {}): ExifTool {
  const { perl = 'perl', taskSeconds = TASK_SECONDS } = options
  let started: Promise<Ask> | null = null

  async function start(): Promise<Ask> {
    // Most libraries have no raw files: the package is loaded when one comes.
    const vendored = await import('exiftool-vendored')
    const { file, args } = commandFor(perl, await vendored.exiftoolPath())
    await check(file, args)
    const exifTool = new vendored.ExifTool({
      processFactory: async () => {
        const child = spawn(file, [...args, '-stay_open', 'True', '-@', '-'], spawnOptions)
        // Not to be started, for want of memory perhaps, must not end this process.
        child.on('error', () => {})
        return child
      },
      // Checked above: its own check would remember for good that there was none.
      checkPerl: false,
      maxProcs: PROCESSES,
      taskTimeoutMillis: taskSeconds * 1000,
    })
    const createTask = outputTask(vendored)
    return (question) => exifTool.enqueueTask(() => createTask(question), false)
  }

  /** A start that failed is tried again next time: somebody may have installed Perl. */
  const ready = () => {
    started ??= start().catch((error: unknown) => {
      started = null
      throw error
    })
    return started
  }

  async function ask(path: string, question: string[]): Promise<Buffer> {
    const answer = await ready()
    try {
      return await withPlainName(resolve(path), (plain) => answer([...question, plain]))
    } catch (error) {
      throw whyUnanswered(error)
    }
  }

  return {
    async tags(path, names) {
      const json = await ask(path, ['-json', '-fast', ...names.map((name) => `-${name}`)])
      return (JSON.parse(json.toString()) as unknown[])[0]
    },
    bytes: (path, name) => ask(path, ['-b', `-${name}`]),
  }
}

/** What ExifTool prints for such arguments. */
type Ask = (question: string[]) => Promise<Buffer>

/**
 * Perl that runs a script for a parent, given both, and looks once a second whether that is still
 * there: ExifTool by itself waits for ever for the commands of a process that was killed.
 */
const WATCHING_PERL = `
  use POSIX ();
  my $parent = shift;
  my $watch = POSIX::SigAction->new(
    sub { POSIX::_exit(0) if getppid != $parent; alarm 1 },
    POSIX::SigSet->new, POSIX::SA_RESTART);
  $watch->safe(1);
  POSIX::sigaction(POSIX::SIGALRM, $watch);
  alarm 1;
  $0 = shift;
  do $0;
  die $@ if $@;
`

/** Without anybody's own configuration, which is a program. For Windows the package brings its Perl. */
function commandFor(perl: string, exifTool: string): { file: string; args: string[] } {
  if (process.platform === 'win32') return { file: exifTool, args: ['-config', ''] }
  return { file: perl, args: ['-e', WATCHING_PERL, String(process.pid), exifTool, '-config', ''] }
}

/** Perl complains of locales that it does not have; the answers are bytes and numbers. */
const spawnOptions = { windowsHide: true, env: { ...process.env, LC_ALL: 'C' } }

/** Throws UnreadableError where there is no Perl, or one that has not all of its own modules. */
async function check(file: string, args: string[]): Promise<void> {
  try {
    await promisify(execFile)(file, [...args, '-ver'], spawnOptions)
  } catch {
    throw new UnreadableError(
      'needs-perl',
      'Raw files are read with Perl, which is missing here: install the package perl, then retry.',
    )
  }
}

/** What ExifTool prints after each answer in this mode. */
const READY = '{ready}'

/**
 * Output as it is. The package's own tasks take binary values in base64, and search all that came so
 * far at each piece, which takes seconds for a large preview.
 */
function outputTask({ ExifToolTask }: typeof Vendored) {
  class OutputTask extends ExifToolTask<Buffer> {
    readonly pieces: Buffer[] = []

    override onStdout(piece: string | Buffer): void {
      this.pieces.push(Buffer.from(piece))
      // The mark may be cut in two.
      const end = Buffer.concat(this.pieces.slice(-2)).subarray(-READY.length - 2)
      if (end.toString('latin1').trimEnd().endsWith(READY)) super.onStdout(READY)
    }

    protected override parse(_: string, error?: Error): Buffer {
      if (error) throw error
      const output = Buffer.concat(this.pieces)
      return output.subarray(0, output.lastIndexOf(READY))
    }
  }
  const names = process.platform === 'win32' ? ['-charset', 'filename=utf8'] : []
  return (question: string[]) =>
    new OutputTask([...names, ...question], { ignoreMinorErrors: true })
}

/**
 * Questions are lines of text: what follows a line break would be an argument of its own, and bytes
 * that are no text would be other ones. A file of such a name is asked about by a link to it.
 */
async function withPlainName<Answer>(
  path: string,
  ask: (path: string) => Promise<Answer>,
): Promise<Answer> {
  const target = openable(path)
  if (typeof target === 'string' && !/[\r\n]/.test(path)) return ask(path)
  const folder = await mkdtemp(join(tmpdir(), 'albumen-raw-'))
  try {
    // ExifTool goes by the extension too.
    const link = join(folder, `photo${/\.\w+$/.exec(path)?.[0] ?? ''}`)
    await symlink(target, link)
    return await ask(link)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function whyUnanswered(error: unknown): unknown {
  const message = messageOf(error)
  if (message.startsWith('timeout')) {
    return new UnreadableError('too-slow', 'Reading the raw file took too long and was stopped.')
  }
  // The package's sentence goes on with all that it knows of the process.
  if (message.startsWith('Process terminated')) {
    return new UnreadableError('damaged', 'The raw file ended ExifTool, which was reading it.')
  }
  return error
}
