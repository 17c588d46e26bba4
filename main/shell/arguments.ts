import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { EngineOptions } from '../engine/hostCommands.ts'
import { defaultLibrary } from '../processes/defaultLibrary.ts'

export interface ShellArguments extends EngineOptions {
  /** A folder of photos to add, absolute. */
  folder: string | null
}

/**
 * Reads what Albumen was started with. `argv`: without the executable. `appPath`: where the app's
 * own code lies, which stands among the arguments while it is not packaged. Switches of Chromium
 * are passed over.
 */
export function readArguments(argv: string[], appPath: string, cwd: string): ShellArguments {
  const { values, positionals } = parseArgs({
    args: argv,
    options: {
      library: { type: 'string' },
      model: { type: 'string' },
      'any-architecture': { type: 'boolean' },
    },
    allowPositionals: true,
    strict: false,
  })
  const text = (value: string | boolean | undefined) => (typeof value === 'string' ? value : null)
  const library = text(values.library)
  const folder = positionals.find((path) => resolve(cwd, path) !== resolve(appPath))
  return {
    library: library === null ? defaultLibrary() : resolve(cwd, library),
    model: text(values.model),
    anyArchitecture: values['any-architecture'] === true,
    folder: folder === undefined ? null : resolve(cwd, folder),
  }
}
