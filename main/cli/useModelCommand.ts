import type { InputOf } from '../../contract/commands.ts'
import { UserError } from '../../contract/errors.ts'
import { thisMachine } from '../engine/acceleration/machine.ts'
import { type LibraryDatabase, openLibrary } from '../engine/db/open.ts'
import { createEngine, systemClock } from '../engine/engine.ts'
import { modelDirectories } from '../engine/tags/modelDirectories.ts'
import { backupThreadEntry, processEntry } from '../processes/entries.ts'
import { modelCatalog } from '../processes/modelCatalog.ts'
import { forkVision } from '../processes/vision.ts'
import type { ModelsOptions } from './models.ts'
import { createStatusLine } from './statusLine.ts'

/** Loads a model as looking will, and makes it the library's; photos are looked at again later. */
export async function runUse(
  choice: InputOf<'useModel'>,
  { library, json }: ModelsOptions,
): Promise<void> {
  const line = createStatusLine(process.stderr)
  const engine = createEngine({
    library: openUnused(library),
    startVision: forkVision(processEntry('vision'), line.log),
    startProbe: forkVision(processEntry('vision'), null),
    machine: thisMachine,
    modelDirectories: modelDirectories(library),
    catalog: modelCatalog(process.env),
    backupThread: backupThreadEntry(),
    clock: systemClock,
    watch: null,
    log: line.log,
  })
  try {
    line.show('Loading the model…')
    const context = { signal: new AbortController().signal, onProgress: () => {} }
    const model = await engine.handlers.useModel(choice, context)
    const { pending } = await engine.handlers.libraryStatus({}, context)
    line.end()
    if (json) console.log(JSON.stringify({ ...model, pending }))
    else if (model.state === 'ready') {
      const photos = pending === 1 ? '1 photo is' : `${pending} photos are`
      console.log(
        `Albumen looks with ${model.name} from now on; ${photos} looked at when it runs next.`,
      )
    }
  } finally {
    line.end()
    engine.close()
  }
}

/** Only the engine that has a library open may change its model. */
function openUnused(library: string): LibraryDatabase {
  try {
    return openLibrary(library)
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'library-in-use') throw error
    throw new UserError(
      'library-in-use',
      `Albumen runs with the library in ${library}: choose the model in its Settings, or close it first.`,
    )
  }
}
