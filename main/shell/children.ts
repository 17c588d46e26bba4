/** The engine and the vision process as utility processes, both started by the main process. */
import type { ForkOptions, MessagePortMain, UtilityProcess } from 'electron'
import type { Channel, Message } from '../../contract/protocol.ts'
import type { EngineOptions, VisionRole } from '../engine/hostCommands.ts'
import { processEntry } from '../processes/entries.ts'
import type { EngineProcess } from '../processes/supervisor.ts'
import { visionEnvironment } from '../processes/visionEnvironment.ts'

export type Child = Pick<UtilityProcess, 'pid' | 'postMessage' | 'on' | 'off' | 'once'>

/** What is needed of Electron. */
export interface Children {
  fork: (entry: string, args: string[], options: ForkOptions) => Child
  createPorts: () => { port1: MessagePortMain; port2: MessagePortMain }
  /** Ends a process at once. */
  kill: (pid: number) => void
  log: (line: string) => void
}

/**
 * Starts the engine. A utility process can start none itself: when the engine says that it wants
 * vision, both get the ends of a new channel. Never more than one looks at photos, and none is left
 * without its engine.
 */
export function forkEngine(children: Children, options: EngineOptions): EngineProcess {
  const entry = processEntry('engine')
  const engine = children.fork(entry, [JSON.stringify(options)], { serviceName: 'Albumen engine' })
  const channel = utilityChannel(engine)
  const ends = new Map<number, () => void>()
  let looking = 0
  const end = (id: number) => {
    ends.get(id)?.()
    ends.delete(id)
  }
  channel.onMessage((message) => {
    if (message.type !== 'event') return
    const { id, role } = message.payload as { id: number; role: VisionRole }
    if (message.name === 'visionUnwanted') end(id)
    if (message.name !== 'visionWanted') return
    if (role === 'looking') {
      end(looking)
      looking = id
    }
    ends.set(id, startVision(children, engine, { id, role }))
  })
  return {
    channel,
    exited: new Promise((resolve) => {
      engine.once('exit', (code) => {
        for (const id of [...ends.keys()]) end(id)
        resolve(`exit code ${code}`)
      })
    }),
    kill: () => kill(children, engine),
  }
}

/** Returns how to end it. */
function startVision(
  children: Children,
  engine: Child,
  { id, role }: { id: number; role: VisionRole },
): () => void {
  const vision = children.fork(processEntry('vision'), [], {
    serviceName: 'Albumen vision',
    // Drivers print when they are tried.
    stdio: role === 'trying' ? 'ignore' : 'inherit',
    env: visionEnvironment(),
  })
  const { port1, port2 } = children.createPorts()
  vision.postMessage({ type: 'engine-port' }, [port1])
  engine.postMessage({ type: 'vision-port', id }, [port2])
  let wanted = true
  vision.once('exit', (code) => {
    if (wanted && role === 'looking' && code !== 0)
      children.log(`Albumen's vision process ended with exit code ${code}.`)
  })
  return () => {
    wanted = false
    kill(children, vision)
  }
}

const kill = (children: Children, { pid }: Child) => {
  // Electron takes the id away when the process is gone.
  if (pid !== undefined) children.kill(pid)
}

function utilityChannel(child: Child): Channel {
  return {
    send: (message) => child.postMessage(message),
    onMessage(listener) {
      const receive = (message: Message) => listener(message)
      child.on('message', receive)
      return () => child.off('message', receive)
    },
    onClose(listener) {
      child.on('exit', listener)
      return () => child.off('exit', listener)
    },
    // A utility process cannot see that nobody listens any more: it has to be told.
    close: () => child.postMessage({ type: 'stop' }),
  }
}
