/** How a report looks, on a screen in light and dark and on paper. Colours as in the window. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#fffefd, #191817);
  --text: light-dark(#23201c, #e6e2dc);
  --soft: light-dark(#625d56, #a8a29a);
  --line: light-dark(#d9d5cf, #3a3734);
  --rule: light-dark(#23201c, #b9b3aa);
  --hover: light-dark(#f5f2ee, #242220);
  --right: light-dark(#4d7ea8, #6a9cc7);
  --wrong: light-dark(#c9824a, #c98550);
  --more: light-dark(#a9c6de, #3b5a75);
  --less: light-dark(#efd3bb, #6b452a);
  --mark: light-dark(#23201c, #f1ede7);
}
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--text); }
body {
  max-width: 66rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 3rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
.soft, figcaption, caption { color: var(--soft); }
figcaption, caption { font-size: .85rem; text-align: left; max-width: 46rem; }
caption { padding-bottom: .4rem; }
b { font-weight: 600; color: var(--text); }
code { font: .9em ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", monospace; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; min-width: 26rem; border-block: 1.5px solid var(--rule); }
th, td { padding: .3rem .6rem; text-align: left; vertical-align: top; white-space: nowrap; line-height: 1.35; }
th:first-child, td:first-child { padding-left: .2rem; }
td.wide, th.wide { white-space: normal; min-width: 9rem; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; }
thead th { border-bottom: 1px solid var(--rule); font-weight: 600; vertical-align: bottom; white-space: normal; }
tbody th { font-weight: 400; }
tbody tr:hover { background: var(--hover); }
th button { all: unset; cursor: pointer; }
th button:hover { text-decoration: underline; }
th button:focus-visible, summary:focus-visible { outline: 2px solid var(--right); outline-offset: 2px; }
th[aria-sort=ascending] button::after { content: " ↑"; }
th[aria-sort=descending] button::after { content: " ↓"; }
.below { color: var(--soft); font-size: .85em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: 1rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin: 1rem 0; }
figure { margin: 0; flex: 1 1 20rem; max-width: 28rem; }
.figures.wide figure { flex-basis: 100%; max-width: none; }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 11px; fill: var(--text); }
svg .tick { fill: var(--soft); }
svg .name { font-weight: 600; paint-order: stroke; stroke: var(--ground); stroke-width: 3px; stroke-linejoin: round; }
.grid { stroke: var(--line); stroke-width: .6; fill: none; }
.axis { stroke: var(--soft); fill: none; }
.whisker { stroke: var(--mark); stroke-width: 1; fill: none; opacity: .6; }
.point { fill: var(--right); }
.right { fill: var(--right); }
.wrong { fill: var(--wrong); }
.more { fill: var(--more); }
.less { fill: var(--less); }
.ideal { stroke: var(--mark); stroke-dasharray: 4 4; fill: none; }
.key { display: inline-block; width: .7em; height: .7em; margin-right: .3em; border-radius: 2px; }
.key.right { background: var(--right); }
.key.wrong { background: var(--wrong); }
.key.more { background: var(--more); }
.key.less { background: var(--less); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1.25rem 1rem; margin: 1rem 0; padding: 0; list-style: none; }
.cards figure { max-width: none; }
.images { display: flex; gap: 3px; height: 6.5rem; }
.images img { flex: 1 1 0; min-width: 0; height: 100%; object-fit: cover; border-radius: 4px; }
.cards figcaption { margin-top: .35rem; line-height: 1.35; overflow-wrap: anywhere; }
details { margin: 1rem 0; }
summary { cursor: pointer; font-weight: 600; }
ul { padding-left: 1.2rem; }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  table { font-size: 7.5pt; }
  th, td { padding: .15rem .35rem; }
  h2, h3, summary, caption { break-after: avoid; }
  figure, tr, dl, li { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  * { print-color-adjust: exact; }
}
`
