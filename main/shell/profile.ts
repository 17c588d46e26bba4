import { accessSync, constants, existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Makes the folder of Chromium's own files, and with them the lock against a second start: they belong
 * to one library and lie in it. Where nothing may be written to a library that is there, it is
 * a passing one. Throws where a new library cannot be made.
 */
export function makeProfile(library: string): string {
  const profile = join(library, 'desktop')
  try {
    mkdirSync(profile, { recursive: true })
    accessSync(profile, constants.W_OK)
    return profile
  } catch (error) {
    if (!existsSync(library)) throw error
    return mkdtempSync(join(tmpdir(), 'albumen-profile-'))
  }
}
