/** @file Runs in the vision process, forked by the engine under Node and by main in Electron. */
import { setFlagsFromString } from 'node:v8'
import type { Channel } from '../../contract/protocol.ts'
import { type PortEnd, portChannel, processChannel } from '../rpc/channels.ts'
import { dispatchTo, serve } from '../rpc/server.ts'
import { visionCommands } from '../rpc/visionCommands.ts'
import { createVision } from './vision.ts'

/** `process.parentPort` of Electron's utility processes; the first message brings the engine's port. */
interface ParentPort {
  once(event: 'message', listener: (event: { ports: PortEnd[] }) => void): void
}

function channelToEngine(): Promise<Channel> {
  const { parentPort } = process as typeof process & { parentPort?: ParentPort }
  if (!parentPort) return Promise.resolve(processChannel(process))
  return new Promise((resolve, reject) => {
    parentPort.once('message', ({ ports: [port] }) => {
      if (port) resolve(portChannel(port))
      else reject(new Error('no port came with the first message'))
    })
  })
}

// V8 gives fresh objects more and more memory and takes none of it back, while all that lives here
// is 15 MB: from 527 MB after 200 batches to 584 after 600; like this 477 and 477, as fast (measured
// with `npm run bench -- growth`). Electron and Node leave this open to change at run time.
setFlagsFromString('--semi-space-growth-factor=1')

const channel = await channelToEngine()
const vision = createVision({ onRetreat: (retreat) => server.emit('retreat', retreat) })
const server = serve(channel, dispatchTo(visionCommands, { ...vision }))
channel.onClose(() => process.exit(0))
