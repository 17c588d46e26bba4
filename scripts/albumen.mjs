#!/usr/bin/env node
// The command line from source: under the Node that the project brings, whichever starts this.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
// By name it could not even be imported before Node 22.
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

const NEEDED_MAJOR = 24
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

/** For names that are no text, which Node cannot hand on as arguments. */
function commandLine() {
  if (process.platform !== 'linux' || !process.argv.some((arg) => /\ufffd/.test(arg))) return {}
  return { ALBUMEN_COMMAND_LINE: readFileSync('/proc/self/cmdline').toString('base64') }
}

if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
  nodeModule.enableCompileCache()
  await import('../main/cli/index.ts')
} else {
  const node = path(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`)
  if (!existsSync(node)) {
    console.error('albumen: run "npm ci" in the folder of Albumen first.')
    process.exit(1)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ...commandLine() },
  })
  // Ctrl-C reaches the child by itself: this process only waits for it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}
