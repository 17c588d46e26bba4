/** The commands below `albumen models`. Each is loaded when it runs. */
import type { Command } from 'commander'
import { defaultLibrary } from '../processes/defaultLibrary.ts'

export interface ModelsOptions {
  library: string
  json: boolean
}

export function defineModelCommands(models: Command): void {
  models
    .command('describe')
    .description('say which ResNet an ONNX file is, or why it is none')
    .argument('<file>')
    .option('--json', 'print JSON')
    .action(async (file: string, { json }: { json?: boolean }) => {
      const { runDescribe } = await import('./describeCommand.ts')
      await runDescribe(file, json ?? false)
    })
  const list = subcommand(models, 'list', 'list the models that are here and those to get').action(
    async () => {
      const { runList } = await import('./modelsCommands.ts')
      await runList(optionsOf(list))
    },
  )
  const get = subcommand(models, 'get', 'download a model of the catalog, or go on with that')
    .argument('<id>')
    .action(async (id: string) => {
      const { runGet } = await import('./modelsCommands.ts')
      await runGet(id, optionsOf(get))
    })
  const add = subcommand(models, 'add', 'take a model of your own into the library')
    .argument('<file|url>')
    .option('--manifest <file>', 'its manifest (.json), or its labels, one a line')
    .option('--id <id>', 'what to call it (default: as the file is called)')
    .option('--any-architecture', 'take a model that is no ResNet, too')
    .action(
      async (from: string, more: { manifest?: string; id?: string; anyArchitecture?: boolean }) => {
        const { runAdd } = await import('./modelsCommands.ts')
        const { manifest = null, id = null, anyArchitecture = false } = more
        await runAdd({ from, manifest, id, anyArchitecture }, optionsOf(add))
      },
    )
  const remove = subcommand(models, 'remove', 'delete a model from the library')
    .argument('<id>')
    .action(async (id: string) => {
      const { runRemove } = await import('./modelsCommands.ts')
      await runRemove(id, optionsOf(remove))
    })
  const use = subcommand(models, 'use', 'look with another model from now on')
    .argument('<id|file>')
    .option('--any-architecture', 'use a model that is no ResNet, too')
    .action(async (model: string, { anyArchitecture }: { anyArchitecture?: boolean }) => {
      const { runUse } = await import('./useModelCommand.ts')
      await runUse({ model, anyArchitecture: anyArchitecture ?? false }, optionsOf(use))
    })
  const verify = subcommand(models, 'verify', 'check that models are what they should be')
    .argument('[id]', 'one of them (default: all)')
    .action(async (id: string | undefined) => {
      const { runVerify } = await import('./modelsCommands.ts')
      await runVerify(id ?? null, optionsOf(verify))
    })
}

const subcommand = (models: Command, name: string, description: string): Command =>
  models
    .command(name)
    .description(description)
    .option('--library <dir>', `folder of the library (default: ${defaultLibrary()})`)
    .option('--json', 'print JSON, one object a line')

function optionsOf(command: Command): ModelsOptions {
  const { library, json } = command.opts<Partial<ModelsOptions>>()
  return { library: library ?? defaultLibrary(), json: json ?? false }
}
