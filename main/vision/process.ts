/** @file Runs in the vision process, forked by the engine under Node and by main in Electron. */
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

const channel = await channelToEngine()
const vision = createVision({ onRetreat: (retreat) => server.emit('retreat', retreat) })
const server = serve(channel, dispatchTo(visionCommands, { ...vision }))
channel.onClose(() => process.exit(0))
