/**
 * Paths as text, whatever their bytes are, and back. On Linux a name is any bytes, on Windows any
 * 16-bit units; Node gives U+FFFD for what is no UTF-8, and such a name opens nothing.
 *
 * Here a byte that is no part of UTF-8 is a character of the private use area: U+EF80 for 0x80 to
 * U+EFFF for 0xFF. A name that has such characters itself has each of their bytes written so: no
 * two names have the same text.
 */
import { dirname } from 'node:path'

const FIRST_BYTE = 0x80
const FIRST_STAND_IN = 0xef80
const STAND_IN = /[\uef80-\uefff]/
const STAND_INS = /([\uef80-\uefff]+)/
const SUSPICIOUS = /[\ufffd\uef80-\uefff]/

/** Whether a name that Node gave as text may not be what its bytes say. */
export const mayBeMangled = (name: string): boolean => SUSPICIOUS.test(name)

/** A path or a name, from its bytes. On Windows they are WTF-8. */
export function textOfPath(bytes: Buffer): string {
  const plain = bytes.toString()
  if (!mayBeMangled(plain)) return plain
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const end = at + lengthOfCharacter(bytes[at] ?? 0)
    const character = bytes.toString('utf8', at, end)
    const whole = Buffer.from(character).equals(bytes.subarray(at, end))
    if (whole && !STAND_IN.test(character)) {
      text += character
      at = end
    } else text += standIn(bytes[at++] ?? 0)
  }
  return text
}

/** What opens a path, for the functions of `node:fs`: the text itself wherever that will do. */
export function openable(path: string): string | Buffer {
  if (!STAND_IN.test(path)) return path
  return Buffer.concat(
    path.split(STAND_INS).map((part, index) => (index % 2 ? raw(part) : Buffer.from(part))),
  )
}

/** The path, or the nearest folder above it that is text throughout: for what takes no bytes. */
export function nearestText(path: string): string {
  return STAND_IN.test(path) ? nearestText(dirname(path)) : path
}

/** With U+FFFD in place of each stand-in, for names that must be text and nothing else. */
export const withoutStandIns = (path: string): string =>
  path.replace(new RegExp(STAND_IN, 'g'), '\ufffd')

/** By its first byte (RFC 3629, section 3). */
function lengthOfCharacter(first: number): number {
  if (first >= 0xf0) return 4
  if (first >= 0xe0) return 3
  return first >= 0xc0 ? 2 : 1
}

const standIn = (byte: number) => String.fromCharCode(byte - FIRST_BYTE + FIRST_STAND_IN)

const raw = (standIns: string) =>
  Buffer.from(Array.from(standIns, (each) => each.charCodeAt(0) - FIRST_STAND_IN + FIRST_BYTE))
