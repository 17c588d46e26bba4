import { UserError } from '../../../contract/errors.ts'

/** A row of a CSV of true classes. */
export interface LabelledPath {
  path: string
  word: string
  /** Where it stands in the file, from 1. */
  line: number
}

/** A cell and what ends it: quoted with doubled quotes inside, or plain. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/y

/**
 * Reads a CSV (RFC 4180; also with a byte order mark, or with LF alone) whose header names the
 * columns `path` and `class`, in any order and among others. `file` names it in errors. Throws
 * UserError, with the line, for a file that is none.
 */
export function readLabels(text: string, file: string): LabelledPath[] {
  const [header, ...rows] = csvRows(text, file)
  if (!header || rows.length === 0) {
    throw new UserError(
      'no-labels',
      `${file} lists no photos: give it a header "path,class" and a line for each photo.`,
    )
  }
  const columns = header.cells.map((cell) => cell.trim().toLowerCase())
  const [pathColumn, classColumn] = [columns.indexOf('path'), columns.indexOf('class')]
  if (pathColumn < 0 || classColumn < 0) {
    throw new UserError(
      'no-label-columns',
      `Line ${header.line} of ${file} must name the columns "path" and "class"; it reads "${header.cells.join(',').slice(0, 80)}".`,
    )
  }
  return rows.map(({ line, cells }) => {
    const path = cells[pathColumn] ?? ''
    const word = cells[classColumn]?.trim() ?? ''
    if (path !== '' && word !== '') return { path, word, line }
    throw new UserError(
      'incomplete-label',
      `Line ${line} of ${file} has no ${path === '' ? 'path' : 'class'}: complete or remove it.`,
    )
  })
}

/** Blank lines are none. */
function* csvRows(text: string, file: string): Generator<{ line: number; cells: string[] }> {
  let line = 1
  let row: { line: number; cells: string[] } = { line, cells: [] }
  CELL.lastIndex = text.startsWith('\ufeff') ? 1 : 0
  for (let end = false; !end; ) {
    const cell = CELL.exec(text)
    if (!cell) {
      throw new UserError(
        'bad-csv',
        `Line ${line} of ${file} has a quote that is not closed or stands inside a plain cell: put the cell into quotes and double those inside.`,
      )
    }
    const [all, quoted, plain = '', separator] = cell
    row.cells.push(quoted?.replaceAll('""', '"') ?? plain)
    line += all.split('\n').length - 1
    if (separator === ',') continue
    if (row.cells.length > 1 || row.cells[0] !== '') yield row
    row = { line, cells: [] }
    end = separator === ''
  }
}
