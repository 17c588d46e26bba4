// npm start [-- folder] [--library dir] [--model id|file] [--port n] [--no-open] [--browser]
// Opens Albumen: in Electron where its binary is or can be had, else in the browser.
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildWindow, electronBinary, environment, install, isStale, node, root } from './lib.mjs'

const wanted = process.argv.slice(2)
const args = wanted.filter((arg) => arg !== '--browser')

install()
buildWindow()

/** Why Electron is not used; `null` when it is. */
function whyBrowser() {
  if (wanted.includes('--browser')) return 'you asked for it'
  if (wanted.includes('--port')) return 'a port was given'
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return 'this machine has no display'
  }
  if (electronBinary() ?? downloadElectron()) return null
  return 'the Electron binary is not installed and could not be downloaded'
}

function downloadElectron() {
  console.error('Albumen fetches Electron first; that takes a minute.')
  spawnSync(node, [join(root, 'node_modules', 'electron', 'install.js')], {
    cwd: root,
    env: environment,
    stdio: 'ignore',
    timeout: 300_000,
  })
  return electronBinary()
}

/** Runs Albumen until it ends; Ctrl-C reaches it by itself. */
function become(command, commandArgs) {
  const child = spawn(command, commandArgs, {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    env: environment,
    stdio: 'inherit',
  })
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}

const reason = whyBrowser()
if (reason === null) {
  console.error('Albumen opens in its own window (Electron).')
  if (isStale('dist/main/index.js', ['main', 'contract', 'preload', 'models'])) {
    const { buildProcesses } = await import('./build.mjs')
    await buildProcesses()
  }
  become(electronBinary(), [root, ...args.filter((arg) => arg !== '--no-open')])
} else {
  console.error(`Albumen opens in the browser: ${reason}.`)
  become(node, [join(root, 'scripts', 'albumen.mjs'), 'serve', ...args])
}
