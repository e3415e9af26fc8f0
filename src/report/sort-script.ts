/**
 * Turns the column titles of tables into buttons that sort. This is the page's only script, and the page is complete
 * without it. It moves rows and creates none, so no text is ever parsed as HTML.
 */
export const SORT_SCRIPT = `for (const table of document.querySelectorAll('table.data')) {
  const body = table.tBodies[0];
  if (body.rows.length < 3) continue;
  [...table.tHead.rows[0].cells].forEach((th, i) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...th.childNodes);
    th.append(button);
    button.addEventListener('click', () => {
      const down = th.ariaSort ? th.ariaSort === 'ascending' : th.classList.contains('n');
      for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
      th.ariaSort = down ? 'descending' : 'ascending';
      const value = (row) => row.cells[i].dataset.n ?? row.cells[i].textContent;
      const order = (a, b) => 'n' in a.cells[i].dataset ? value(a) - value(b) : value(a) < value(b) ? -1 : 1;
      for (const row of [...body.rows].sort((a, b) => down ? order(b, a) : order(a, b))) body.append(row);
    });
  });
}`;
