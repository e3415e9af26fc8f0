import { changeText, type PreviousRun, tableDifferences } from '../pipeline/run/previous-run.ts';
import type { Report } from '../pipeline/run/report.ts';
import { byteSize, count, counted, duration } from '../pipeline/text/measures.ts';
import { dataTable, numberCell } from './data-table.ts';
import { type Html, html, moment } from './html.ts';
import { link } from './page.ts';

/** More are listed only in report.json. */
const MOST_LISTED = 50;

/** The differences to the run before. @param href the report of that run, if it can be linked to */
export function previousSection(report: Report, previous: PreviousRun, href: string | undefined): Html {
  const name = html`<code>${previous.run}</code>`;
  const figures: readonly (readonly [string, number, number, (n: number) => string])[] = [
    ['items', previous.items, report.items, count],
    ['rows', previous.rows, report.rows, count],
    ['set aside', previous.rejects, report.rejects, count],
    ['in S3', previous.bytes, report.bytes, byteSize],
    ['read units', previous.readUnits, report.readUnits, count],
    ['took', previous.seconds, report.seconds, duration],
  ];
  const changed = tableDifferences(report, previous);
  const same = report.tables.length - changed.filter(({ now }) => now !== undefined).length;
  return html`<p>Compared with run ${href === undefined ? name : link(href, name)}, planned ${moment(previous.plannedAt)}.</p>
${dataTable(
  'This run and the run before',
  headings('Figure'),
  figures.map(([figure, before, now, show]) => [
    figure,
    numberCell(before, show),
    numberCell(now, show),
    { shown: changeText(before, now), sort: now - before },
  ]),
)}${
  report.tables.length === 0
    ? ''
    : changed.length === 0
      ? html`<p>Every table has as many rows as before.</p>`
      : html`<h3>Rows by table <span>${counted(same, 'table')} without a change</span></h3>${dataTable(
          'Rows of this run and the run before, by table',
          headings('Table'),
          changed.slice(0, MOST_LISTED).map(({ table, before, now }) => [
            html`<code>${table}</code>`,
            before === undefined ? { shown: '–', sort: -1 } : numberCell(before, count),
            now === undefined ? { shown: '–', sort: -1 } : numberCell(now, count),
            {
              shown: before === undefined ? 'new' : now === undefined ? 'gone' : changeText(before, now),
              sort: (now ?? 0) - (before ?? 0),
            },
          ]),
        )}${changed.length > MOST_LISTED ? html`<p>${count(changed.length - MOST_LISTED)} more changed.</p>` : ''}`
}`;
}

const headings = (first: string) => [
  { title: first },
  { title: 'Before', short: 'before', numeric: true },
  { title: 'Now', short: 'now', numeric: true },
  { title: 'Change', short: '', numeric: true },
];
