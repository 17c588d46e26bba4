import { existsSync } from 'node:fs'
import type { CallContext, InputOf } from '../../contract/commands.ts'
import { messageOf, UserError } from '../../contract/errors.ts'
import type {
  InstalledModel,
  ModelAccuracy,
  ModelNetwork,
  ModelProgress,
  OfferedModel,
} from '../../contract/models.ts'
import { libraryFile, openLibrary } from '../engine/db/open.ts'
import { usualTiming } from '../engine/models/download.ts'
import { createModels, type Models } from '../engine/models/models.ts'
import { modelFilesInUse } from '../engine/tags/currentModel.ts'
import { modelDirectories, ownModels } from '../engine/tags/modelDirectories.ts'
import { processEntry } from '../processes/entries.ts'
import { modelCatalog } from '../processes/modelCatalog.ts'
import { forkVision } from '../processes/vision.ts'
import type { ModelsOptions } from './models.ts'
import { createStatusLine, megabytes, modelLine } from './statusLine.ts'

const EXIT_FAILED = 1
const EXIT_INTERRUPTED = 130

/** The models of a library, which need not be there yet, beside an engine that may be running. */
function modelsOf({ library }: ModelsOptions): Models {
  const directories = modelDirectories(library)
  const inUse = inUseOf(library, directories)
  return createModels({
    own: ownModels(library),
    directories,
    catalog: modelCatalog(process.env),
    inUse: () => inUse,
    timing: usualTiming,
    startProbe: forkVision(processEntry('vision'), null),
  })
}

function inUseOf(library: string, directories: readonly string[]): string[] {
  if (!existsSync(libraryFile(library))) return modelFilesInUse(null, directories)
  const opened = openLibrary(library, 'shared')
  try {
    return modelFilesInUse(opened.db, directories)
  } finally {
    opened.close()
  }
}

/** Runs what takes long: with a line of progress, and stopped by Ctrl-C. */
async function withProgress<Value>(
  work: (context: CallContext<ModelProgress>) => Value | Promise<Value>,
): Promise<Value> {
  const line = createStatusLine(process.stderr)
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort(new Error('Ctrl-C')))
  try {
    return await work({
      signal: controller.signal,
      onProgress: (progress) => line.show(modelLine(progress)),
    })
  } catch (error) {
    if (!controller.signal.aborted) throw error
    line.log('Stopped. The same command goes on from there.')
    process.exit(EXIT_INTERRUPTED)
  } finally {
    line.end()
  }
}

const withoutProgress = { signal: new AbortController().signal, onProgress: () => {} }

export async function runList(options: ModelsOptions): Promise<void> {
  const { installed, offered, unfinished } = await modelsOf(options).listModels({}, withoutProgress)
  if (options.json) {
    for (const model of installed) console.log(JSON.stringify({ state: 'installed', ...model }))
    for (const model of offered) console.log(JSON.stringify({ state: 'offered', ...model }))
    for (const model of unfinished) console.log(JSON.stringify({ state: 'unfinished', ...model }))
    return
  }
  const wide = Math.max(...[...installed, ...offered, ...unfinished].map(({ id }) => id.length))
  console.log('Here:')
  for (const model of installed) {
    console.log(`${model.inUse ? '*' : ' '} ${model.id.padEnd(wide)}  ${installedLine(model)}`)
  }
  for (const { id, from, received } of unfinished) {
    const source = from === null ? '' : ` of ${from}`
    console.log(`  ${id.padEnd(wide)}  unfinished: ${megabytes(received)}${source} are here`)
  }
  const [usable, others] = [offered.filter(isUsable), offered.filter((each) => !isUsable(each))]
  if (usable.length > 0) {
    const licences = [...new Set(usable.map(({ licence }) => licence))].join(', ')
    console.log(`\nTo get with "albumen models get <id>" (licence: ${licences}):`)
  }
  for (const model of usable) console.log(`  ${model.id.padEnd(wide)}  ${offeredLine(model)}`)
  if (others.length > 0) console.log('\nIn the model zoo too, but of no use:')
  for (const { id, unusable } of others) console.log(`  ${id.padEnd(wide)}  ${unusable}`)
}

const isUsable = ({ unusable }: OfferedModel) => unusable === null

const percent = (share: number | null): string =>
  share === null ? '     -' : `${(100 * share).toFixed(1)} %`

const accuracyText = (accuracy: ModelAccuracy | null): string =>
  `top-1 ${percent(accuracy?.top1 ?? null)}  top-5 ${percent(accuracy?.top5 ?? null)}`

function installedLine({ name, bytes, network, problem, accuracy }: InstalledModel): string {
  const what = problem ?? (network ? networkText(network) : null)
  const measured = accuracy ? accuracyText(accuracy) : null
  return [name, what, megabytes(bytes), measured].filter((part) => part !== null).join(' · ')
}

function networkText({ noResNet, variant, depth, classes, quantised }: ModelNetwork): string {
  const kind = noResNet === null ? `ResNet-${depth} ${variant}` : 'no ResNet'
  const parts = [kind, classes === null ? null : `${classes} classes`, quantised]
  return parts.filter((part) => part !== null).join(', ')
}

function offeredLine({ name, bytes, accuracy, gflops, note, received }: OfferedModel): string {
  const columns = [
    megabytes(bytes).padStart(8),
    accuracyText(accuracy),
    gflops === null ? '' : `${gflops.toFixed(1).padStart(4)} GFLOPs`,
    name,
  ]
  const here = received > 0 ? `${megabytes(received)} are here` : null
  const remark = [note, here].filter((part) => part !== null).join('; ')
  return columns.join('  ') + (remark ? ` (${remark})` : '')
}

export async function runGet(id: string, options: ModelsOptions): Promise<void> {
  const model = await withProgress((context) => modelsOf(options).getModel({ id }, context))
  tellArrival(model, options)
}

export async function runAdd(input: InputOf<'addModel'>, options: ModelsOptions): Promise<void> {
  const model = await withProgress((context) => modelsOf(options).addModel(input, context))
  tellArrival(model, options)
}

function tellArrival(model: InstalledModel, { json }: ModelsOptions): void {
  if (json) console.log(JSON.stringify(model))
  else console.log(`${model.name} is here: "albumen models use ${model.id}" looks with it.`)
}

export async function runRemove(id: string, options: ModelsOptions): Promise<void> {
  await modelsOf(options).removeModel({ id }, withoutProgress)
  if (options.json) console.log(JSON.stringify({ id, removed: true }))
  else console.log(`${id} is removed.`)
}

/** Exit code 1 when one of them is not what it should be. */
export async function runVerify(id: string | null, options: ModelsOptions): Promise<void> {
  const models = modelsOf(options)
  const { installed } = await models.listModels({}, withoutProgress)
  for (const each of id === null ? installed.map((model) => model.id) : [id]) {
    try {
      const verdict = await models.verifyModel({ id: each }, withoutProgress)
      if (options.json) console.log(JSON.stringify({ ...verdict, sound: true }))
      else console.log(`${each}: ${verdict.compared ? 'sound' : 'loads; no sha256 is known'}`)
    } catch (error) {
      if (!(error instanceof UserError) || error.code === 'no-such-model') throw error
      if (options.json) console.log(JSON.stringify({ id: each, sound: false, code: error.code }))
      console.error(`albumen: ${messageOf(error)}`)
      process.exitCode = EXIT_FAILED
    }
  }
}
