/** A server of files that behaves as badly as a test wants. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Answers the request number `count`, from 1, for its path. */
export type Behaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  count: number,
) => unknown

export interface ModelServer {
  origin: string
  /** What was asked, in order. */
  requests: {
    path: string
    range: string | null
    ifRange: string | null
    authorization: string | null
  }[]
  /** Gives a path its behaviour; returns its address. */
  serve(path: string, behaviour: Behaviour): string
  close(): Promise<void>
}

export async function startModelServer(): Promise<ModelServer> {
  const behaviours = new Map<string, Behaviour>()
  const requests: ModelServer['requests'] = []
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://model-server').pathname
    const { range = null, 'if-range': ifRange = null, authorization = null } = request.headers
    requests.push({ path, range, ifRange: ifRange as string | null, authorization })
    response.on('error', () => {})
    const behaviour = behaviours.get(path) ?? ((_, answer) => answer.writeHead(404).end())
    void behaviour(request, response, requests.filter((each) => each.path === path).length)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    requests,
    serve(path, behaviour) {
      behaviours.set(path, behaviour)
      return `${origin}${path}`
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

export interface FileManners {
  etag?: string
  /** Cuts the connection after so many bytes of the body, for the first requests in turn. */
  cuts?: readonly number[]
  /** As if it could not give parts. */
  ignoresRange?: boolean
  /** Milliseconds between pieces of `pieceSize` bytes. */
  pause?: number
  pieceSize?: number
  /** Says nothing of the length. */
  chunked?: boolean
  type?: string
}

/** Serves bytes as HTTP wants it, but for what `manners` says. */
export function file(bytes: Uint8Array, manners: FileManners = {}): Behaviour {
  const { etag, cuts = [], ignoresRange = false, chunked = false, type } = manners
  const { pause = 0, pieceSize = 64 * 1024 } = manners
  return async (request, response, count) => {
    const from = ignoresRange ? 0 : partAsked(request, etag)
    if (from >= bytes.byteLength && from > 0) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.byteLength}` }).end()
      return
    }
    const body = bytes.subarray(from)
    response.writeHead(from > 0 ? 206 : 200, {
      ...(etag && { etag }),
      ...(type && { 'content-type': type }),
      ...(!chunked && { 'content-length': body.byteLength }),
      ...(from > 0 && {
        'content-range': `bytes ${from}-${bytes.byteLength - 1}/${bytes.byteLength}`,
      }),
    })
    const end = cuts[count - 1] ?? body.byteLength
    for (let at = 0; at < end; at += pieceSize) {
      if (response.destroyed) return
      await write(response, body.subarray(at, Math.min(end, at + pieceSize)))
      if (pause > 0) await sleep(pause)
    }
    if (end === body.byteLength) {
      response.end()
      return
    }
    // What was sent shall arrive before the line breaks.
    await sleep(20)
    response.destroy()
  }
}

function partAsked({ headers }: IncomingMessage, etag: string | undefined): number {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  const condition = headers['if-range']
  return condition === undefined || condition === etag ? from : 0
}

const write = (response: ServerResponse, bytes: Uint8Array) =>
  new Promise<void>((written) => {
    response.write(bytes, () => written())
  })

/** Answers without a body. */
export const answer =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (_, response) =>
    response.writeHead(status, headers).end()

/** Behaves in one way for the first requests, then in another. */
export const first =
  (times: number, before: Behaviour, after: Behaviour): Behaviour =>
  (request, response, count) =>
    count <= times ? before(request, response, count) : after(request, response, count - times)

export const sha256Of = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')

/** Begins as ONNX files do: `ir_version` 8, then the graph, of 2 MB. */
const beginning = [0x08, 0x08, 0x3a, 0x80, 0x80, 0x80, 0x01]

/** Bytes that do not repeat, the same for the same seed; they begin as a model does. */
export function manyBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed
  for (let at = 0; at < length; at++) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    bytes[at] = beginning[at] ?? state >> 16
  }
  return bytes
}

/** For the environment of a test: whatever proxies this machine has, a server of the test needs none. */
export const withoutProxies: NodeJS.ProcessEnv = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'no_proxy']
    .flatMap((name) => [name, name.toUpperCase()])
    .map((name) => [name, undefined]),
)
