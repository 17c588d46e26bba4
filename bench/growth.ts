import { readFileSync } from 'node:fs'
import { createClient } from '../contract/protocol.ts'
import { looksFor } from '../main/engine/jobs/runner.ts'
import { visionModel } from '../main/engine/tags/currentModel.ts'
import { processEntry } from '../main/processes/entries.ts'
import { forkVision } from '../main/processes/vision.ts'
import { cpuExecution } from '../main/rpc/execution.ts'
import { loadModel } from '../models/manifest.ts'
import { imagenet1kLabels } from '../models/taxonomy/taxonomy.ts'
import { childrenOf, median, option } from './albumen.ts'
import { photoPaths, requireShared, sharedModel } from './photos.ts'

/** Memory rises and falls with what is in flight: the median of so many batches counts. */
const WINDOW = 40

/** Memory of the vision process after few batches against after many: it must not grow. */
export async function benchGrowth(args: string[]): Promise<void> {
  requireShared()
  const [few, many] = [option(args, '--few', 200), option(args, '--many', 2000)]
  const { channel } = await forkVision(processEntry('vision'), console.error)()
  const vision = createClient(channel, 'vision')
  const execution = cpuExecution
  const loaded = await loadModel(sharedModel, { imagenetLabels: imagenet1kLabels })
  await vision.call('loadModel', { model: visionModel(loaded), execution })
  const [pid] = childrenOf(process.pid)
  const paths = photoPaths()
  const inFlight = looksFor(execution.batchSize)
  const samples: number[] = []
  let next = 0
  const worker = async () => {
    while (next < many * execution.batchSize) {
      const index = next++
      await vision.call('look', { path: paths[index % paths.length], classify: true })
      if (index % execution.batchSize === 0) samples.push(residentMegabytes(pid))
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const around = (batches: number) => median(samples.slice(Math.max(0, batches - WINDOW), batches))
  const between = [1, 2, 3].map((quarter) => Math.round(few + ((many - few) * quarter) / 4))
  for (const batches of between) {
    console.log(`vision: ${around(batches).toFixed(0)} MB after ${batches} batches`)
  }
  console.log(
    `vision: ${around(few).toFixed(0)} MB after ${few} batches, ${around(many).toFixed(0)} MB after ${many} (medians of ${WINDOW} batches), ${Math.max(...samples).toFixed(0)} MB at most`,
  )
  channel.close()
}

const residentMegabytes = (pid: number | undefined) =>
  Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)?.[1]) / 1024
