/** ExifTool in a process of its own: it knows where each camera maker hides what. */
import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import type * as Vendored from 'exiftool-vendored'

/** No sound file takes a second; a disk may have to wake up first. */
const TASK_SECONDS = 20
/** Raw files are looked at side by side, and one that hangs must not hold up all others. */
const PROCESSES = 2

export interface ExifTool {
  /** Values by tag's name, as ExifTool's JSON has them; a name that ends in # asks for a number. */
  tags(path: string, names: readonly string[]): Promise<unknown>
  /** What an embedded file's tag holds. */
  bytes(path: string, name: string): Promise<Buffer>
}

/** There is no Perl to run ExifTool with: it comes with macOS, and for Windows with the package. */
export class PerlMissingError extends Error {}

/**
 * Starts nothing before the first question. Questions throw PerlMissingError, Error for a file that
 * ExifTool cannot read, and Error with "timeout" in its message for one that takes too long.
 */
export function createExifTool({ perl = 'perl', taskSeconds = TASK_SECONDS } = {}): ExifTool {
  let started: Promise<Started> | null = null

  async function start(): Promise<Started> {
    // Most libraries have no raw files: the package is loaded when one comes.
    const vendored = await import('exiftool-vendored')
    const command = commandFor(perl, await vendored.exiftoolPath())
    await check(command)
    const exifTool = new vendored.ExifTool({
      processFactory: async () => {
        const { file, args } = command
        return spawn(file, [...args, '-stay_open', 'True', '-@', '-'], { windowsHide: true })
      },
      // Checked above: its own check would remember for good that there was none.
      checkPerl: false,
      maxProcs: PROCESSES,
      taskTimeoutMillis: taskSeconds * 1000,
      taskRetries: 0,
      useMWG: false,
    })
    return { exifTool, createBytesTask: bytesTask(vendored) }
  }

  /** A start that failed is tried again: somebody may have installed Perl. */
  function ready(): Promise<Started> {
    started ??= start().catch((error: unknown) => {
      started = null
      throw error
    })
    return started
  }

  return {
    async tags(path, names) {
      const { exifTool } = await ready()
      return exifTool.readRaw(path, { readArgs: ['-fast', ...names.map((name) => `-${name}`)] })
    },
    async bytes(path, name) {
      const { exifTool, createBytesTask } = await ready()
      return exifTool.enqueueTask(() => createBytesTask(path, name), false)
    },
  }
}

interface Started {
  exifTool: Vendored.ExifTool
  createBytesTask: (path: string, name: string) => Vendored.ExifToolTask<Buffer>
}

interface Command {
  file: string
  args: string[]
}

/**
 * Perl that runs a script and looks once a second whether its parent is still there: ExifTool by
 * itself waits for commands for ever when the process that gave them was killed.
 */
const WATCHING_PERL = `
  use POSIX ();
  my $parent = getppid;
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

/** Nobody's own configuration is read: it is a program that could do anything. */
function commandFor(perl: string, exifTool: string): Command {
  if (process.platform === 'win32') return { file: exifTool, args: ['-config', ''] }
  return { file: perl, args: ['-e', WATCHING_PERL, exifTool, '-config', ''] }
}

async function check({ file, args }: Command): Promise<void> {
  try {
    await promisify(execFile)(file, [...args, '-ver'])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new PerlMissingError('no perl', { cause: error })
    }
    throw error
  }
}

/** What ExifTool prints after each answer in this mode. */
const READY = '{ready}'

/**
 * Bytes as they are. The package's own task has them in base64 and searches all that came so far at
 * each piece, which takes seconds for a large preview.
 */
function bytesTask({ ExifToolTask }: typeof Vendored): Started['createBytesTask'] {
  class BytesTask extends ExifToolTask<Buffer> {
    readonly pieces: Buffer[] = []

    override onStdout(data: string | Buffer): void {
      this.pieces.push(Buffer.from(data))
      // A mark that is cut in two needs the piece before.
      const end = Buffer.concat(this.pieces.slice(-2)).subarray(-READY.length - 2)
      if (end.toString('latin1').trimEnd().endsWith(READY)) super.onStdout(READY)
    }

    protected override parse(_: string, error?: Error): Buffer {
      if (error) throw error
      const all = Buffer.concat(this.pieces)
      return all.subarray(0, all.lastIndexOf(READY))
    }
  }
  return (path, name) => new BytesTask(['-b', `-${name}`, path], { ignoreMinorErrors: true })
}
