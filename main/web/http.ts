/** Between node:http and the Request and Response that faces share. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** `origin`: of this server. The body is left out: nothing here reads one. */
export function toRequest(incoming: IncomingMessage, origin: string, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return new Request(origin + incoming.url, { method: incoming.method ?? 'GET', headers, signal })
}

/** Resolves when everything is sent or the visitor is gone. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null || outgoing.req.method === 'HEAD') {
    await response.body?.cancel()
    outgoing.end()
    return
  }
  try {
    // The stream classes of node:stream/web and of the DOM library differ in type only.
    await pipeline(Readable.fromWeb(response.body as never), outgoing)
  } catch {
    // The visitor left, or the file broke off: the length that was announced tells them.
    outgoing.destroy()
  }
}
