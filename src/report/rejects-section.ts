import type { Report } from '../pipeline/run/report.ts';
import { count, counted } from '../pipeline/text/measures.ts';
import { dataTable, numberCell } from './data-table.ts';
import { type Html, html } from './html.ts';

/** Items that cannot be written exactly, counted by reason. */
export function rejectsSection({ rejects, rejectReasons, directory }: Report): Html {
  const reasons = Object.entries(rejectReasons).sort((a, b) => b[1] - a[1]);
  return html`<p>${counted(rejects, 'item')} could not be written exactly and ${rejects === 1 ? 'was' : 'were'} set aside, complete and with the key, in <code>${directory}rejects/</code>.</p>
${dataTable(
  'Items set aside by reason',
  [{ title: 'Reason' }, { title: 'Items', short: 'items', numeric: true }],
  reasons.map(([reason, items]) => [reason, numberCell(items, count)]),
)}`;
}
