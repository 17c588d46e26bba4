import { once } from 'node:events'
import { openable } from '../rpc/pathText.ts'

/** Prints a line for people and other programs: paths in it as their bytes are. */
export const print = (line: string): Promise<void> => write(openable(`${line}\n`))

/** Prints a value as a line of JSON. */
export const printJson = (value: unknown): Promise<void> => write(`${JSON.stringify(value)}\n`)

/** Waits when the reader is slower than we: a million lines do not pile up in memory. */
async function write(line: string | Buffer): Promise<void> {
  if (!process.stdout.write(line)) await once(process.stdout, 'drain')
}
