// npm test: installs what is missing, checks, and runs every test; what cannot run says so.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildProcesses } from './build.mjs'
import { buildWindow, electronBinary, environment, install, root, run } from './lib.mjs'

install()
installChromium()
run('biome', ['check', '.'])
run('tsc', [])
buildWindow()
if (electronBinary()) await buildProcesses()
else
  console.warn(
    '\n*** No Electron binary: the tests of the desktop shell in a real Electron are skipped. ***\n',
  )
if (!existsSync(join(root, '..', 'shared'))) {
  console.warn(
    '\n*** ../shared is absent: the tests that need its photos and models are skipped. ***\n',
  )
}
run('vitest', ['run', ...process.argv.slice(2)])

/** The end-to-end tests need a browser: Debian's where we may install it. */
function installChromium() {
  if (process.env.CHROMIUM || has('chromium')) return
  if (process.platform === 'linux' && process.getuid?.() === 0 && has('apt-get')) {
    console.error('Installing Debian’s chromium for the end-to-end tests.')
    const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' }
    const apt = (...args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 2, 2] }).status
    if (apt('update', '-qq') === 0 && apt('install', '-y', '-qq', 'chromium') === 0) return
  }
  console.warn(
    '\n*** No Chromium: the end-to-end tests are skipped. Install it (Debian: apt-get install chromium), or set CHROMIUM to its path. ***\n',
  )
}

function has(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}
