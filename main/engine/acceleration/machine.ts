import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, platform } from 'node:os'
import { graphics } from 'systeminformation'
import type { GraphicsCard } from '../../../contract/domain.ts'
import { type CandidateProvider, candidatesFor } from './candidates.ts'

/** What a choice of execution provider holds for. */
export interface Machine {
  /** Execution providers that it may have, besides the CPU. */
  candidates: readonly CandidateProvider[]
  /** Processor and operating system, in words. */
  processor: string
  /** Version of ONNX Runtime; `null` where it is not installed. */
  runtime: string | null
  /** Asks the system, which takes up to some seconds. */
  graphics(): Promise<GraphicsCard[]>
}

export const thisMachine: Machine = {
  candidates: candidatesFor(platform()),
  processor: `${cpus()[0]?.model.trim() ?? arch()}, ${availableParallelism()} threads, ${platform()} ${arch()}`,
  runtime: runtimeVersion(),
  async graphics() {
    const { controllers } = await graphics()
    return controllers.map(({ vendor, model, name, driverVersion }) => ({
      name: name ?? `${vendor} ${model}`.trim(),
      driver: driverVersion ?? null,
    }))
  },
}

/** Of the package, because the engine loads no native code of it. */
function runtimeVersion(): string | null {
  try {
    const path = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
    return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
  } catch {
    return null
  }
}
