import { Html, html, measure } from './html.ts';

/** A cell: what is shown, and for numbers the value to sort by. */
type Cell = string | Html | { readonly shown: string | Html; readonly sort: number };

export interface Heading {
  readonly title: string;
  /** Label in front of the value when a narrow screen shows each row as several lines. */
  readonly short?: string;
  readonly numeric?: boolean;
}

/** A table that a small script makes sortable. The first column names the row. */
export function dataTable(
  caption: string,
  headings: readonly Heading[],
  rows: readonly (readonly Cell[])[],
): Html {
  return html`<table class="data"><caption class="unseen">${caption}</caption><thead><tr>${headings.map(
    ({ title, numeric }) => html`<th scope="col"${numeric ? html` class="n"` : ''}>${title}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (cells) => html`<tr>${cells.map((cell, i) => (i === 0 ? named(cell) : valued(cell, headings[i])))}</tr>
`,
  )}</tbody></table>`;
}

const named = (cell: Cell): Html => html`<th scope="row"${sortOf(cell)}>${shownOf(cell)}</th>`;

function valued(cell: Cell, heading: Heading | undefined): Html {
  const label = heading?.short ?? heading?.title ?? '';
  return html`<td${heading?.numeric ? html` class="n"` : ''} data-l="${label}"${sortOf(cell)}>${shownOf(cell)}</td>`;
}

const isPlain = (cell: Cell): cell is string | Html => typeof cell === 'string' || cell instanceof Html;
const shownOf = (cell: Cell) => (isPlain(cell) ? cell : cell.shown);
const sortOf = (cell: Cell) => (isPlain(cell) ? '' : html` data-n="${cell.sort}"`);

/** A cell that is sorted by the number and shows it formatted. */
export const numberCell = (n: number, show: (n: number) => string): Cell => ({
  shown: measure(show(n)),
  sort: n,
});
