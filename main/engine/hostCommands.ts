/** What the face that owns the engine may ask beyond what the window may: bytes and paths. */
import { z } from 'zod'
import type { Command } from '../../contract/commands.ts'
import type { PhotoId } from '../../contract/domain.ts'
import type { ModelChoice } from './tags/currentModel.ts'

const photo = z.object({
  id: z
    .number()
    .int()
    .positive()
    .transform((id) => id as PhotoId),
})

export type Picture =
  /** A file that a browser can show as it lies on disk. */
  | { kind: 'file'; path: string; mime: string }
  /** A picture made for showing, of a format that a browser cannot. */
  | { kind: 'bytes'; bytes: Uint8Array; mime: string }

const command = <Output>() => ({
  with: <Input extends z.ZodType>(input: Input): Command<Input, Output> => ({ input }),
})

export const hostQueries = {
  /** JPEG bytes; `null` while there is none. */
  thumbnail: command<Uint8Array | null>().with(photo),
  /** The photo in full, for the viewer; `null` when none of its files can be read. */
  picture: command<Picture | null>().with(photo),
  /** Where the machine gets its power from, as the system tells it. */
  power: command<null>().with(z.object({ onBattery: z.boolean() })),
  /** Where a file of the photo lies, for the file manager. */
  photoPath: command<string | null>().with(photo),
} as const

/** How the engine's process is started: one JSON argument. */
export interface EngineOptions extends ModelChoice {
  /** Folder of the library; made when missing. */
  library: string
}

/** What the engine wants a vision process for: to look at photos, or to try an execution provider. */
export type VisionRole = 'looking' | 'trying'
