/** @file The browser face: the window over HTTP, the contract over a WebSocket, on 127.0.0.1 only. */
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Handlers, HostCommandName } from '../../contract/commands.ts'
import { messageOf, UserError } from '../../contract/errors.ts'
import type { Client } from '../../contract/protocol.ts'
import { createWindowRequests } from '../host/requests.ts'
import { respond, sentencePage } from '../host/responses.ts'
import { serveWindow } from '../host/windows.ts'
import { type Access, createAccess, type Verdict } from './access.ts'
import { sendResponse, toRequest } from './http.ts'
import { socketChannel } from './socket.ts'

export interface WebFaceOptions {
  /** Its events are passed on to every window. */
  engine: Client
  /** Where Vite built the window to. */
  rendererDirectory: string
  /** 0: any free one. */
  port: number
  /** Of Albumen, shown in the window. */
  version: string
  log: (line: string) => void
}

export interface WebFace {
  /** The address to open, with the token that lets a browser in. A secret of this user. */
  url: string
  port: number
  /** Closes every window's connection. The engine goes on. */
  close(): Promise<void>
}

/** What a window may send at once, bytes. The longest honest message lists photos by id. */
const maxMessage = 4 * 1024 * 1024

/** Throws `UserError` where the port is taken or the window has not been built. */
export async function startWebFace(options: WebFaceOptions): Promise<WebFace> {
  const { engine, rendererDirectory, version, log } = options
  if (!existsSync(join(rendererDirectory, 'index.html'))) {
    throw new UserError('not-built', 'The window has not been built: run "npm run build" first.')
  }
  const server = createServer()
  const port = await listen(server, options.port)
  const origin = `http://127.0.0.1:${port}`
  const access = createAccess(port)
  const answer = createWindowRequests({ engine, rendererDirectory, log })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessage })

  server.on('request', (incoming, outgoing) => {
    const gone = new AbortController()
    outgoing.on('close', () => gone.abort())
    const { method = 'GET', url = '/' } = incoming
    const respondTo = (): Response | Promise<Response> => {
      if (!url.startsWith('/')) return sentencePage(400, 'This is no address of Albumen.')
      const verdict = access.judge(method, url, incoming.headers)
      if (verdict.kind === 'allowed') return answer(toRequest(incoming, origin, gone.signal))
      return turnAway(verdict)
    }
    Promise.resolve()
      .then(respondTo)
      .then((response) => sendResponse(response, outgoing))
      .catch((error) => {
        log(`The browser face could not answer: ${messageOf(error)}`)
        outgoing.destroy()
      })
  })
  server.on('upgrade', (incoming, connection, head) => {
    const refusal = refusalOfUpgrade(access, incoming)
    if (refusal) return refuseUpgrade(connection, refusal)
    sockets.handleUpgrade(incoming, connection, head, (socket) =>
      serveWindow(socketChannel(socket), engine, hostHandlers(version)),
    )
  })

  return {
    url: `${origin}/?token=${access.token}`,
    port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)))
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  const choose = 'choose another with --port, or leave it out to get a free one.'
  if (error.code === 'EADDRINUSE') {
    return new UserError('port-taken', `Port ${port} is taken by another program: ${choose}`)
  }
  if (error.code === 'EACCES') {
    return new UserError('port-forbidden', `Port ${port} may not be used by you: ${choose}`)
  }
  return error
}

function turnAway(verdict: Exclude<Verdict, { kind: 'allowed' }>): Response {
  if (verdict.kind === 'refused') return sentencePage(verdict.status, verdict.sentence)
  const headers = { location: '/', 'set-cookie': verdict.cookie, 'cache-control': 'no-store' }
  return respond(303, headers, null)
}

type Refusal = { status: number; sentence: string }

function refusalOfUpgrade(access: Access, { url, headers }: IncomingMessage): Refusal | null {
  const verdict = access.judgeUpgrade(headers)
  if (verdict.kind === 'refused') return verdict
  return url === '/rpc' ? null : { status: 404, sentence: 'There is nothing at this address.' }
}

function refuseUpgrade(connection: Duplex, { status, sentence }: Refusal): void {
  connection.on('error', () => {})
  connection.end(
    `HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${sentence.length}\r\nconnection: close\r\n\r\n${sentence}`,
  )
}

const hostHandlers = (version: string): Handlers<HostCommandName> => ({
  host: () => ({ face: 'browser', platform: process.platform, version }),
  chooseDirectory: () => null,
  chooseFile: () => null,
  revealPhoto: () => false,
})
