// What the scripts share. Plain JavaScript without dependencies: it runs before anything is installed,
// under whichever Node started it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const binaries = join(modules, '.bin')
const windows = process.platform === 'win32'

/** The Node that the project brings: better-sqlite3 needs a newer one than many systems have. */
export const node = join(modules, 'node', 'bin', windows ? 'node.exe' : 'node')

export const environment = {
  ...process.env,
  PATH: `${binaries}${windows ? ';' : ':'}${process.env.PATH ?? ''}`,
}

/** Runs a command in the project and ends this process when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    env: environment,
    stdio: 'inherit',
    shell: windows,
    ...options,
  })
  if (result.error) {
    console.error(`albumen: ${command} cannot be run: ${result.error.message}`)
    process.exit(1)
  }
  if (result.status !== 0) process.exit(result.status ?? 1)
}

/** Installs the packages that package-lock.json names, where that was not done yet. */
export function install() {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  const wanted = lock.digest('hex')
  const stamp = join(modules, '.albumen-installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node)) return
  console.error('Albumen installs its packages first; that takes a minute.')
  const quiet = { stdio: ['ignore', 2, 2] }
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], quiet)
  run('npm', ['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'], quiet)
  writeFileSync(stamp, wanted)
}

function newest(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

/** Whether `output` is missing or older than any of `sources`; paths relative to the project. */
export function isStale(output, sources) {
  const path = join(root, output)
  if (!existsSync(path)) return true
  const made = statSync(path).mtimeMs
  return sources.some(
    (source) => existsSync(join(root, source)) && newest(join(root, source)) > made,
  )
}

/** Builds the window, where it changed. */
export function buildWindow() {
  const sources = ['renderer', 'contract', 'vite.config.ts', 'package-lock.json']
  if (!isStale('dist/renderer/index.html', sources)) return
  run(node, [join(modules, 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'], {
    stdio: ['ignore', 2, 2],
    shell: false,
  })
}

/** Path of Electron's binary; `null` where it is not installed. */
export function electronBinary() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const folder = override ?? join(modules, 'electron', 'dist')
  const names = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }
  const path = join(folder, names[process.platform] ?? 'electron')
  return existsSync(path) ? path : null
}
