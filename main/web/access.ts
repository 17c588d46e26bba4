/**
 * Who may use the browser face. Any page of the web can make a browser send requests to 127.0.0.1,
 * and a name of its own can be made to resolve there (DNS rebinding): so the Host must be ours, what
 * changes something or opens a socket must come from our Origin, and everything needs the cookie that
 * only the printed address gives.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export type Verdict =
  | { kind: 'allowed' }
  /** The token was right: set the cookie and send the visitor on. */
  | { kind: 'welcome'; cookie: string }
  | { kind: 'refused'; status: 401 | 403 | 421; sentence: string }

export interface Access {
  /** Part of the printed address. */
  token: string
  /** `url`: the request's target, such as `/?token=...`. */
  judge(method: string, url: string, headers: IncomingHttpHeaders): Verdict
  /** For opening a WebSocket. */
  judgeUpgrade(headers: IncomingHttpHeaders): Verdict
}

const refused = (status: 401 | 403 | 421, sentence: string): Verdict => ({
  kind: 'refused',
  status,
  sentence,
})
const strangeHost = refused(421, 'Albumen answers only at the address that it printed.')
const strangeOrigin = refused(403, 'Another page may not use Albumen.')
const noCookie = refused(401, 'To see your photos, open the address that Albumen printed.')

export function createAccess(port: number): Access {
  const token = randomBytes(32).toString('base64url')
  const session = randomBytes(32).toString('base64url')
  // Cookies do not tell ports apart: the name does, for several libraries open at once.
  const cookieName = `albumen-${port}`
  const origins = [`http://127.0.0.1:${port}`, `http://localhost:${port}`].map(
    (address) => new URL(address).origin,
  )
  const hosts = origins.map((origin) => new URL(origin).host)

  const judgeCookie = (headers: IncomingHttpHeaders): Verdict =>
    equal(cookieValue(headers.cookie ?? '', cookieName), session) ? { kind: 'allowed' } : noCookie
  const isOurs = (headers: IncomingHttpHeaders) =>
    headers.origin !== undefined && origins.includes(headers.origin)

  return {
    token,
    judge(method, url, headers) {
      if (!hosts.includes(headers.host ?? '')) return strangeHost
      const reads = method === 'GET' || method === 'HEAD'
      if (!reads && !isOurs(headers)) return strangeOrigin
      const { pathname, searchParams } = new URL(`http://albumen${url}`)
      if (reads && pathname === '/' && equal(searchParams.get('token'), token)) {
        const cookie = `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`
        return { kind: 'welcome', cookie }
      }
      return isForeignEmbedding(headers) ? strangeOrigin : judgeCookie(headers)
    },
    judgeUpgrade(headers) {
      if (!hosts.includes(headers.host ?? '')) return strangeHost
      return isOurs(headers) ? judgeCookie(headers) : strangeOrigin
    },
  }
}

/** Pages on other ports of this machine are "same site", so that they would get the cookie sent. */
const isForeignEmbedding = (headers: IncomingHttpHeaders) =>
  ['cross-site', 'same-site'].includes(String(headers['sec-fetch-site'])) &&
  headers['sec-fetch-mode'] !== 'navigate'

function cookieValue(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name) return value ?? null
  }
  return null
}

function equal(given: string | null, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)]
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}
