import type { Report } from '../pipeline/run/report.ts';
import { count, counted } from '../pipeline/text/measures.ts';
import { type Html, html } from './html.ts';

/** More are listed only in report.json. */
const MOST_LISTED = 200;

/** What the run changed in the agreed schema. */
export function driftSection({ drift }: { readonly drift: NonNullable<Report['drift']> }): Html {
  const { first, newTables, newColumns, widened, retyped, renamed, gone } = drift;
  const lists = [
    list(
      'New tables',
      newTables.map(
        ({ table, path, because }) =>
          html`<code>${table}</code> <span>from <code>${path}</code>${cause(because)}</span>`,
      ),
    ),
    list(
      'New columns',
      newColumns.map(
        ({ table, column, type, because }) =>
          html`<code>${table}.${column}</code> <span>${type}${cause(because)}</span>`,
      ),
    ),
    list(
      'Wider columns',
      widened.map(
        ({ table, column, from, to, because }) =>
          html`<code>${table}.${column}</code> <span>${from} <span aria-label="to">→</span> ${to}${cause(because)}</span>`,
      ),
    ),
    list(
      'Changed types',
      retyped.map(
        ({ table, column, from, to, because }) =>
          html`<code>${table}.${column}</code> <span>${from} <span aria-label="to">→</span> ${to}${cause(because)}</span>`,
      ),
    ),
    list(
      'Renamed by the mapping',
      renamed.map(
        ({ from, to }) => html`<code>${from}</code> <span aria-label="is now">→</span> <code>${to}</code>`,
      ),
    ),
    list(
      'Columns without a value',
      gone.map(
        ({ table, column, runs }) =>
          html`<code>${table}.${column}</code> <span>${runs === 1 ? 'in this run' : `in the last ${count(runs)} runs`}</span>`,
      ),
    ),
  ].filter((each) => each !== undefined);
  if (lists.length > 0) return html`<div class="drift">${lists}</div>`;
  return first
    ? html`<p>This is the pipeline’s first schema, so there is nothing to compare it with.</p>`
    : html`<p>Nothing is new, wider or gone: the data fits the agreed schema, revision ${count(drift.revision)}.</p>`;
}

const cause = (item: string | undefined) => (item === undefined ? '' : html` because of ${item}`);

function list(title: string, entries: readonly Html[]): Html | undefined {
  if (entries.length === 0) return undefined;
  const shown = entries.slice(0, MOST_LISTED);
  const more = entries.length - shown.length;
  const body = html`<ul>${shown.map((each) => html`<li>${each}</li>`)}</ul>${more === 0 ? '' : html`<p>${counted(more, 'more is', 'more are')} in report.json.</p>`}`;
  return entries.length <= 12
    ? html`<section><h3>${title} <span>${count(entries.length)}</span></h3>${body}</section>`
    : html`<details open><summary>${title} <span>${count(entries.length)}</span></summary>${body}</details>`;
}
