/** Real child processes, with the engine or with a small one in them that echoes. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { processEntry } from '../../main/processes/entries.ts'
import { forkEngine, startEngine } from '../../main/processes/node.ts'
import { type SupervisedEngine, superviseEngine } from '../../main/processes/supervisor.ts'

const entry = fileURLToPath(new URL('../fixtures/echoEngine.ts', import.meta.url))
const options = { library: '/library of mine', model: null, anyArchitecture: false }
let engine: SupervisedEngine | undefined

function start() {
  engine = superviseEngine({ spawn: () => forkEngine(entry, options), log: () => {} })
  return engine
}
afterEach(() => engine?.stop())

describe('an engine in a child process', () => {
  test('is given its options, and bytes stay bytes', async () => {
    const answer = await start().client.call('echo', { bytes: Uint8Array.from([1, 2]) })
    expect(answer).toMatchObject({ input: { bytes: Uint8Array.from([1, 2]) }, options })
  })

  test('ends by itself when its channel is closed', async () => {
    const { client, stop } = start()
    const { pid } = (await client.call('echo', {})) as { pid: number }
    await stop()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  test('comes back after kill -9, for the same client', async () => {
    const { client } = start()
    const first = (await client.call('echo', {})) as { pid: number }
    await expect(client.call('crash', {})).rejects.toThrow('stopped before it answered')
    const second = (await client.call('echo', {})) as { pid: number }
    expect(second.pid).not.toBe(first.pid)
  })

  test('says why it cannot start even when it ends right after that', async () => {
    const { client } = start()
    const reason = { code: 'refused', message: 'Do otherwise.' }
    await expect(client.call('refuse', {})).rejects.toMatchObject(reason)
    await expect(client.call('echo', {})).rejects.toMatchObject(reason)
  })

  test('that hangs is ended by force', async () => {
    const { exited, channel, kill } = forkEngine(entry, options)
    channel.send({ type: 'call', id: 1, name: 'hang', input: {} })
    await new Promise((resolve) => setTimeout(resolve, 500))
    kill()
    expect(await exited).toBe('signal SIGKILL')
  })
})

test.each(['engine', 'vision'] as const)('finds the entry of %s beside the code', (child) => {
  const entry = new URL(`../../main/${child}/process.ts`, import.meta.url)
  expect(processEntry(child)).toBe(fileURLToPath(entry))
})

describe("Albumen's engine in its process", () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'albumen-process-'))
  })
  afterEach(() => rm(directory, { recursive: true, maxRetries: 5 }))

  test('answers, and closes its library when it is stopped', async () => {
    const { client, stop } = startEngine(
      { library: directory, model: null, anyArchitecture: false },
      () => {},
    )
    await expect(client.call('libraryStatus', {})).resolves.toMatchObject({ photos: 0 })
    await stop()
    // SQLite removes its journal when the last connection is closed as it should be.
    const left = (await readdir(directory)).filter((name) => /-(wal|shm)$/.test(name))
    expect(left).toEqual([])
  })

  test('that cannot open its library says so once, and is not started again', async () => {
    const library = join(directory, 'file')
    await writeFile(library, 'no folder')
    const log = vi.fn()
    const { client, stop } = startEngine({ library, model: null, anyArchitecture: false }, log)
    await expect(client.call('libraryStatus', {})).rejects.not.toThrow('stopped before')
    expect(log).toHaveBeenCalledOnce()
    await stop()
  })
})
