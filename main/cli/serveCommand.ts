import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import openInBrowser from 'open'
import type { JobsStatus } from '../../contract/domain.ts'
import { messageOf } from '../../contract/errors.ts'
import { startEngine } from '../processes/node.ts'
import { startWebFace } from '../web/index.ts'
import type { CommonOptions } from './index.ts'
import { createStatusLine, jobsLine } from './statusLine.ts'
import { version } from './version.ts'

export interface ServeOptions extends CommonOptions {
  port: number
  open: boolean
}

/** Serves the window on this machine until Ctrl-C. */
export async function runServe(folders: string[], options: ServeOptions): Promise<void> {
  const line = createStatusLine(process.stderr)
  const { library, model, anyArchitecture } = options
  const engine = startEngine({ library, model, anyArchitecture }, line.log)
  const ended = Promise.withResolvers<void>()
  engine.onGivenUp(ended.reject)
  // An address of a library that cannot be opened would be of no use.
  await engine.client.call('jobs', {})
  const face = await Promise.race([
    startWebFace({
      engine: engine.client,
      rendererDirectory,
      port: options.port,
      version: version(),
      log: line.log,
    }),
    ended.promise,
  ])
  if (!face) return
  process.once('SIGINT', ended.resolve)
  process.once('SIGTERM', ended.resolve)
  try {
    for (const folder of folders) await engine.client.call('addFolder', { path: resolve(folder) })
    if (options.json) console.log(JSON.stringify({ url: face.url }))
    else console.log(`Albumen is open at ${face.url}`)
    // Not before: a line that changes must not stand where the address is printed.
    engine.client.on('jobs', (status) => line.show(jobsLine(status as JobsStatus)))
    if (options.open && hasDisplay()) {
      openInBrowser(face.url).catch((error: unknown) => {
        line.log(`The browser could not be opened (${messageOf(error)}): open the address above.`)
      })
    }
    await ended.promise
  } finally {
    line.end()
    await face.close()
    await engine.stop()
  }
}

/** `dist/renderer` of the project, seen from source and from the built app. */
const rendererDirectory = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/renderer' : '../../renderer',
    import.meta.url,
  ),
)

const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
