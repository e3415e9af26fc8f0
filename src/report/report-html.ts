import { createHash } from 'node:crypto';
import { dictionaryHint, namesSetting } from '../pipeline/mapping/likely-dictionaries.ts';
import type { Report } from '../pipeline/run/report.ts';
import { hasDrift } from '../pipeline/schema/drift.ts';
import { withCommand } from '../pipeline/text/commands.ts';
import { ByteBudget } from './byte-budget.ts';
import { driftSection } from './drift-section.ts';
import { figures, headline, particulars, verdict } from './headline.ts';
import { Html, html, moment } from './html.ts';
import { phaseChart } from './phase-chart.ts';
import { rejectsSection } from './rejects-section.ts';
import { REPORT_STYLE } from './report-style.ts';
import { segmentsSection } from './segments-section.ts';
import { SORT_SCRIPT } from './sort-script.ts';
import { statementsSection } from './statements-section.ts';
import { tablesSection } from './tables-section.ts';

/** Limits of the fold-outs. The rest of a page with 1,000 segments and 300 tables is about 1 MB. */
const COLUMNS_BYTES = 350_000;
const SQL_BYTES = 350_000;

/** Nothing may be loaded, sent or framed. Only this style and this script are allowed. */
const POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(REPORT_STYLE)}'`,
  `script-src '${hashOf(SORT_SCRIPT)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * A run's report as one HTML file of less than 2 MB. It makes no request, works without its script, and escapes every
 * text from the data. For what is too large, the page refers to `report.json`.
 * @param asTyped writes commands as the reader types them. Default: as where the run was started
 */
export function reportHtml(report: Report, asTyped: AsTyped = asTypedAtStart(report)): string {
  return page(inCommandsOf(report, asTyped), asTyped);
}

/** Writes the commands of a text as an operator types them. */
type AsTyped = (text: string) => string;

/** As where the run was started. */
const asTypedAtStart =
  ({ command = 'tributary' }: Report): AsTyped =>
  (text) =>
    withCommand(text, command);

/** The messages of a report name commands, too. */
const inCommandsOf = (report: Report, asTyped: AsTyped): Report => ({
  ...report,
  ...(report.error && { error: { ...report.error, message: asTyped(report.error.message) } }),
  unfinished: report.unfinished.map((child) => ({
    ...child,
    ...(child.error === undefined ? {} : { error: asTyped(child.error) }),
  })),
  notes: report.notes.map(asTyped),
});

function page(report: Report, asTyped: AsTyped): string {
  const { drift, dictionaries, error } = report;
  const hint = namesSetting(error?.message, dictionaries) ? dictionaryHint(dictionaries) : undefined;
  const notes = report.notes.filter((note) => hint === undefined || !note.startsWith(hint));
  const sections: readonly (readonly [id: string, title: string, body: Html] | undefined)[] = [
    report.rejects === 0 ? undefined : ['aside', 'Set aside', rejectsSection(report)],
    ['phases', 'Phases', phaseChart(report)],
    ['tables', 'Tables', tablesSection(report, new ByteBudget(COLUMNS_BYTES))],
    drift === undefined
      ? undefined
      : [hasDrift(drift) ? 'drift' : 'schema', 'Schema', driftSection({ drift })],
    ['segments', 'Segments', segmentsSection(report)],
    ['statements', 'Statements', statementsSection(report, new ByteBudget(SQL_BYTES))],
    notes.length === 0
      ? undefined
      : ['notes', 'Notes', html`<ul class="plain">${notes.map((note) => html`<li>${note}</li>`)}</ul>`],
    ['run', 'Run', html`${particulars(report)}${sources}`],
  ];
  const shown = sections.filter((section) => section !== undefined);
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${report.pipeline} ${verdict(report).word}, run ${report.run}</title>
<style>${new Html(REPORT_STYLE)}</style>
</head>
<body>
<div class="page">
${headline(report, asTyped)}
${figures(report)}
<nav aria-label="Sections">${shown.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}</nav>
<main>
${shown.map(
  ([
    id,
    title,
    body,
  ]) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}</main>
<footer><p>Written by Tributary, ${moment(report.writtenAt)}. The same data: <code>report.json</code> in the same directory.</p></footer>
</div>
<script>${new Html(SORT_SCRIPT)}</script>
</body>
</html>
`.text;
}

const sources = html`<details><summary>Where the numbers come from</summary>
<dl class="sources">
<div><dt>items, read units, pages</dt><dd>reported by DynamoDB for each page of the scan, summed over the checkpoints</dd></div>
<div><dt>rows, bytes, files</dt><dd>of each upload to S3, from the sealed manifest; verification compared these rows with the warehouse</dd></div>
<div><dt>phases</dt><dd>by the workflow’s clock; if a phase was repeated, its last time</dd></div>
<div><dt>segments</dt><dd>start and end of each checkpoint, by the clock of the worker that wrote it</dd></div>
<div><dt>statements</dt><dd>durations and ids reported by the Data API and recorded by the activities; if the host of an activity died, its last ten seconds may be missing</dd></div>
</dl></details>`;

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
