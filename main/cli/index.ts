/** @file The command line: reads what is asked, hands it to the command, turns failures into a sentence. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { UserError } from '../../contract/errors.ts'
import type { ModelChoice } from '../engine/tags/currentModel.ts'
import { defaultLibrary } from '../processes/defaultLibrary.ts'
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
    library: library ?? defaultLibrary(),
    model: model ?? null,
    anyArchitecture: anyArchitecture ?? false,
    json: json ?? false,
  }
}

function subcommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--library <dir>', `folder of the library (default: ${defaultLibrary()})`)
    .option('--model <id|file>', 'model to look with: an id, or the path of an ONNX file')
    .option('--json', 'print JSON, one object a line')
}

const withAnyArchitecture = (command: Command): Command =>
  command.option('--any-architecture', 'take a model that is no ResNet, too')

/** Each command is loaded when it runs: the command line starts faster for it. */
function defineCommands(program: Command): void {
  const index = withAnyArchitecture(
    subcommand(program, 'index', 'add folders and look at every photo in them'),
  )
    .argument('<folder...>')
    .action(async (folders: string[]) => {
      const { runIndex } = await import('./indexCommand.ts')
      await runIndex(folders, common(index))
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
  const models = program.command('models').description('tell about models')
  models
    .command('describe')
    .description('say which ResNet an ONNX file is, or why it is none')
    .argument('<file>')
    .option('--json', 'print JSON')
    .action(async (file: string, { json }: { json?: boolean }) => {
      const { runDescribe } = await import('./describeCommand.ts')
      await runDescribe(file, json ?? false)
    })
}

/** A query may begin with NOT, `-dog`: every option of theirs but -h has a long name. */
function queryLast(args: readonly string[]): string[] {
  const [command = ''] = args
  const query = args.findIndex((arg) => /^-[^-]/.test(arg) && arg !== '-h')
  if (!['search', 'export'].includes(command) || query < 0 || args.includes('--')) return [...args]
  return [...args.slice(0, query), ...args.slice(query + 1), '--', args[query] as string]
}

function fail(error: unknown): never {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE)
  if (error instanceof UserError) console.error(`albumen: ${error.message}`)
  else console.error('albumen: something went wrong that should not have:', error)
  process.exit(EXIT_FAILED)
}

// `albumen search … | head` closes our output early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const program = new Command('albumen')
  .description('Organizes the photos on your own disks by what a ResNet sees in them.')
  .version(version())
  .exitOverride()
  .showHelpAfterError('Add --help for what it takes.')
defineCommands(program)
// exitOverride is not inherited by commands made before it.
for (const command of program.commands.flatMap((command) => [command, ...command.commands])) {
  command.exitOverride()
}
await program.parseAsync(queryLast(process.argv.slice(2)), { from: 'user' }).catch(fail)
