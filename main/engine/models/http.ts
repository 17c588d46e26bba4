/** One request for the bytes of a file, from some offset on. */
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici'
import { messageOf, UserError } from '../../../contract/errors.ts'

/** Milliseconds. */
export interface Timeouts {
  connect: number
  /** Without one byte: while the answer is waited for, and while it comes. */
  silence: number
}

export interface FileRequest {
  /** With a name and a password in it, these are sent, to this origin alone. */
  url: string
  /** Bytes that are here already. */
  offset: number
  /** Of the file that they are from: the server sends all of the file when it has another now. */
  validator: string | null
}

export type FileAnswer =
  /** `from`: the offset asked for, or 0 where the server gives no parts or has another file now. */
  | { kind: 'bytes'; from: number; total: number | null; validator: string | null; body: Body }
  /** There is no such part: the file ends before, or the server is confused. */
  | { kind: 'no-such-part'; total: number | null }

type Body = AsyncIterable<Uint8Array>

/** The line broke, or the server is in trouble: another try may help. */
export class LostConnection extends Error {
  /** Milliseconds that the server asks us to wait. */
  readonly retryAfter: number

  constructor(reason: string, retryAfter = 0) {
    super(reason)
    this.retryAfter = retryAfter
  }
}

/** huggingface.co sends on twice. */
const REDIRECTS = 5
const redirects = new Set([301, 302, 303, 307, 308])
const passing = new Set([408, 425, 429, 500, 502, 503, 504])

/**
 * Goes through the proxies of HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Plain http is asked of a proxy,
 * not tunnelled: many allow tunnels to port 443 only. Throws UserError for a proxy that is no address.
 */
export function createDispatcher({ connect, silence }: Timeouts): Dispatcher {
  try {
    return new EnvHttpProxyAgent({
      connect: { timeout: connect },
      headersTimeout: silence,
      bodyTimeout: silence,
      proxyTunnel: false,
    })
  } catch (error) {
    throw proxyRefusal(messageOf(error))
  }
}

/** An address as it may be shown and stored. */
export function withoutCredentials(address: string): string {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return url.href
}

/** Basic authentication, https://www.rfc-editor.org/rfc/rfc7617; `null` for an address without. */
function authorizationOf({ username, password, host }: URL): string | null {
  if (username === '' && password === '') return null
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return `Basic ${Buffer.from(credentials).toString('base64')}`
  } catch {
    throw new UserError(
      'bad-address',
      `The name or the password in the address at ${host} has a “%” that stands for nothing: write it as %25.`,
    )
  }
}

/**
 * Asks for a file and follows the server to where it lies. Throws LostConnection where another try
 * may help, UserError where it will not.
 */
export async function requestFile(
  wanted: FileRequest,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<FileAnswer> {
  const { origin, host } = new URL(wanted.url)
  const authorization = authorizationOf(new URL(wanted.url))
  let url = new URL(withoutCredentials(wanted.url))
  for (let hops = 0; ; hops++) {
    const trusted = url.origin === origin && authorization !== null
    const headers = { ...headersOf(wanted), ...(trusted && { authorization }) }
    const response = await orLost(request(url, { dispatcher, signal, headers }), url.host, signal)
    const { statusCode, body } = response
    // Whoever reads it hears of errors by reading; when the line is closed, nobody may be reading.
    body.on('error', () => {})
    if (!redirects.has(statusCode)) return readAnswer(url, wanted, response, signal)
    await body.dump().catch(() => {})
    if (hops === REDIRECTS) {
      throw new UserError(
        'download-redirects',
        `${host} sends on from one address to the next without an end: check the address.`,
      )
    }
    url = nextAddress(url, one(response.headers.location))
  }
}

function headersOf({ offset, validator }: FileRequest): Record<string, string> {
  return {
    'user-agent': 'Albumen',
    // Offsets count the bytes of the file, not of a compressed form of it.
    'accept-encoding': 'identity',
    ...(offset > 0 && { range: `bytes=${offset}-` }),
    ...(offset > 0 && validator !== null && { 'if-range': validator }),
  }
}

function nextAddress(from: URL, location: string | undefined): URL {
  const to = URL.canParse(location ?? '', from.href) ? new URL(location ?? '', from.href) : null
  if (!to || !/^https?:$/.test(to.protocol)) {
    throw new UserError(
      'download-redirects',
      `${from.host} sends on to an address that is none: check the address.`,
    )
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new UserError(
      'download-insecure',
      `${from.host} sends on to ${to.host} without encryption, where anybody on the way could change the file: get it from another place.`,
    )
  }
  return to
}

async function readAnswer(
  url: URL,
  { offset }: FileRequest,
  { statusCode, headers, body }: Dispatcher.ResponseData,
  signal: AbortSignal,
): Promise<FileAnswer> {
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(one(headers['content-range']) ?? '')
  const rangeTotal = range?.[2] === undefined || range[2] === '*' ? null : Number(range[2])
  if ((statusCode === 200 || statusCode === 206) && isWebPage(headers)) {
    await body.dump().catch(() => {})
    throw webPage(url)
  }
  if (statusCode === 200) {
    const length = one(headers['content-length'])
    const total = length === undefined ? null : Number(length)
    return {
      ...{ kind: 'bytes', from: 0, total, validator: validatorOf(headers) },
      body: orLostBytes(body, url.host, signal),
    }
  }
  if (statusCode === 206 && Number(range?.[1]) === offset) {
    return {
      ...{ kind: 'bytes', from: offset, total: rangeTotal, validator: validatorOf(headers) },
      body: orLostBytes(body, url.host, signal),
    }
  }
  await body.dump().catch(() => {})
  if (statusCode === 206 || statusCode === 416) return { kind: 'no-such-part', total: rangeTotal }
  throw refusal(url, statusCode, one(headers['retry-after']))
}

const isWebPage = (headers: Dispatcher.ResponseData['headers']): boolean =>
  /^(?:text\/html|application\/xhtml\+xml)\b/i.test(one(headers['content-type']) ?? '')

const webPage = ({ host }: URL) =>
  new UserError(
    'download-web-page',
    `A web page comes from ${host} in place of the model, such as the page on which a network wants you to sign in: see with a browser, sign in, and get the model again, or check the address.`,
  )

/** Only a strong one says that the bytes are the same: RFC 9110, 13.1.5. */
function validatorOf(headers: Dispatcher.ResponseData['headers']): string | null {
  const tag = one(headers.etag)
  return tag !== undefined && !tag.startsWith('W/') ? tag : (one(headers['last-modified']) ?? null)
}

function refusal(url: URL, status: number, retryAfter: string | undefined) {
  const { host, origin, pathname } = url
  if (passing.has(status)) {
    return new LostConnection(`${host} answers ${status}`, 1000 * (Number(retryAfter) || 0))
  }
  if (status === 404 || status === 410) {
    return new UserError(
      'download-missing',
      `There is no file at ${origin}${pathname} (${status}): check the address, or update Albumen.`,
    )
  }
  // Network authentication required: https://www.rfc-editor.org/rfc/rfc6585#section-6
  if (status === 511) return webPage(url)
  if (status === 401) {
    return new UserError(
      'download-password',
      `${host} asks for a name and a password (401): write them into the address, as in https://name:password@${host}, or get the file with a browser and add it from disk.`,
    )
  }
  if (status === 407) return proxyRefusal('it asks for a password')
  return new UserError(
    'download-refused',
    `${host} does not give the file out (${status}): get it with a browser and add it from disk.`,
  )
}

const proxyRefusal = (reason: string) =>
  new UserError(
    'download-proxy',
    `The proxy does not let the request pass (${reason}): correct HTTPS_PROXY or HTTP_PROXY, such as http://name:password@proxy.example:3128, and start Albumen again.`,
  )

const badCertificates = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

async function orLost<Value>(asked: Promise<Value>, host: string, signal: AbortSignal) {
  try {
    return await asked
  } catch (error) {
    throw meaningOf(error, host, signal)
  }
}

async function* orLostBytes(body: Body, host: string, signal: AbortSignal): Body {
  try {
    yield* body
  } catch (error) {
    throw meaningOf(error, host, signal)
  }
}

function meaningOf(error: unknown, host: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  const code = String((error as NodeJS.ErrnoException).code)
  const message = messageOf(error)
  if (/^Proxy response|^Proxy Auth/.test(message)) return proxyRefusal(message)
  if (badCertificates.has(code)) {
    return new UserError(
      'download-certificate',
      `${host} cannot prove that it is ${host} (${message}): check the clock of this computer; behind a proxy that opens connections, name its certificate in NODE_EXTRA_CA_CERTS.`,
    )
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new LostConnection(`the name ${host} is not known here`)
  }
  if (/^UND_ERR_.*TIMEOUT$/.test(code)) return new LostConnection(`${host} does not answer`)
  return new LostConnection(message || code)
}

const one = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header
