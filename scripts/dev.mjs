// npm run dev [-- folder] [options of serve]: the window from Vite, which shows every change at once,
// in front of an engine that starts again whenever its code changes.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { environment, install, node, root } from './lib.mjs'

install()
const { createServer } = await import('vite')

const library = join(root, '.dev', 'library')
const watched = ['main', 'contract', 'models'].flatMap((folder) => ['--watch-path', folder])
const face = spawn(
  node,
  [
    ...watched,
    '--watch-preserve-output',
    join('scripts', 'albumen.mjs'),
    ...['serve', '--json', '--no-open', '--library', library],
    ...process.argv.slice(2),
  ],
  { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'inherit'] },
)

/** Vite in front of a face. The face trusts its own origin alone: what Vite passes on looks so. */
async function startVite(url) {
  const answer = await fetch(url, { redirect: 'manual' })
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const target = new URL(url).origin
  const toFace = { target, ws: true, changeOrigin: true, headers: { cookie, origin: target } }
  const server = await createServer({
    root: join(root, 'renderer'),
    configFile: join(root, 'vite.config.ts'),
    server: { port: 4610, proxy: { '/rpc': toFace, '/media': toFace } },
  })
  await server.listen()
  server.printUrls()
  return server
}

let vite = null
for await (const line of createInterface({ input: face.stdout })) {
  // Node's own "Restarting" comes on the same way.
  if (!line.startsWith('{')) continue
  // Each start of the face has a token of its own.
  await vite?.close()
  vite = await startVite(JSON.parse(line).url)
}
await vite?.close()
