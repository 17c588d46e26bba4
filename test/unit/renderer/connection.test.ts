import { once } from 'node:events'
import { afterEach, expect, it, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { UserError } from '../../../contract/errors.ts'
import type { Message } from '../../../contract/protocol.ts'
import { type Connection, createConnection } from '../../../renderer/connection/connection.ts'
import { createRefresher } from '../../../renderer/connection/freshness.ts'
import { retryDelay, socketSource } from '../../../renderer/connection/sources.ts'

const servers: WebSocketServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const socket of server.clients) socket.terminate()
    server.close()
  }
})

/** A face that answers with `answer`. */
async function startFace(
  answer: (message: Message & { type: 'call' }, socket: WebSocket) => void,
  port = 0,
): Promise<{ server: WebSocketServer; port: number }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  servers.push(server)
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message
      if (message.type === 'call') answer(message, socket)
    })
  })
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return { server, port: address.port }
}

const send = (socket: WebSocket, message: Message) => socket.send(JSON.stringify(message))
const host = { face: 'browser', platform: 'linux', version: '1' }
const connectTo = (port: number): Connection =>
  createConnection(socketSource(`ws://127.0.0.1:${port}/rpc`))

it('carries results, progress and errors over a WebSocket', async () => {
  const { port } = await startFace(({ id, name }, socket) => {
    if (name === 'host') send(socket, { type: 'result', id, result: host })
    else if (name === 'exportPhotos') {
      const progress = { phase: 'writing', done: 1, total: 2 }
      send(socket, { type: 'progress', id, progress })
      const error = { name: 'UserError', message: 'The disk is full.', code: 'disk-full' }
      send(socket, { type: 'error', id, error })
    }
  })
  const connection = connectTo(port)
  expect(await connection.call('host', {})).toEqual(host)

  const onProgress = vi.fn()
  const exporting = connection.call(
    'exportPhotos',
    { target: { query: '' }, to: '/tmp', as: 'csv' },
    { onProgress },
  )
  await expect(exporting).rejects.toThrow(new UserError('disk-full', 'The disk is full.'))
  expect(onProgress).toHaveBeenCalledWith({ phase: 'writing', done: 1, total: 2 })
})

it('dials again when the line is lost, hears events again, and answers calls made meanwhile', async () => {
  const first = await startFace(() => {})
  const connection = connectTo(first.port)
  await vi.waitFor(() => expect(connection.state()).toEqual({ state: 'open' }), { timeout: 10_000 })
  const heard: unknown[] = []
  const stop = connection.on('stale', (payload) => heard.push(payload))

  const unanswered = connection.call('listFolders', {})
  for (const socket of first.server.clients) socket.terminate()
  first.server.close()
  await expect(unanswered).rejects.toThrow('Albumen stopped before it answered.')
  expect(connection.state().state).toBe('reconnecting')

  const waiting = connection.call('host', {})
  const second = await startFace(
    ({ id }, socket) => send(socket, { type: 'result', id, result: host }),
    first.port,
  )
  expect(await waiting).toEqual(host)
  expect(connection.state()).toEqual({ state: 'open' })

  const event: Message = { type: 'event', name: 'stale', payload: { queries: ['facets'] } }
  for (const socket of second.server.clients) send(socket, event)
  await vi.waitFor(() => expect(heard).toEqual([{ queries: ['facets'] }]), { timeout: 10_000 })
  stop()
})

it('gives up a call that waits for the line when its signal says so', async () => {
  const connection = createConnection(() => {})
  const controller = new AbortController()
  const waiting = connection.call('jobs', {}, { signal: controller.signal })
  controller.abort(new Error('not needed any more'))
  await expect(waiting).rejects.toThrow('not needed any more')
})

it('waits longer from try to try, up to eight seconds', () => {
  expect([0, 1, 2, 5, 50].map(retryDelay)).toEqual([250, 500, 1000, 8000, 8000])
})

it('asks stale answers again in rounds, each once, without cutting a slow round short', async () => {
  const rounds: string[][] = []
  const finishers: (() => void)[] = []
  const markStale = createRefresher((names) => {
    rounds.push(names)
    return new Promise((resolve) => finishers.push(resolve))
  }, 0)
  markStale(['photoPage'])
  markStale(['photoPage', 'facets'])
  markStale(['facets'])
  expect(rounds).toEqual([['photoPage']])
  finishers[0]?.()
  await vi.waitFor(() => expect(rounds).toEqual([['photoPage'], ['photoPage', 'facets']]), {
    timeout: 10_000,
  })
  finishers[1]?.()
})
