import { SORT_SCRIPT } from './sort-script.ts';

/**
 * The search field, which is hidden without this script, and the tables that links lead to. It only hides and shows
 * what is there. A table is found by its name and description, or by a column of it.
 */
export const CATALOGUE_SCRIPT = `const find = document.querySelector('#find');
const field = document.querySelector('#find input');
const found = document.querySelector('#find output');
const sections = [...document.querySelectorAll('main > section')].map((section) => ({
  section,
  entries: [...section.querySelectorAll('details.entry')].map((entry) => ({
    entry,
    head: entry.querySelector('.about').textContent.toLowerCase(),
    rows: [...entry.querySelectorAll('tbody tr')].map((row) => ({ row, text: row.textContent.toLowerCase() })),
  })),
  others: section.querySelectorAll('.beside'),
}));
const plural = (n, one) => n.toLocaleString('en-US') + ' ' + one + (n === 1 ? '' : 's');
function look() {
  const words = field.value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
  const searching = words.length > 0;
  let tables = 0;
  let columns = 0;
  for (const { section, entries, others } of sections) {
    let shown = 0;
    for (const { entry, head, rows } of entries) {
      const all = words.every((word) => head.includes(word));
      let hits = 0;
      for (const { row, text } of rows) {
        const hit = words.every((word) => text.includes(word) || head.includes(word));
        const own = hit && words.some((word) => text.includes(word));
        row.hidden = searching && !all && !own;
        if (own) hits++;
      }
      entry.hidden = searching && !all && hits === 0;
      if (searching) entry.open = hits > 0 && !entry.hidden;
      if (entry.hidden) continue;
      shown++;
      columns += hits;
    }
    tables += shown;
    section.hidden = searching && shown === 0;
    for (const other of others) other.hidden = searching;
  }
  found.textContent = searching ? plural(tables, 'table') + ', ' + plural(columns, 'column') : '';
}
find.hidden = false;
field.addEventListener('input', look);
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target === field || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  field.focus();
});
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.matches('details.entry')) target.open = true;
}
addEventListener('hashchange', unfold);
unfold();
${SORT_SCRIPT}`;
