/** Files in a folder of their own, and what vision sees in them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LookOutcome } from '../../main/rpc/visionCommands.ts'
import { createVision } from '../../main/vision/vision.ts'

export type Seen = Extract<LookOutcome, { state: 'seen' }>

export interface PhotoFolder {
  path: string
  /** Gives back where it lies. */
  write(name: string, bytes: string | Uint8Array): string
  look(path: string): Promise<LookOutcome>
  /** Throws where the file cannot be read. */
  seen(path: string): Promise<Seen>
  remove(): void
}

export function createPhotoFolder(vision = createVision()): PhotoFolder {
  const folder = mkdtempSync(join(tmpdir(), 'albumen-photos-'))
  const look = (path: string) => vision.look({ path, classify: false })
  return {
    path: folder,
    write(name, bytes) {
      const path = join(folder, name)
      writeFileSync(path, bytes)
      return path
    },
    look,
    async seen(path) {
      const outcome = await look(path)
      if (outcome.state !== 'seen') throw new Error(`${path}: ${JSON.stringify(outcome)}`)
      return outcome
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
