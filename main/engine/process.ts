/** @file Runs in the engine process: forked by the browser face under Node, by main in Electron. */
import { engineCommands } from '../../contract/commands.ts'
import { messageOf } from '../../contract/errors.ts'
import { errorToWire } from '../../contract/protocol.ts'
import { processEntry } from '../processes/entries.ts'
import { forkVision } from '../processes/vision.ts'
import { type PortEnd, type PortEvent, portChannel, processChannel } from '../rpc/channels.ts'
import { dispatchTo, serve } from '../rpc/server.ts'
import { thisMachine } from './acceleration/machine.ts'
import { openLibrary } from './db/open.ts'
import { createEngine, systemClock } from './engine.ts'
import { type EngineOptions, hostQueries, type VisionRole } from './hostCommands.ts'
import type { StartVision } from './jobs/visionSupervisor.ts'
import { modelDirectories } from './tags/modelDirectories.ts'

const { parentPort } = process as typeof process & { parentPort?: PortEnd }
const channel = parentPort ? portChannel(parentPort) : processChannel(process)
const log = (line: string) => console.error(line)

let lastWanted = 0

/**
 * A utility process cannot fork another: main does, and sends the port that leads there. Of those
 * for looking, main keeps one; those for trying providers live until they are not wanted any more.
 */
function askMainForVision(port: PortEnd, role: VisionRole): StartVision {
  return () =>
    new Promise((resolve) => {
      const id = ++lastWanted
      const receive = ({ data, ports }: PortEvent) => {
        const visionPort = ports?.[0]
        const { type, id: answered } = data as { type?: string; id?: number }
        if (type !== 'vision-port' || answered !== id || !visionPort) return
        port.off('message', receive)
        const toVision = portChannel(visionPort)
        const kill = () => {
          channel.send({ type: 'event', name: 'visionUnwanted', payload: { id } })
          toVision.close()
        }
        resolve({ channel: toVision, kill })
      }
      port.on('message', receive)
      channel.send({ type: 'event', name: 'visionWanted', payload: { id, role } })
    })
}

function startVision(role: VisionRole): StartVision {
  return parentPort
    ? askMainForVision(parentPort, role)
    : forkVision(processEntry('vision'), role === 'trying' ? null : log)
}

async function run({ library, ...choice }: EngineOptions): Promise<void> {
  const engine = createEngine({
    library: openLibrary(library),
    startVision: startVision('looking'),
    startProbe: startVision('trying'),
    machine: thisMachine,
    modelDirectories: modelDirectories(library),
    clock: systemClock,
    log,
  })
  const server = serve(
    channel,
    dispatchTo(
      { ...engineCommands, ...hostQueries },
      { ...engine.handlers, ...engine.hostHandlers },
    ),
  )
  engine.events.on('jobs', (status) => server.emit('jobs', status))
  engine.events.on('stale', (queries) => server.emit('stale', queries))
  const stop = () => {
    engine.close()
    process.exit(0)
  }
  channel.onClose(stop)
  // A utility process cannot see that main is gone: main tells it.
  parentPort?.on('message', ({ data }) => {
    if ((data as { type?: string }).type === 'stop') stop()
  })
  process.on('SIGTERM', stop)
  // The whole group gets the terminal's Ctrl-C; main decides when this process ends.
  process.on('SIGINT', () => {})
  await engine.useModel(choice).catch((error: unknown) => log(messageOf(error)))
  engine.scan()
}

try {
  await run(JSON.parse(process.argv[2] ?? '') as EngineOptions)
} catch (error) {
  channel.send({ type: 'event', name: 'startFailed', payload: errorToWire(error) })
  channel.close()
  process.exitCode = 1
}
