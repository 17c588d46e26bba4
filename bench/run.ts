/** @file npm run bench -- <name> [options]: measures against limits taken in the same run. */
import { benchFirstTag } from './firstTag.ts'
import { benchGrowth } from './growth.ts'
import { benchMemory } from './memory.ts'
import { benchMoved } from './moved.ts'
import { benchPeers } from './peers.ts'
import { benchPipeline } from './pipeline.ts'
import { benchRescan } from './rescan.ts'

const benches: Record<string, (args: string[]) => Promise<void>> = {
  pipeline: benchPipeline,
  memory: benchMemory,
  rescan: benchRescan,
  moved: benchMoved,
  peers: benchPeers,
  growth: benchGrowth,
  'first-tag': benchFirstTag,
}

const [name = '', ...args] = process.argv.slice(2)
const bench = benches[name]
if (!bench) {
  console.error(`Say which: npm run bench -- ${Object.keys(benches).join(' | ')}`)
  process.exit(2)
}
await bench(args)
