/** Vision in this process: real decoding and real ONNX Runtime without the time a process takes to start. */
import type { Channel, Message } from '../../contract/protocol.ts'
import type { StartVision, VisionProcess } from '../../main/engine/jobs/visionSupervisor.ts'
import { dispatchTo, serve } from '../../main/rpc/server.ts'
import { visionCommands } from '../../main/rpc/visionCommands.ts'
import { createVision, type Vision } from '../../main/vision/vision.ts'

export const inProcessVision: StartVision = async () => serveInProcess(createVision())

export function serveInProcess(vision: Vision): VisionProcess {
  const [here, there] = channelPair()
  serve(there, dispatchTo(visionCommands, { ...vision }))
  return { channel: here, kill: () => here.close() }
}

function channelPair(): [Channel, Channel] {
  let open = true
  const ends = [endOfChannel(), endOfChannel()] as const
  const close = () => {
    if (!open) return
    open = false
    for (const { closing } of ends) for (const listener of closing) listener()
  }
  const channel = (mine: End, other: End): Channel => ({
    send(message) {
      const copy = structuredClone(message)
      setImmediate(() => {
        if (open) for (const listener of other.listeners) listener(copy)
      })
    },
    onMessage: (listener) => subscribe(mine.listeners, listener),
    onClose: (listener) => subscribe(mine.closing, listener),
    close,
  })
  return [channel(ends[0], ends[1]), channel(ends[1], ends[0])]
}

interface End {
  listeners: Set<(message: Message) => void>
  closing: Set<() => void>
}
const endOfChannel = (): End => ({ listeners: new Set(), closing: new Set() })

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
