import type { UnreadableCode } from '../rpc/visionCommands.ts'

/** A file that cannot be looked at, for a reason that is known. `message`: a sentence for a person. */
export class UnreadableError extends Error {
  readonly code: UnreadableCode

  constructor(code: UnreadableCode, message: string) {
    super(message)
    this.code = code
  }
}
