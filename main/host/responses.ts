/** The security headers of everything a window loads, over HTTP or the app's own protocol. */

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const securityHeaders: Record<string, string> = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | string | null

/** A response with the security headers, which `headers` cannot take away. */
export function respond(status: number, headers: Record<string, string>, body: Body): Response {
  return new Response(body, { status, headers: { ...headers, ...securityHeaders } })
}

/** A page of one sentence. `sentence` is ours, never a visitor's: it is not escaped. */
export function sentencePage(status: number, sentence: string): Response {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Albumen</title><p>${sentence}</p></html>\n`
  return respond(
    status,
    { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    page,
  )
}
