import { containersOf, levelsOf } from '../pipeline/item/path.ts';
import type { Report, ReportTable } from '../pipeline/run/report.ts';
import { byteSize, count, counted } from '../pipeline/text/measures.ts';
import type { ByteBudget } from './byte-budget.ts';
import { dataTable, type Heading, numberCell } from './data-table.ts';
import { type Html, html, measure, percent } from './html.ts';

/** If there are more tables than this, only the largest are visible at first. */
const MOST_IN_SIGHT = 16;
const LARGEST = 10;

const HEADINGS: readonly Heading[] = [
  { title: 'Table' },
  { title: 'Rows', short: 'rows', numeric: true },
  { title: 'In S3', short: 'in S3', numeric: true },
  { title: 'Uncompressed', short: 'uncompressed', numeric: true },
  { title: 'Ratio', short: 'ratio', numeric: true },
  { title: 'Columns', short: 'columns', numeric: true },
  { title: 'Files', short: 'files', numeric: true },
  { title: 'Layouts', short: 'layouts', numeric: true },
];

export function tablesSection({ tables }: Pick<Report, 'tables'>, budget: ByteBudget): Html {
  if (tables.length === 0)
    return html`<p>The run is not sealed yet. Its tables get their names at the seal.</p>`;
  const most = tables.reduce((rows, table) => Math.max(rows, table.rows), 0);
  const rows = tables.map((table) => [
    html`<code>${table.table}</code>`,
    { shown: html`${count(table.rows)}${share(table.rows, most)}`, sort: table.rows },
    numberCell(table.bytes, byteSize),
    numberCell(table.rawBytes, byteSize),
    numberCell(table.bytes === 0 ? 0 : table.rawBytes / table.bytes, (ratio) => ratio.toFixed(1)),
    numberCell(table.columns.length, count),
    numberCell(table.files, count),
    numberCell(table.layouts, count),
  ]);
  const many = tables.length > MOST_IN_SIGHT;
  const largest = tables
    .map((table, i) => ({ table, i }))
    .sort((a, b) => b.table.rows - a.table.rows || a.i - b.i)
    .slice(0, LARGEST)
    .map(({ i }) => rows[i] as (typeof rows)[number]);
  const all = dataTable('Tables', HEADINGS, rows);
  return html`${
    many
      ? html`<p>The ${LARGEST} with the most rows.</p>${dataTable('The largest tables', HEADINGS, largest)}
<details><summary>All ${counted(tables.length, 'table')}</summary>${all}</details>`
      : all
  }
<details><summary>The columns of ${tables.length === 1 ? 'the table' : `${counted(tables.length, 'table')}`}</summary>
<div class="folds">${tables.map((table) => columnsOf(table, budget))}</div></details>`;
}

const share = (rows: number, most: number) =>
  html`<svg class="share" width="100%" height="3" aria-hidden="true"><rect width="${percent(rows, most)}" height="3" rx="1.5"/></svg>`;

/** A lower bound of the bytes that one column takes in the page. */
const LEAST_COLUMN_BYTES = 250;

const COLUMN_HEADINGS: readonly Heading[] = [
  { title: 'Column' },
  { title: 'Type', short: '' },
  { title: 'From', short: 'from' },
  { title: 'Not NULL', short: 'not NULL', numeric: true },
];

const columnTable = (table: ReportTable): Html =>
  dataTable(
    `Columns of ${table.table}`,
    COLUMN_HEADINGS,
    table.columns.map(({ name, type, role, path, values }, i) => [
      html`<code>${name}</code>`,
      type,
      role === 'position' ? positionIn(table, i) : html`<code>${path}</code>`,
      {
        shown: html`${measure(shareText(values, table.rows))}${share(values, table.rows)}`,
        sort: values,
      },
    ]),
  );

/** What the position column at this index is, e.g. the position in `lines`. */
function positionIn({ path, columns }: ReportTable, index: number): Html {
  const level = columns.slice(0, index).filter(({ role }) => role === 'position').length;
  const what = levelsOf(path)[level] === 'entry' ? 'name of the entry of' : 'position in';
  return html`<em>${what}</em> <code>${containersOf(path)[level]}</code>`;
}

function columnsOf(table: ReportTable, budget: ByteBudget): Html {
  const columns = budget.afford(() => columnTable(table), table.columns.length * LEAST_COLUMN_BYTES);
  const title = html`<code>${table.table}</code> <span>${counted(table.columns.length, 'column')}</span>`;
  return columns === undefined
    ? html`<p class="unfolded">${title} <span>in report.json</span></p>`
    : html`<details><summary>${title}</summary>${columns}</details>`;
}

/** Rounded, but 0 % and 100 % only if they are exact. */
function shareText(values: number, rows: number): string {
  if (rows === 0) return '0';
  if (values === rows) return `${count(values)} (all)`;
  if (values === 0) return '0 (none)';
  const share = Math.min(99.9, Math.max(0.1, (values / rows) * 100));
  return `${count(values)} (${share.toFixed(1)} %)`;
}
