// Builds what Electron runs into dist/: bundles of the three processes, the preload and the window.
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildWindow, root } from './lib.mjs'

const path = (relative) => join(root, relative)

/** Each process's entry, and the threads they start, keep their place below dist. */
const entries = [
  'main/index',
  'main/engine/process',
  'main/vision/process',
  'main/vision/heicWorker',
  'main/engine/backup/thread',
  'main/cli/index',
]

export async function buildProcesses() {
  const { build } = await import('esbuild')
  rmSync(path('dist/main'), { recursive: true, force: true })
  const common = {
    bundle: true,
    platform: 'node',
    target: 'node24',
    // Packages stay packages: natives cannot be bundled, and licences stay with their code.
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  }
  await build({
    ...common,
    format: 'esm',
    entryPoints: Object.fromEntries(entries.map((entry) => [entry, path(`${entry}.ts`)])),
    outdir: path('dist'),
  })
  // Sandboxed preloads must be CommonJS and may require nothing but electron: bundled whole.
  await build({
    ...common,
    packages: 'bundle',
    external: ['electron'],
    format: 'cjs',
    entryPoints: [path('preload/index.ts')],
    outfile: path('dist/preload/index.cjs'),
  })
  if (existsSync(path('models/starter/starter.onnx'))) {
    mkdirSync(path('dist/models'), { recursive: true })
    cpSync(path('models/starter'), path('dist/models/starter'), { recursive: true })
  }
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  await buildProcesses()
  buildWindow()
}
