/**
 * The engine and vision arranged as in Electron, where main starts both and hands them a channel.
 * Their code is real; worker threads stand in for utility processes.
 */
import { EventEmitter, once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Backup, BackupList } from '../../contract/backups.ts'
import type { LibraryStatus, PhotoCard } from '../../contract/domain.ts'
import { type SupervisedEngine, superviseEngine } from '../../main/processes/supervisor.ts'
import { forkEngine } from '../../main/shell/children.ts'

const shim = new URL('../fixtures/utilityProcess.ts', import.meta.url)

/** Starts worker threads under numbers that take the place of process ids. */
function utilityProcesses(log: (line: string) => void) {
  const workers = new Map<number, { worker: Worker; name: string }>()
  let lastPid = 0
  const fork = (entry: string, args: string[]) => {
    const worker = new Worker(shim, {
      argv: args,
      workerData: { entry: pathToFileURL(entry).href },
    })
    const child = Object.assign(new EventEmitter(), {
      pid: ++lastPid as number | undefined,
      postMessage: (message: unknown, ports: never[] = []) =>
        worker.postMessage({ message, ports }, ports),
    })
    workers.set(lastPid, { worker, name: basename(dirname(entry)) })
    const pid = lastPid
    worker.on('message', (message) => child.emit('message', message))
    worker.on('error', (error) => log(String(error)))
    worker.on('exit', (code) => {
      workers.delete(pid)
      child.pid = undefined
      child.emit('exit', code)
    })
    return child
  }
  // Ended from outside in the middle of a native callback, a thread takes all of this process along.
  const endSoon = async (worker: Worker) => {
    worker.postMessage('exit')
    await once(worker, 'exit')
  }
  const kill = (pid: number) => {
    const { worker } = workers.get(pid) ?? {}
    if (worker) void endSoon(worker)
  }
  const running = () => [...workers.values()].map(({ name }) => name).sort()
  const end = (name: string) =>
    Promise.all(
      [...workers.values()].filter((one) => one.name === name).map(({ worker }) => endSoon(worker)),
    )
  return { children: { fork, createPorts: () => new MessageChannel(), kill, log }, running, end }
}

describe('the engine and vision as utility processes', () => {
  let directory: string
  let engine: SupervisedEngine
  let processes: ReturnType<typeof utilityProcesses>
  const lines: string[] = []
  const log = (line: string) => void lines.push(line)

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'albumen-utility-'))
    await mkdir(join(directory, 'photos'))
    await photo('first')
    lines.length = 0
    processes = utilityProcesses(log)
    const options = { library: join(directory, 'library'), model: null, anyArchitecture: false }
    engine = superviseEngine({ spawn: () => forkEngine(processes.children as never, options), log })
  })
  afterEach(async () => {
    await engine.stop()
    await vi.waitFor(() => expect(processes.running()).toEqual([]), { timeout: 10_000 })
    await rm(directory, { recursive: true, maxRetries: 5 })
  })

  const photo = (name: string, background = '#30a040') =>
    sharp({ create: { width: 320, height: 240, channels: 3, background } }).toFile(
      join(directory, 'photos', `${name}.jpg`),
    )

  const indexed = (count: number) =>
    vi.waitFor(
      async () => {
        const input = { query: '', sort: 'name', offset: 0, limit: 10 }
        const page = (await engine.client.call('photoPage', input)) as PhotoCard[]
        expect(page.map(({ state }) => state)).toEqual(Array(count).fill('ready'))
      },
      { timeout: 20_000, interval: 100 },
    )

  test('index a folder over the channel that main gave them', async () => {
    await engine.client.call('addFolder', { path: join(directory, 'photos') })
    await indexed(1)
    await vi.waitFor(() => expect(processes.running()).toEqual(['engine', 'vision']), 10_000)
  })

  test('go on with a new vision process after one died', async () => {
    await engine.client.call('addFolder', { path: join(directory, 'photos') })
    await indexed(1)
    await processes.end('vision')
    expect(lines.join()).toContain('vision process ended with exit code 1')
    await photo('second', '#c03020')
    await engine.client.call('rescan', {})
    await indexed(2)
  })

  test('go on with a new engine after one died, and leave no vision process behind', async () => {
    await engine.client.call('addFolder', { path: join(directory, 'photos') })
    await indexed(1)
    await processes.end('engine')
    const status = (await engine.client.call('libraryStatus', {})) as LibraryStatus
    expect(status.photos).toBe(1)
    await photo('second', '#c03020')
    await engine.client.call('rescan', {})
    await indexed(2)
    // Beside them, for a moment, one that tries what else could run the model.
    await vi.waitFor(() => expect(processes.running()).toEqual(['engine', 'vision']), 10_000)
  })

  test('start again in order when a backup is restored, and look on', async () => {
    await engine.client.call('addFolder', { path: join(directory, 'photos') })
    await indexed(1)
    const { path } = (await engine.client.call('backUp', {})) as Backup
    await engine.client.call('restoreBackup', { path })
    const list = (await engine.client.call('listBackups', {})) as BackupList
    expect(list.backups.map(({ kind }) => kind).sort()).toEqual(['daily', 'replaced'])
    await photo('second', '#c03020')
    await engine.client.call('rescan', {})
    await indexed(2)
    await vi.waitFor(() => expect(processes.running()).toEqual(['engine', 'vision']), 10_000)
    expect(lines).toEqual(["Albumen's engine starts again, as it wanted to."])
  })

  test('end soon after they are asked to', async () => {
    await engine.client.call('libraryStatus', {})
    const before = performance.now()
    await engine.stop()
    expect(performance.now() - before).toBeLessThan(5000)
    expect(lines).toEqual([])
  })
})
