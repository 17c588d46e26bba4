/** What runs in a report: tables sort by a column, and printing shows what is folded. */
export const script = `
'use strict'
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells]
  heads.forEach((head, column) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.append(...head.childNodes)
    head.append(button)
    button.addEventListener('click', () => {
      const descending = head.getAttribute('aria-sort') === 'ascending'
      for (const other of heads) other.removeAttribute('aria-sort')
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
      sort(table.tBodies[0], column, descending ? -1 : 1)
    })
  })
}
function sort(body, column, direction) {
  const text = (row) => row.cells[column].textContent
  const value = (row) => row.cells[column].dataset.value ?? text(row)
  const order = (a, b) => {
    const [left, right] = [value(a), value(b)]
    // A cell without a value stands last whichever way.
    if (left === '' || right === '') return (left === '') - (right === '')
    const numbers = [Number(left), Number(right)]
    const difference = numbers.some(Number.isNaN)
      ? left.localeCompare(right, 'en', { numeric: true })
      : numbers[0] - numbers[1]
    return direction * difference
  }
  body.append(...[...body.rows].sort(order))
}
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true
})
`
