/** How a model is run: known to the engine, which chooses, and to vision, which does it. */
import { z } from 'zod'

/** Execution providers of ONNX Runtime that Albumen tries, by their names in onnxruntime-node. */
export const provider = z.enum(['cpu', 'cuda', 'dml', 'coreml', 'webgpu'])
export type Provider = z.infer<typeof provider>

export const execution = z.object({
  provider,
  /** Photos that run together. */
  batchSize: z.number().int().min(1).max(1024),
  /** Threads for what runs on the CPU; `null`: one for each core. */
  threads: z.number().int().positive().nullable(),
  /** Whether the process that looks at photos lets every other one go first. */
  lowPriority: z.boolean(),
})
export type Execution = z.infer<typeof execution>

/**
 * At most, on a CPU: of ResNet-18, two cores run 45 photos a second one by one, 56 in fours and 61 in
 * sixteens (measured); larger batches are no faster and take more memory.
 */
const CPU_BATCH = 16

export const cpuExecution: Execution = {
  provider: 'cpu',
  batchSize: CPU_BATCH,
  threads: null,
  lowPriority: false,
}

/** The same in the background: photo by photo on one core, and after everybody else. */
export const inBackground = (execution: Execution): Execution => ({
  ...execution,
  batchSize: 1,
  threads: 1,
  lowPriority: true,
})

/** The same on the CPU. */
export const onCpu = (execution: Execution): Execution => ({
  ...execution,
  provider: 'cpu',
  batchSize: execution.lowPriority ? 1 : CPU_BATCH,
})
