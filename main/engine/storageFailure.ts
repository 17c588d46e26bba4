import { UserError } from '../../contract/errors.ts'

/**
 * What a disk or a database file refuses: `no-room` on it; `not-writable`; `file-too-large` for its
 * file system; `damaged` database; `in-use` by another process; `unreachable`: cannot be opened or is
 * gone; `failed`: the disk itself.
 */
export type StorageFailure =
  | 'no-room'
  | 'not-writable'
  | 'file-too-large'
  | 'damaged'
  | 'in-use'
  | 'unreachable'
  | 'failed'

/** Codes of SQLite (https://sqlite.org/rescode.html) and of the system. */
const failures: readonly (readonly [StorageFailure, RegExp])[] = [
  // The file that SQLite shares between connections cannot grow: the disk is full.
  ['no-room', /^(ENOSPC|EDQUOT|SQLITE_FULL|SQLITE_IOERR_SHMSIZE)$/],
  ['not-writable', /^(EACCES|EPERM|EROFS|SQLITE_READONLY.*|SQLITE_PERM)$/],
  ['file-too-large', /^EFBIG$/],
  ['damaged', /^SQLITE_(CORRUPT.*|NOTADB)$/],
  ['in-use', /^(EBUSY|ETXTBSY|SQLITE_(BUSY|LOCKED|PROTOCOL).*)$/],
  ['unreachable', /^(ENOENT|ENOTDIR|ENODEV|ENXIO|ESTALE|SQLITE_CANTOPEN.*)$/],
  ['failed', /^SQLITE_IOERR.*$/],
]

/** `null` for an error that storage has nothing to do with, and for one that is explained already. */
export function storageFailure(error: unknown): StorageFailure | null {
  if (error instanceof UserError || !(error instanceof Error)) return null
  const { code, syscall } = error as NodeJS.ErrnoException
  if (typeof code !== 'string') return null
  const [known] = failures.find(([, codes]) => codes.test(code)) ?? []
  return known ?? (syscall === undefined ? null : 'failed')
}

type Told = readonly [code: string, sentence: string]

/**
 * A failure of storage as a UserError in the words of whoever met it, each with what to do; another
 * error as it is.
 */
export function explainStorage(
  error: unknown,
  words: { [Failure in StorageFailure]?: Told } & { otherwise: Told },
): unknown {
  const failure = storageFailure(error)
  if (failure === null) return error
  const [code, sentence] = words[failure] ?? words.otherwise
  return new UserError(code, sentence, { cause: error })
}
