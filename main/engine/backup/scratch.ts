/** Copies of backups to check them on: a backup itself is never written to. */
import { chmodSync, constants, copyFileSync, existsSync, statSync } from 'node:fs'
import { UserError } from '../../../contract/errors.ts'
import { removeDatabase } from '../db/paths.ts'
import { freeBytes, megabytes } from '../disk.ts'

/** Throws UserError where the disk of a folder has no room for `bytes` more. */
export async function requireRoom(folder: string, bytes: number): Promise<void> {
  const available = await freeBytes(folder)
  if (available === null || bytes <= available) return
  throw new UserError(
    'no-room',
    `${megabytes(bytes)} are needed in ${folder}, which has ${megabytes(available)} left: make room there, or choose another folder.`,
  )
}

/** As a backup lies there, with what has not got into its main file yet or is to be taken back. */
export function takeScratchCopy(backup: string, scratch: string): void {
  removeDatabase(scratch)
  copyFileSync(backup, scratch, constants.COPYFILE_FICLONE)
  // It may lie on a disk for reading alone.
  chmodSync(scratch, statSync(scratch).mode | 0o600)
  for (const ending of ['-wal', '-journal']) {
    if (existsSync(backup + ending)) copyFileSync(backup + ending, scratch + ending)
  }
}
