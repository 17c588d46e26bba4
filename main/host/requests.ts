import { messageOf, UserError } from '../../contract/errors.ts'
import type { Client } from '../../contract/protocol.ts'
import { pictureResponse, thumbnailResponse } from './media.ts'
import { sentencePage } from './responses.ts'
import { notFound, staticFile } from './staticFiles.ts'

export interface WindowRequestsOptions {
  engine: Client
  /** Where Vite built the window to. */
  rendererDirectory: string
  log: (line: string) => void
}

/**
 * Answers what a window loads, for the browser face and the desktop face alike: the window itself,
 * `/media/thumbnail/<id>` and `/media/picture/<id>`. It never throws. Who may ask is not decided here.
 */
export function createWindowRequests({ engine, rendererDirectory, log }: WindowRequestsOptions) {
  return async (request: Request): Promise<Response> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sentencePage(405, 'Only reading is possible here.')
    }
    const url = new URL(request.url)
    try {
      if (!url.pathname.startsWith('/media/')) {
        return await staticFile(rendererDirectory, url.pathname)
      }
      const [, kind, digits] = /^\/media\/(thumbnail|picture)\/(\d{1,15})$/.exec(url.pathname) ?? []
      if (kind === undefined) return notFound()
      const id = Number(digits)
      return kind === 'thumbnail'
        ? await thumbnailResponse(engine, id, url.searchParams.has('v'), request.signal)
        : await pictureResponse(engine, id, request.headers, request.signal)
    } catch (error) {
      if (request.signal.aborted) return sentencePage(499, 'The request was cancelled.')
      if (!(error instanceof UserError)) log(`${url.pathname}: ${messageOf(error)}`)
      return sentencePage(503, 'The photo cannot be shown right now: try again.')
    }
  }
}
