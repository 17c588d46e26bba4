/**
 * Names that every file system takes, whichever wrote them first.
 * Rules: https://learn.microsoft.com/windows/win32/fileio/naming-a-file, which are the narrowest.
 */
import { extname } from 'node:path'
import { withoutStandIns } from '../../rpc/pathText.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is forbidden
const FORBIDDEN = /[<>:"/\\|?*\u0000-\u001f\u007f]/g
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i
/** What ext4 and APFS take; NTFS and exFAT count UTF-16 units, of which there are never more. */
const MOST_BYTES = 255
const MOST_FOLDER_BYTES = 120

/** `name` itself wherever it is safe already. */
export function safeFileName(name: string): string {
  const plain = withoutStandIns(name)
    .toWellFormed()
    .replace(FORBIDDEN, '_')
    .replace(/[. ]+$/, '')
  return clip(plain.replace(RESERVED, '$1_') || '_', MOST_BYTES)
}

/** A folder named after a tag: never hidden, never `.` or `..`. */
export function safeFolderName(tag: string): string {
  const shown = tag.normalize('NFC').trim().replace(/^\.+/, '_')
  return clip(safeFileName(shown), MOST_FOLDER_BYTES, '').replace(/[. ]+$/, '')
}

/** Equal for names that some file system takes for one: case and Unicode normalisation aside. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase()
}

/** `a.jpg` and 2: `a (2).jpg`. `count` 1 is the name itself. */
export function numberedFile(name: string, count: number): string {
  if (count === 1) return name
  const extension = extname(name)
  const stem = name.slice(0, name.length - extension.length)
  const suffix = ` (${count})${extension}`
  return clip(stem, MOST_BYTES - Buffer.byteLength(suffix), '') + suffix
}

export function numberedFolder(name: string, count: number): string {
  return count === 1 ? name : `${name} (${count})`
}

/** Shortens to `most` bytes of UTF-8 between characters, keeping the extension. */
function clip(name: string, most: number, extension = extname(name)): string {
  if (Buffer.byteLength(name) <= most) return name
  const kept = Buffer.byteLength(extension) < most / 2 ? extension : ''
  const room = most - Buffer.byteLength(kept)
  let stem = ''
  let bytes = 0
  for (const character of name.slice(0, name.length - kept.length)) {
    bytes += Buffer.byteLength(character)
    if (bytes > room) break
    stem += character
  }
  return stem + kept
}
