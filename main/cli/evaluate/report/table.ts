import { html, type Markup } from './markup.ts'

export interface Column<Row> {
  head: string
  /** `name` heads its row; `wide` may break its lines; numbers stand to the right. */
  kind: 'name' | 'number' | 'text' | 'wide'
  cell: (row: Row) => Markup | string | number
  /** What the column is sorted by, where it is not the cell's own text; `null` goes last. */
  value?: (row: Row) => number | null
}

/** A table that scrolls by itself where the page is narrow. */
export function table<Row>(
  caption: Markup,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { sortable = false } = {},
): Markup {
  const heads = columns.map(({ head, kind }) => html`<th scope="col" class="${kind}">${head}</th>`)
  return html`<div class="scroll" tabindex="0"><table class="${sortable ? 'sortable' : 'plain'}">
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${columns.map((column) => cellOf(column, row))}</tr>\n`)}</tbody>
</table></div>`
}

function cellOf<Row>({ kind, cell, value }: Column<Row>, row: Row): Markup {
  if (kind === 'name') return html`<th scope="row">${cell(row)}</th>`
  if (!value) return html`<td class="${kind}">${cell(row)}</td>`
  return html`<td class="${kind}" data-value="${value(row) ?? ''}">${cell(row)}</td>`
}
