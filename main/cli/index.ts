/** @file The command line: reads what is asked, hands it to the command, turns failures into a sentence. */
import { resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { UserError } from '../../contract/errors.ts'
import { libraryFailure } from '../engine/library/failure.ts'
import type { ModelChoice } from '../engine/tags/currentModel.ts'
import { defaultLibrary } from '../processes/defaultLibrary.ts'
import { argumentsGiven, requireText } from './arguments.ts'
import { defineModelCommands } from './models.ts'
import { version } from './version.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2

export interface CommonOptions extends ModelChoice {
  library: string
  json: boolean
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.')
  return Number(text)
}

function countingNumber(text: string): number {
  const number = wholeNumber(text)
  if (number === 0) throw new InvalidArgumentError('Give a number from 1 on.')
  return number
}

function port(text: string): number {
  const number = wholeNumber(text)
  if (number > 65_535) throw new InvalidArgumentError('Give a port from 0 to 65535.')
  return number
}

function exportKind(text: string): 'copies' | 'zip' | 'csv' | 'jsonl' {
  if (text === 'copies' || text === 'zip' || text === 'csv' || text === 'jsonl') return text
  throw new InvalidArgumentError('Choose copies, zip, csv or jsonl.')
}

function common(command: Command): CommonOptions {
  const { library, model, anyArchitecture, json } = command.opts<Partial<CommonOptions>>()
  return {
    library: library === undefined ? defaultLibrary() : resolve(library),
    model: model ?? null,
    anyArchitecture: anyArchitecture ?? false,
    json: json ?? false,
  }
}

const withoutModel = (program: Command, name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .option('--library <dir>', `folder of the library (default: ${defaultLibrary()})`)
    .option('--json', 'print JSON, one object a line')

const subcommand = (program: Command, name: string, description: string): Command =>
  withoutModel(program, name, description).option(
    '--model <id|file>',
    'model to look with: an id, or the path of an ONNX file',
  )

const withAnyArchitecture = (command: Command): Command =>
  command.option('--any-architecture', 'take a model that is no ResNet, too')

interface TagArguments {
  add: string[]
  accept: string[]
  reject: string[]
  remove: string[]
}

interface RebuildArguments {
  thumbnails?: boolean
  predictions?: boolean
  features?: boolean
  all?: boolean
}

interface PurgeArguments {
  list?: boolean
  yes?: boolean
  removed?: string
}

interface EvaluateArguments {
  model: string[]
  report?: string
  limit?: number
}

const together = (value: string, before: string[]): string[] => [...before, value]

/** At the end of each command that writes the library: not everybody ever opens the window. */
async function keepBackups(options: CommonOptions): Promise<void> {
  const { backUpWhenDue } = await import('./backupCommand.ts')
  await backUpWhenDue(options)
}

/** Each command is loaded when it runs: the command line starts faster for it. */
function defineCommands(program: Command): void {
  const index = withAnyArchitecture(
    subcommand(program, 'index', 'add folders and look at every photo in them'),
  )
    .argument('<folder...>')
    .action(async (folders: string[]) => {
      const { runIndex } = await import('./indexCommand.ts')
      await runIndex(folders, common(index))
      await keepBackups(common(index))
    })
  const search = subcommand(program, 'search', 'list photos; an empty query is every photo')
    .argument('<query>')
    .option('--limit <n>', 'at most so many', wholeNumber)
    .action(async (query: string, { limit }: { limit?: number }) => {
      const { runSearch } = await import('./queryCommands.ts')
      await runSearch(query, limit ?? null, common(search))
    })
  const show = subcommand(program, 'show', 'tell what the library knows of one photo')
    .argument('<file>')
    .action(async (file: string) => {
      const { runShow } = await import('./queryCommands.ts')
      await runShow(file, common(show))
    })
  const status = subcommand(program, 'status', 'count what the library holds').action(async () => {
    const { runStatus } = await import('./queryCommands.ts')
    await runStatus(common(status))
  })
  const exporting = subcommand(program, 'export', 'export what a search finds')
    .argument('<query>')
    .requiredOption('--to <dir>', 'where to: a folder, or a file that ends in .zip, .csv or .jsonl')
    .requiredOption('--as <kind>', 'copies, zip, csv or jsonl', exportKind)
    .action(
      async (query: string, { to, as }: { to: string; as: ReturnType<typeof exportKind> }) => {
        const { runExport } = await import('./exportCommand.ts')
        await runExport({ query, to, as }, common(exporting))
      },
    )
  const purge = withoutModel(program, 'purge', 'forget photos of which no file is left')
    .option('--list', 'list them with what would be lost, as without --yes')
    .option('--yes', 'forget them, and all that was said of them')
    .option('--removed <folder>', 'only photos of this folder, which was removed from Albumen')
    .action(async ({ list, yes, removed }: PurgeArguments) => {
      const { listPurge, runPurge } = await import('./purgeCommand.ts')
      const forgets = yes === true && !list
      await (forgets ? runPurge : listPurge)({ ...common(purge), removed: removed ?? null })
      if (forgets) await keepBackups(common(purge))
    })
  const tag = withoutModel(program, 'tag', 'say what a photo shows, or all that a search finds')
    .argument(
      '<file|query>',
      'a file that is there, or what is written as a path, such as ./dog; else a search',
    )
    .option('--add <name>', 'it has this tag; a new one is made', together, [])
    .option('--accept <name>', 'it has this tag, which is known already', together, [])
    .option('--reject <name>', 'it has not this tag, whatever a model says', together, [])
    .option('--remove <name>', 'take back what was said of this tag', together, [])
    .action(async (what: string, changes: TagArguments) => {
      const { add, accept, reject, remove } = changes
      if ([...add, ...accept, ...reject, ...remove].length === 0) {
        tag.error('error: say what to do: --add, --accept, --reject or --remove')
      }
      const { runTag } = await import('./tagCommands.ts')
      await runTag(what, changes, common(tag))
      await keepBackups(common(tag))
    })
  for (const direction of ['undo', 'redo'] as const) {
    const description = { undo: 'undo the last change of tags', redo: 'make it again' }[direction]
    const command = withoutModel(program, direction, description).action(async () => {
      const { runUndo } = await import('./tagCommands.ts')
      await runUndo(direction, common(command))
      await keepBackups(common(command))
    })
  }
  const reset = withoutModel(
    program,
    'reset-predictions',
    'forget what models said; what persons said stays',
  ).action(async () => {
    const { runResetPredictions } = await import('./tagCommands.ts')
    await runResetPredictions(common(reset))
    await keepBackups(common(reset))
  })
  const serve = withAnyArchitecture(
    subcommand(program, 'serve', 'open the window in a browser on this machine'),
  )
    .argument('[folder...]', 'folders to add')
    .option('--port <n>', 'port to listen on (default: any free one)', port)
    .option('--no-open', 'do not open a browser')
    .action(async (folders: string[], options: { port?: number; open: boolean }) => {
      const { runServe } = await import('./serveCommand.ts')
      await runServe(folders, { ...common(serve), port: options.port ?? 0, open: options.open })
    })
  const doctor = withAnyArchitecture(
    subcommand(program, 'doctor', 'look at what Albumen runs on, and at what can run the model'),
  )
    .option('--measure', 'measure every way to run the model anew')
    .action(async ({ measure }: { measure?: boolean }) => {
      const { runDoctor } = await import('./doctorCommand.ts')
      await runDoctor({ ...common(doctor), measure: measure ?? false })
    })
  const evaluate = withAnyArchitecture(
    withoutModel(program, 'evaluate', 'measure how often models are right about photos'),
  )
    .argument('<folder|labels.csv>', 'folders named by class, or a CSV with path and class')
    .option('--model <id|file>', 'model to measure; several are put side by side', together, [])
    .option('--report <file.html>', 'write a report to read and print')
    .option('--limit <n>', 'at most so many photos, evenly from all', countingNumber)
    .action(async (source: string, options: EvaluateArguments) => {
      const { runEvaluate } = await import('./evaluate/evaluateCommand.ts')
      const { model: models, report = null, limit = null } = options
      const { library, anyArchitecture, json } = common(evaluate)
      await runEvaluate(source, { library, anyArchitecture, json, models, report, limit })
    })
  const backup = withoutModel(program, 'backup', 'back up the library, and verify the backup')
    .option('--to <dir>', 'a folder for this backup (default: where the others are)')
    .option('--list', 'list the backups that there are instead')
    .action(async ({ to, list }: { to?: string; list?: boolean }) => {
      const { runBackup, runBackupList } = await import('./backupCommand.ts')
      if (list) runBackupList(common(backup))
      else await runBackup(to ?? null, common(backup))
    })
  const restore = withoutModel(program, 'restore', 'put a backup in the place of the library')
    .argument('<file|latest>', 'a path, a name that "albumen backup --list" shows, or latest')
    .option('--yes', 'do not ask')
    .action(async (file: string, { yes }: { yes?: boolean }) => {
      const { runRestore } = await import('./restoreCommand.ts')
      await runRestore(file, { ...common(restore), yes: yes ?? false })
    })
  const rebuild = withoutModel(
    program,
    'rebuild',
    'throw away what can be made again; what persons said stays',
  )
    .option('--thumbnails', 'thumbnails')
    .option('--predictions', 'what models said')
    .option('--features', 'features of photos, for similar ones and taught tags')
    .option('--all', 'all of it, and how fast models run here')
    .action(async ({ thumbnails, predictions, features, all = false }: RebuildArguments) => {
      if (!thumbnails && !predictions && !features && !all) {
        rebuild.error(
          'error: say what to make again: --thumbnails, --predictions, --features or --all',
        )
      }
      const { runRebuild } = await import('./rebuildCommand.ts')
      await runRebuild(
        {
          thumbnails: all || thumbnails === true,
          predictions: all || predictions === true,
          features: all || features === true,
          measurements: all,
        },
        common(rebuild),
      )
      await keepBackups(common(rebuild))
    })
  defineModelCommands(program.command('models').description('get and manage models'))
}

/** A query may begin with NOT, `-dog`: every option of theirs but -h has a long name. */
function queryLast(args: readonly string[]): string[] {
  const [command = ''] = args
  const query = args.findIndex((arg) => /^-[^-]/.test(arg) && arg !== '-h')
  if (!['search', 'export', 'tag'].includes(command) || query < 0 || args.includes('--'))
    return [...args]
  return [...args.slice(0, query), ...args.slice(query + 1), '--', args[query] as string]
}

/** The library that the command at work was asked to use. */
const libraryOf = (program: Command): string =>
  common(program.commands.find((command) => command.name() === args[0]) ?? program).library

function fail(error: unknown): never {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE)
  const told = error instanceof UserError ? error : libraryFailure(error, libraryOf(program))
  if (told) console.error(`albumen: ${told.message}`)
  else console.error('albumen: something went wrong that should not have:', error)
  process.exit(EXIT_FAILED)
}

// `albumen search … | head` closes our output early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const args = argumentsGiven()
const program = new Command('albumen')
  .description('Organizes the photos on your own disks by what a ResNet sees in them.')
  .version(version())
  .exitOverride()
  .showHelpAfterError('Add --help for what it takes.')
  .hook('preAction', (_program, command) => requireText(command.opts()))
defineCommands(program)
// exitOverride is not inherited by commands made before it.
for (const command of program.commands.flatMap((command) => [command, ...command.commands])) {
  command.exitOverride()
}
await program.parseAsync(queryLast(args), { from: 'user' }).catch(fail)
