import type { CustomScheme } from 'electron'
import { notFound } from '../host/staticFiles.ts'

/** Of the one window. */
export const windowOrigin = 'albumen://app'
export const windowUrl = `${windowOrigin}/`

/** To be registered before the app is ready. */
export const scheme: CustomScheme = {
  scheme: 'albumen',
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
}

/** Node does not know our scheme as one with an origin, so that `URL.origin` says nothing. */
export const isOurs = (url: string): boolean =>
  URL.canParse(url) && new URL(url).protocol === 'albumen:' && new URL(url).host === 'app'

/** What Electron adds to a request: absent where the browser asks by itself, as for the first page. */
interface Initiated {
  initiatorOrigin?: string
}

/** Passes on to `answer` what our own window asks; everything else finds nothing. */
export const protocolHandler =
  (answer: (request: Request) => Promise<Response>) =>
  async (request: Request & Initiated): Promise<Response> => {
    const initiator = request.initiatorOrigin ?? windowOrigin
    return isOurs(request.url) && initiator === windowOrigin ? answer(request) : notFound()
  }
