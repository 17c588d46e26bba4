/** @file Runs in the engine process: forked by the browser face under Node, by main in Electron. */
import { engineCommands } from '../../contract/commands.ts'
import { messageOf, UserError } from '../../contract/errors.ts'
import { errorToWire } from '../../contract/protocol.ts'
import { backupThreadEntry, processEntry } from '../processes/entries.ts'
import { modelCatalog } from '../processes/modelCatalog.ts'
import { forkVision } from '../processes/vision.ts'
import { type PortEnd, type PortEvent, portChannel, processChannel } from '../rpc/channels.ts'
import { type Dispatch, dispatchTo, serve } from '../rpc/server.ts'
import { thisMachine } from './acceleration/machine.ts'
import { openLibrary } from './db/open.ts'
import { createEngine, type Engine, systemClock } from './engine.ts'
import { type EngineOptions, hostQueries, type VisionRole } from './hostCommands.ts'
import type { StartVision } from './jobs/visionSupervisor.ts'
import { modelDirectories } from './tags/modelDirectories.ts'
import { systemWatch } from './watching/systemWatch.ts'
import { usualWatchTiming } from './watching/watching.ts'

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
    library: openLibrary(library, 'as-possible'),
    startVision: startVision('looking'),
    startProbe: startVision('trying'),
    machine: thisMachine,
    modelDirectories: modelDirectories(library),
    catalog: modelCatalog(process.env),
    backupThread: backupThreadEntry(),
    clock: systemClock,
    watch: { watchRoot: systemWatch(), timing: usualWatchTiming },
    log,
  })
  const server = serve(channel, dispatchToEngine(engine))
  engine.events.on('jobs', (status) => server.emit('jobs', status))
  engine.events.on('stale', (queries) => server.emit('stale', queries))
  const stop = () => {
    engine.close()
    // SQLite finishes a check of a backup first, and leaving in order would wait for it. Nothing of ours
    // is unwritten: what is unfinished of a backup goes when the next one is made.
    if (engine.busy()) process.kill(process.pid, 'SIGKILL')
    process.exit(0)
  }
  void engine.left.then(() => setImmediate(() => server.emit('restartWanted', {})))
  // A disk that fails in between stops the work with a sentence: as a crash it would come back.
  process.on('uncaughtException', (error) => {
    if (!engine.isOpen()) return
    const told = engine.explain(error)
    if (!told) throw error
    engine.stopWork(told)
  })
  channel.onClose(stop)
  // A utility process cannot see that main is gone: main tells it.
  parentPort?.on('message', ({ data }) => {
    if ((data as { type?: string }).type === 'stop') stop()
  })
  process.on('SIGTERM', stop)
  // The whole group gets the terminal's Ctrl-C; main decides when this process ends.
  process.on('SIGINT', () => {})
  await engine.useModel(choice).catch((error: unknown) => {
    if (engine.isOpen()) log(messageOf(error))
  })
  if (!engine.isOpen()) return
  engine.scan()
  engine.backUpDaily()
}

/** Answers what is asked, with a sentence where storage fails. */
function dispatchToEngine(engine: Engine): Dispatch {
  const dispatch = dispatchTo(
    { ...engineCommands, ...hostQueries },
    { ...engine.handlers, ...engine.hostHandlers },
  )
  return async (...call) => {
    // For the engine that comes next: whoever supervises us asks that one.
    if (!engine.isOpen()) {
      throw new UserError('engine-left', 'Albumen starts again: try again in a moment.')
    }
    try {
      return await dispatch(...call)
    } catch (error) {
      const told = engine.explain(error) ?? error
      // What was still at work when the library was closed failed for that, and ends with the process.
      if (!engine.isOpen() && !(told instanceof UserError)) return new Promise(() => {})
      throw told
    }
  }
}

try {
  await run(JSON.parse(process.argv[2] ?? '') as EngineOptions)
} catch (error) {
  channel.send({ type: 'event', name: 'startFailed', payload: errorToWire(error) })
  channel.close()
  process.exitCode = 1
}
