/** An expected failure that a person can act on: the message is one sentence that says what to do. */
export class UserError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UserError'
    this.code = code
  }
}

/** The other side is gone: the call may or may not have been carried out. */
export class DisconnectedError extends Error {
  constructor(what: string) {
    super(`${what} stopped before it answered.`)
    this.name = 'DisconnectedError'
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** Ends a switch over a union: the compiler complains when a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`)
}
