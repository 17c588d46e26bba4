import { resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { thisMachine } from '../engine/acceleration/machine.ts'
import { openLibrary } from '../engine/db/open.ts'
import { listQuarantined } from '../engine/db/work.ts'
import { createEngine, systemClock } from '../engine/engine.ts'
import { modelDirectories } from '../engine/tags/modelDirectories.ts'
import { backupThreadEntry, processEntry } from '../processes/entries.ts'
import { modelCatalog } from '../processes/modelCatalog.ts'
import { forkVision } from '../processes/vision.ts'
import type { CommonOptions } from './index.ts'
import { runStatus } from './queryCommands.ts'
import { createStatusLine, jobsLine } from './statusLine.ts'

const REASONS_TOLD = 10

/** Adds folders and resolves when every photo in them is looked at or quarantined. */
export async function runIndex(folders: string[], options: CommonOptions): Promise<void> {
  const line = createStatusLine(process.stderr)
  const library = openLibrary(options.library)
  const engine = createEngine({
    library,
    startVision: forkVision(processEntry('vision'), line.log),
    startProbe: forkVision(processEntry('vision'), null),
    machine: thisMachine,
    modelDirectories: modelDirectories(options.library),
    catalog: modelCatalog(process.env),
    backupThread: backupThreadEntry(),
    clock: systemClock,
    watch: null,
    log: line.log,
  })
  // What is finished is stored; the next start goes on with the rest.
  const stop = () => {
    line.end()
    engine.close()
    process.exit(130)
  }
  process.once('SIGINT', stop)
  engine.events.on('jobs', (status) => line.show(jobsLine(status)))
  try {
    const model = await engine.useModel(options)
    if (model.state === 'failed') throw new UserError('model-failed', model.reason)
    if (model.state === 'none') line.log(model.advice)
    for (const folder of folders) engine.indexFolder(resolve(folder))
    engine.resume()
    await engine.idle()
    const { problem, quarantined } = engine.jobs()
    if (problem) throw new UserError('index-stopped', problem)
    for (const { path, reason } of listQuarantined(library.db, 0, REASONS_TOLD)) {
      line.log(`quarantined: ${path}: ${reason}`)
    }
    if (quarantined > REASONS_TOLD) {
      line.log(`and ${quarantined - REASONS_TOLD} more are quarantined: "albumen serve" shows why.`)
    }
  } finally {
    process.off('SIGINT', stop)
    line.end()
    engine.close()
  }
  if (options.json || process.stderr.isTTY) await runStatus({ ...options, model: null })
}
