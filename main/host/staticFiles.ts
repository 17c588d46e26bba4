import { readFile } from 'node:fs/promises'
import { extname, resolve, sep } from 'node:path'
import { respond, sentencePage } from './responses.ts'

const mimeTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/**
 * Answers with a file of the built window; `pathname` is a URL's, still percent-encoded.
 * Nothing outside `directory` can be named.
 */
export async function staticFile(directory: string, pathname: string): Promise<Response> {
  const path = fileInside(directory, pathname === '/' ? '/index.html' : pathname)
  const mime = path === null ? undefined : mimeTypes[extname(path)]
  if (path === null || mime === undefined) return notFound()
  try {
    const bytes = await readFile(path)
    // Vite puts the hash of the content into the names of what lies in assets/.
    const cache = pathname.startsWith('/assets/')
      ? 'private, max-age=31536000, immutable'
      : 'no-cache'
    const headers = { 'content-type': mime, 'cache-control': cache }
    return respond(200, { ...headers, 'content-length': String(bytes.byteLength) }, bytes)
  } catch {
    return notFound()
  }
}

export const notFound = () => sentencePage(404, 'There is nothing at this address.')

function fileInside(directory: string, pathname: string): string | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (/[\0\\:]/.test(decoded)) return null
  const root = resolve(directory)
  const path = resolve(root, `.${decoded.startsWith('/') ? '' : '/'}${decoded}`)
  return path.startsWith(root + sep) ? path : null
}
