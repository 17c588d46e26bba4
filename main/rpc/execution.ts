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
})
export type Execution = z.infer<typeof execution>

/** On a CPU a larger batch is no faster (measured 1 to 32, ResNet-18) and takes more memory. */
const CPU_BATCH = 4

export const cpuExecution = (threads: number | null): Execution => ({
  provider: 'cpu',
  batchSize: CPU_BATCH,
  threads,
})
