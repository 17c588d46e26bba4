/** Photos as lines of text: CSV for spreadsheets, JSON lines for programs. */
import type { ExportPhoto } from './types.ts'

export interface TableFormat {
  /** Before the first photo. */
  head: string
  line(photo: ExportPhoto): string
}

const COLUMNS = [
  'path',
  'sha256',
  'taken',
  'size',
  'width',
  'height',
  'camera',
  'lens',
  'latitude',
  'longitude',
  'tags',
  'scores',
  'wnids',
]

/**
 * RFC 4180, UTF-8. With a byte order mark: without one Excel garbles every name outside ASCII, while
 * pandas and readr skip it. Texts that a spreadsheet would run as a formula get a leading
 * apostrophe (https://owasp.org/www-community/attacks/CSV_Injection): a camera's name comes out of
 * a file that anybody may have made. Who needs every text exactly takes JSON lines.
 * `tags`, `scores` and `wnids` hold equally many parts, separated by `; `, best tag first.
 */
export const csv: TableFormat = {
  head: `\ufeff${COLUMNS.join(',')}\r\n`,
  line(photo) {
    const { tags } = photo
    const cells = [
      text(photo.path),
      text(photo.sha256),
      text(photo.takenAt),
      number(photo.size),
      number(photo.width),
      number(photo.height),
      text(photo.camera),
      text(photo.lens),
      number(photo.latitude),
      number(photo.longitude),
      text(tags.map((tag) => tag.name).join('; ')),
      text(tags.map((tag) => number(tag.score)).join('; ')),
      text(tags.map((tag) => tag.wnid ?? '').join('; ')),
    ]
    return `${cells.join(',')}\r\n`
  },
}

const number = (value: number | null) => (value === null ? '' : String(value))

function text(value: string | null): string {
  if (value === null) return ''
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** The object that `albumen search --json` prints, and `sha256`. */
export const jsonLines: TableFormat = {
  head: '',
  line({ path, id, takenAt, width, height, camera, tags, sha256 }) {
    const shown = tags.map(({ name, wnid, score, source }) => ({ name, wnid, score, source }))
    return `${JSON.stringify({ path, id, takenAt, width, height, camera, tags: shown, sha256 })}\n`
  },
}
