import { chosenWay } from '../../engine/acceleration/chosen.ts'
import type { Machine } from '../../engine/acceleration/machine.ts'
import { measureProviders } from '../../engine/acceleration/measure.ts'
import {
  createVisionSupervisor,
  type StartVision,
  type VisionSupervisor,
} from '../../engine/jobs/visionSupervisor.ts'
import { visionModel } from '../../engine/tags/currentModel.ts'
import { cpuExecution, type Provider } from '../../rpc/execution.ts'
import type { DescribedModel } from './models.ts'

/** The vision process, and how it runs the model of now. */
export interface RunningModel {
  vision: VisionSupervisor
  /**
   * Loads a model, to be run in the fastest way on this machine, which is measured first, as
   * indexing does at the first use. Resolves with how many photos run together. Throws UserError
   * for a model that cannot be run.
   */
  load(model: DescribedModel, signal: AbortSignal): Promise<number>
  /** Execution providers that have run it: `cpu`, or `webgpu, then cpu` where one gave up. */
  providers(): string
}

export function createRunningModel(options: {
  start: StartVision
  /** For trying providers; what they print is nobody's business. */
  startProbe: StartVision
  machine: Machine
  log: (line: string) => void
}): RunningModel {
  let providers: Provider[] = []
  const vision = createVisionSupervisor({
    start: options.start,
    log: options.log,
    onRetreat({ provider, batchSize, reason }) {
      providers.push(provider)
      const why = reason.replace(/\.$/, '')
      options.log(`The model goes on with ${provider}, ${batchSize} photos at a time (${why}).`)
    },
  })
  return {
    vision,
    async load({ loaded }, signal) {
      const model = visionModel(loaded)
      const measured = await measureProviders({
        model,
        // The model that was named is measured, and no other that might take its place.
        int8: null,
        evenAlone: false,
        candidates: options.machine.candidates,
        start: options.startProbe,
        quiet: async () => () => {},
        signal,
      })
      const execution = chosenWay(measured)?.execution ?? cpuExecution
      providers = []
      const report = await vision.useModel(model, { execution, proven: false })
      const { provider, batchSize } = report ?? execution
      if (providers.length === 0) providers.push(provider)
      return batchSize
    },
    providers: () => providers.join(', then '),
  }
}
